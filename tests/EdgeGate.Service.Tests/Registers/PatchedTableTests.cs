using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Service.Registers;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Service.Tests.Registers;

/// <summary>Few changes of a long list. What counts as long is lowered: a thousand persons, of whom fifteen may stand otherwise than in the table.</summary>
public sealed class PatchedTableTests : IDisposable
{
    private const int Persons = 1000, Most = Persons / 64;
    private static readonly ClockReading Now = new(TestLists.Morning, TimeSpan.FromHours(1), Guid.Empty, ClockGrade.Synchronised);

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    private RegisterStore Store => new(_data["registers"], patchFrom: 1);

    private RegisterEdit Edit => new(Store, "residents", "guard-3", SealedReason: null, TestLists.Morning);

    private IEnumerable<string> Tables => Directory.EnumerateFiles(_data["registers", "residents"], "*.table*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    [Fact]
    public void Few_changes_write_no_table_and_a_start_finds_them_again()
    {
        var first = Edit.Put(before: null, Everybody())!;
        var whole = Store.Advance("residents", current: null).Register!;
        var second = Edit.Put(first, With(first, [Numbered(1, "moved"), Numbered(-5)], KeyOf(7)))!;
        var changed = Store.Advance("residents", whole).Register!;
        var third = Edit.Put(second, With(second, [Numbered(7, "back")], KeyOf(1), KeyOf(-5), KeyOf(9)))!;

        foreach (var register in new[] { Store.Advance("residents", changed).Register!, Store.Advance("residents", current: null).Register! })
        {
            var patched = Assert.IsType<PatchedTable>(register.Persons);
            Assert.Equal((3L, Persons - 2), (register.Version, patched.Count));
            Assert.Equal(third.Persons.Entries, patched.Entries);
            Assert.Equal(("back", null, null, "1-1"), (UnitOf(patched, 7), UnitOf(patched, 1), UnitOf(patched, 9), UnitOf(patched, 2)));
            Assert.Equal(["back"], patched.Where((_, unit, _) => unit is not "1-1").Select(entry => entry.Unit));
        }
        Assert.Equal(second.Persons.Entries, changed.Persons.Entries); // who has the earlier one still reads it
        Assert.Equal(["000000000001.table"], Tables);
    }

    [Fact]
    public void When_there_are_many_the_table_is_written_anew()
    {
        var first = Edit.Put(before: null, Everybody())!;
        var register = Store.Advance("residents", current: null).Register!;
        var second = Edit.Put(first, With(first, Enumerable.Range(0, Most).Select(person => Numbered(person, "moved"))))!;
        register = Store.Advance("residents", register).Register!;
        Assert.IsType<PatchedTable>(register.Persons);
        var third = Edit.Put(second, With(second, [Numbered(500, "moved")], KeyOf(3)))!;

        register = Store.Advance("residents", register).Register!;

        Assert.Equal(third.Persons.Entries, Assert.IsType<TableFile>(register.Persons).Entries);
        Assert.Equal(["000000000003.table"], Tables);
    }

    /// <summary>After each change the gate goes on, or starts after a power cut: in the middle of writing a table, or before it deleted the one before.</summary>
    [Fact]
    public void Whatever_is_changed_and_whenever_the_power_is_cut_the_list_is_what_was_sent()
    {
        var change = from person in Gen.Choose(0, 40) from remove in Gen.Elements(true, false, false) from unit in Gen.Choose(0, 9) select (Person: person, Remove: remove, Unit: unit);
        var step = from changes in Gen.ListOf(change) from then in Gen.Elements("goes on", "goes on", "starts", "half a table", "the table before") select (Changes: changes.DistinctBy(one => one.Person).ToArray(), Then: then);
        Prop.ForAll(Gen.ListOf(step).ToArbitrary(), steps =>
        {
            if (Directory.Exists(_data["registers"]))
                Directory.Delete(_data["registers"], recursive: true);
            var sent = Edit.Put(before: null, Everybody())!;
            var (store, register) = (Store, Store.Advance("residents", current: null).Register);
            foreach (var (changes, then) in steps)
            {
                var before = Directory.GetFiles(_data["registers", "residents"], "*.table").Single();
                File.Copy(before, _data["kept"], overwrite: true);
                sent = Edit.Put(sent, With(sent, changes.Where(one => !one.Remove).Select(one => Numbered(one.Person, $"{one.Unit}")), [.. changes.Where(one => one.Remove).Select(one => KeyOf(one.Person))])) ?? sent;
                var after = store.Advance("residents", register).Register!;
                if (!ReferenceEquals(after, register))
                    (register!.Persons as IDisposable)?.Dispose(); // as the shelf does
                register = after;
                if (then is "half a table")
                    File.WriteAllText(_data["registers", "residents", "000000000999.table.new"], "half of it");
                if (then is "the table before" && !File.Exists(before))
                    File.Copy(_data["kept"], before);
                if (then is not "goes on")
                {
                    (register.Persons as IDisposable)?.Dispose();
                    store = Store;
                    var reading = store.Advance("residents", current: null);
                    register = reading.Register!;
                    if (reading.Faults.Count > 0)
                        return false;
                    foreach (var older in Directory.GetFiles(_data["registers", "residents"], "*.table").Order(StringComparer.Ordinal).SkipLast(1))
                        File.Delete(older);
                }
                if (register.Version != sent.Version || register.Persons.Count != sent.Persons.Count || !register.Persons.Entries.SequenceEqual(sent.Persons.Entries))
                    return false;
            }
            (register!.Persons as IDisposable)?.Dispose();
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30)); // every version is flushed to disk
    }

    [Fact]
    public void A_table_that_somebody_deleted_to_make_room_holds_up_no_change()
    {
        var first = Edit.Put(before: null, Everybody())!;
        var whole = Store.Advance("residents", current: null).Register!;
        File.Delete(_data["registers", "residents", "000000000001.table"]);
        var second = Edit.Put(first, With(first, [Numbered(1, "moved")]))!;

        var changed = Store.Advance("residents", whole);

        Assert.Empty(changed.Faults);
        Assert.Equal(second.Persons.Entries, changed.Register!.Persons.Entries);
        Assert.Equal(["000000000002.table"], Tables);
    }

    [Fact]
    public void A_damaged_table_under_changes_is_withdrawn_and_made_anew_with_them()
    {
        var first = Edit.Put(before: null, Everybody())!;
        var whole = Store.Advance("residents", current: null).Register!;
        var second = Edit.Put(first, With(first, [Numbered(1, "moved")]))!;
        var shelf = new RegisterShelf();
        shelf.Put(whole);
        shelf.Put(Store.Advance("residents", whole).Register!); // closes the first; the second has the file open for itself
        Assert.Equal("1-1", shelf.FindPerson("residents", KeyOf(2))?.Unit);
        File.WriteAllBytes(_data["registers", "residents", "000000000001.table"], new byte[new FileInfo(_data["registers", "residents", "000000000001.table"]).Length]);

        Assert.Null(shelf.IsOn("residents", KeyOf(2)));
        Assert.True(shelf.Look("residents", KeyOf(2), Now).IsDamaged);
        Assert.True(shelf.Damaged.TryDequeue(out var damaged));
        var store = Store;
        store.Discard(Assert.IsType<PatchedTable>(damaged.Register.Persons).Table);
        shelf.Put(store.Advance("residents", current: null).Register!);

        Assert.Equal(second.Persons.Entries, shelf.Search("residents", (_, _, _) => true, _ => true));
        Assert.Equal(["000000000002.table"], Tables);
    }

    [Fact]
    public void A_damaged_change_counts_again_when_the_same_was_fetched_anew()
    {
        var first = Edit.Put(before: null, Everybody())!;
        Store.Advance("residents", current: null);
        Edit.Put(first, With(first, [Numbered(1, "moved")]));
        var (file, store) = (_data["registers", "residents", "000000000002.delta"], Store);
        var good = File.ReadAllBytes(file);
        File.WriteAllBytes(file, [.. good[..^1], (byte)(good[^1] ^ 1)]);
        File.SetLastWriteTimeUtc(file, new DateTime(2022, 3, 1, 0, 0, 0, DateTimeKind.Utc));
        var reading = store.Advance("residents", current: null);
        Assert.Equal(1, reading.Register!.Version);
        Assert.Single(reading.Faults);
        Assert.Empty(store.Advance("residents", reading.Register).Faults); // told once, and not read again and again

        File.WriteAllBytes(file, good);

        Assert.Equal("moved", UnitOf(store.Advance("residents", reading.Register).Register!.Persons, 1));
    }

    private static string? UnitOf(IPersonTable persons, int person) => persons.Find(KeyOf(person))?.Unit;

    private static PersonTable With(Register before, IEnumerable<RegisterEntry> put, params PersonKey[] remove) => PersonTable.From(before.Persons).With(put, remove);

    private static PersonTable Everybody() => PersonTable.Of(Enumerable.Range(0, Persons).Select(person => Numbered(person)));

    private static RegisterEntry Numbered(int person, string unit = "1-1") => new(KeyOf(person), "测*", unit, PersonTerms.None);

    private static PersonKey KeyOf(int person) => new(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(person)));
}
