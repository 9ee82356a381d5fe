using EdgeGate.Access.Registers;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Tests.Passing;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Service.Tests.Registers;

public sealed class RegisterStoreTests : IDisposable
{
    private static readonly PersonKeys Keys = new(new byte[32]);
    private static readonly RegisterEntry One = TestLists.Entry(Keys, People.Number), Other = TestLists.Entry(Keys, People.OtherNumber, "3-2-101");

    private readonly TemporaryDirectory _data = new();
    private readonly RegisterStore _store;

    public RegisterStoreTests() => _store = new RegisterStore(_data["registers"]);

    public void Dispose() => _data.Dispose();

    private RegisterEdit Edit => new(_store, "residents", "guard-3", SealedReason: null, TestLists.Morning);

    private static RegisterEntry Numbered(int person, string unit = "1-1") => new(KeyOf(person), "测*", unit, PersonTerms.None);

    private static PersonKey KeyOf(int person)
    {
        Assert.True(PersonKey.TryParse(Keys.KeyOf("code", $"{person}"), out var key));
        return key;
    }

    [Fact]
    public void Without_any_file_a_list_is_missing_and_that_is_no_fault()
    {
        Assert.Empty(_store.Names);
        Assert.Null(_store.Load("residents").Register);
        Assert.Empty(_store.Load("residents").Faults);
    }

    [Fact]
    public void Small_changes_of_a_large_list_are_small_files_and_a_reader_takes_them_up_one_by_one()
    {
        var first = Edit.Put(before: null, PersonTable.Of(Enumerable.Range(0, 1000).Select(person => Numbered(person))))!;
        var second = Edit.Put(first, PersonTable.From(first.Persons).With([One], [KeyOf(7)]))!;

        Assert.Equal(["000000000001.snapshot", "000000000002.delta"], Directory.EnumerateFiles(_data["registers", "residents"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.InRange(new FileInfo(_data["registers", "residents", "000000000002.delta"]).Length, 1, 1000);
        var seen = _store.Advance("residents", first).Register!;
        Assert.Equal((2L, 1000), (seen.Version, seen.Persons.Count));
        Assert.Null(seen.Persons.Find(KeyOf(7)));
        Assert.Equal(One, seen.Persons.Find(One.Person));
        Assert.Equal(second.Persons.Entries, _store.Load("residents").Register!.Persons.Entries);
        Assert.Same(seen, _store.Advance("residents", seen).Register);
    }

    [Fact]
    public void After_many_changes_the_list_is_written_anew_and_old_files_go()
    {
        var register = Edit.Put(before: null, PersonTable.Of(Enumerable.Range(0, 5000).Select(person => Numbered(person))))!;
        for (var day = 0; day < 150; day++)
            register = Edit.Put(register, PersonTable.From(register.Persons).With([Numbered(day, $"day-{day}")], []))!;

        Assert.InRange(Directory.EnumerateFiles(_data["registers", "residents"]).Count(), 2, 140);
        var loaded = _store.Load("residents");
        Assert.Empty(loaded.Faults);
        Assert.Equal((151L, "day-149"), (loaded.Register!.Version, loaded.Register.Persons.Find(KeyOf(149))!.Unit));
    }

    [Theory, InlineData("cut"), InlineData("flipped"), InlineData("empty"), InlineData("other")]
    public void A_damaged_version_never_blocks_and_the_one_before_stays_in_force(string damage)
    {
        _store.Write("residents", One);
        _store.Write("residents", One, Other);
        Damage(_data["registers", "residents", "000000000002.snapshot"], damage);

        var reading = new RegisterStore(_data["registers"]).Load("residents");

        Assert.Equal(1, reading.Register!.Version);
        Assert.Contains("000000000002.snapshot", reading.Faults[0], StringComparison.Ordinal);
        _store.Write("residents", Other); // and it goes on, with a number that was never used
        Assert.Equal(3, _store.Load("residents").Register!.Version);
    }

    [Fact]
    public void A_damaged_change_is_told_once_and_the_list_stays_as_before_it()
    {
        var first = Edit.Put(before: null, PersonTable.Of(Enumerable.Range(0, 1000).Select(person => Numbered(person))))!;
        Edit.Put(first, PersonTable.From(first.Persons).With([One], []));
        Damage(_data["registers", "residents", "000000000002.delta"], "flipped");

        var reading = _store.Advance("residents", first);

        Assert.Same(first, reading.Register);
        Assert.Single(reading.Faults);
        Assert.Empty(_store.Advance("residents", first).Faults);
        Assert.Equal(3, Edit.Put(first, PersonTable.From(first.Persons).With([Other], []))!.Version);
        Assert.Equal(3, _store.Advance("residents", first).Register!.Version);
    }

    [Fact]
    public void Verified_bytes_from_elsewhere_are_taken_only_when_whole_newer_and_fitting()
    {
        _store.Write("residents", One);
        var current = _store.Load("residents").Register!;
        byte[] Bytes(string name, long version, long? changes) => RegisterBytes.Write(new RegisterContent(
            new RegisterVersion { Name = name, Version = version, Base = changes, IssuedAt = TestLists.Morning, By = "center" }, PersonTable.Of([Other]), []));

        Assert.Throws<InvalidDataException>(() => _store.Apply("residents", current, Bytes("residents", 1, null))); // not newer
        Assert.Throws<InvalidDataException>(() => _store.Apply("residents", current, Bytes("residents", 9, 8))); // a change to another version
        Assert.Throws<InvalidDataException>(() => _store.Apply("residents", current, Bytes("visitors", 2, null)));
        Assert.Throws<InvalidDataException>(() => _store.Apply("residents", current, Bytes("residents", 2, 1)[..^1]));
        Assert.Equal(1, _store.Load("residents").Register!.Version);

        Assert.Equal(2, _store.Apply("residents", current, Bytes("residents", 2, 1)).Persons.Count);
        Assert.Equal((40L, 1), _store.Apply("residents", current, Bytes("residents", 40, null)) is var whole ? (whole.Version, whole.Persons.Count) : default);
    }

    [Fact]
    public void No_damage_at_all_is_taken_for_a_register()
    {
        var good = RegisterBytes.Write(new RegisterContent(
            new RegisterVersion { Name = "residents", Version = 1, IssuedAt = TestLists.Morning, By = "test" }, PersonTable.Of([One, Other]), [KeyOf(1)]));
        Assert.Equal([KeyOf(1)], RegisterBytes.Read(new MemoryStream(good)).Removed);
        var damages =
            from at in Gen.Choose(0, good.Length - 1)
            from value in Gen.Choose(1, 255)
            from length in Gen.Frequency((3, Gen.Constant(good.Length)), (1, Gen.Choose(0, good.Length)))
            select (at, value, length);

        Prop.ForAll(damages.ToArbitrary(), damage =>
        {
            var bytes = good.ToArray();
            bytes[damage.at] ^= (byte)damage.value;
            try
            {
                RegisterBytes.Read(new MemoryStream(bytes[..damage.length]));
                return false;
            }
            catch (InvalidDataException)
            {
                return true;
            }
        }).QuickCheckThrowOnFailure();
    }

    private static void Damage(string file, string how)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 0x10;
        File.WriteAllBytes(file, how switch { "cut" => bytes[..(bytes.Length / 2)], "empty" => [], "other" => "something else"u8.ToArray(), _ => bytes });
    }
}
