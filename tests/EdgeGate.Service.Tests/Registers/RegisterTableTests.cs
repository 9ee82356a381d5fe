using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.Registers;

namespace EdgeGate.Service.Tests.Registers;

/// <summary>The tables that a gate makes of the files its lists came in.</summary>
public sealed class RegisterTableTests : IDisposable
{
    private const int Persons = 1000;
    private static readonly ClockReading Now = new(TestLists.Morning, TimeSpan.FromHours(1), Guid.Empty, ClockGrade.Synchronised);

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    private RegisterStore Store => new(_data["registers"]);

    private RegisterEdit Edit => new(Store, "residents", "guard-3", SealedReason: null, TestLists.Morning);

    private IEnumerable<string> FileNames => Directory.EnumerateFiles(_data["registers", "residents"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    [Fact]
    public void Files_as_earlier_gates_left_them_are_made_one_table_and_the_next_start_reads_none_of_them()
    {
        var first = Edit.Put(before: null, Everybody())!;
        var second = Edit.Put(first, PersonTable.From(first.Persons).With([Numbered(1, "moved")], [KeyOf(7)]))!;
        var third = Edit.Put(second, PersonTable.From(second.Persons).With([Numbered(1, "moved again"), Numbered(7)], [KeyOf(8)]))!;

        var made = Taken(Store.Advance("residents", current: null));
        Assert.Equal(third.Persons.Entries, made.Persons.Entries);
        Assert.Equal(["000000000001.snapshot", "000000000002.delta", "000000000003.delta", "000000000003.table"], FileNames);
        foreach (var file in (string[])["000000000001.snapshot", "000000000002.delta", "000000000003.delta"])
            File.WriteAllText(_data["registers", "residents", file], "not read");

        var opened = Taken(Store.Advance("residents", current: null));
        Assert.Equal((3L, TestLists.Morning, "residents"), (opened.Version, opened.IssuedAt, opened.Name));
        Assert.Equal(third.Persons.Entries, opened.Persons.Entries);
    }

    [Fact]
    public void A_change_gives_a_new_table_and_whoever_has_the_old_one_still_reads_it()
    {
        var first = Edit.Put(before: null, Everybody())!;
        var before = Taken(Store.Advance("residents", current: null));
        Edit.Put(first, PersonTable.From(first.Persons).With([Numbered(1, "moved")], [KeyOf(7)]));

        var after = Taken(Store.Advance("residents", before));

        Assert.Equal(["000000000001.snapshot", "000000000002.delta", "000000000002.table"], FileNames);
        Assert.Equal((1L, "1-1", 1000), (before.Version, before.Persons.Find(KeyOf(1))!.Unit, before.Persons.Entries.Count()));
        Assert.Equal((2L, "moved", 999), (after.Version, after.Persons.Find(KeyOf(1))!.Unit, after.Persons.Entries.Count()));
        Assert.Null(after.Persons.Find(KeyOf(7)));
        Assert.Same(after, Store.Advance("residents", after).Register);
    }

    [Fact]
    public void Zones_and_hours_stay_through_changes_and_starts()
    {
        var planned = Edit.Put(Edit.Put(before: null, Everybody()), new SitePlan { Zones = [new Zone("all", RiskLevel.Low, [""])] })!;
        Taken(Store.Advance("residents", current: null));
        Edit.Put(planned, PersonTable.From(planned.Persons).With([Numbered(1, "moved")], []));

        Assert.Equal("all", Taken(Store.Advance("residents", Store.Advance("residents", current: null).Register)).Plan!.Zones[0].Name);
        Assert.Equal("all", Taken(Store.Advance("residents", current: null)).Plan!.Zones[0].Name);
    }

    [Fact]
    public void A_damaged_table_is_told_of_and_made_anew()
    {
        Edit.Put(before: null, Everybody());
        Taken(Store.Advance("residents", current: null));
        File.WriteAllText(_data["registers", "residents", "000000000001.table"], "something else, and longer than the footer of a table is");

        var reading = Store.Advance("residents", current: null);

        Assert.EndsWith("000000000001.table: it is damaged at its end, or no table; it is made anew", Assert.Single(reading.Faults), StringComparison.Ordinal);
        Assert.Equal(Everybody().Entries, reading.Register!.Persons.Entries);
        Taken(Store.Advance("residents", current: null));
    }

    [Fact]
    public void A_change_to_a_table_that_is_damaged_is_made_from_the_files_it_came_in()
    {
        var first = Edit.Put(before: null, Everybody())!;
        var before = Taken(Store.Advance("residents", current: null));
        var second = Edit.Put(first, PersonTable.From(first.Persons).With([Numbered(1, "moved")], []))!;
        using (var table = new FileStream(_data["registers", "residents", "000000000001.table"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            table.Position = 30_000;
            table.WriteByte((byte)'?');
        }

        var reading = Store.Advance("residents", before);

        Assert.Contains("000000000001.table is damaged at byte", Assert.Single(reading.Faults), StringComparison.Ordinal);
        Assert.Equal(second.Persons.Entries, reading.Register!.Persons.Entries);
    }

    [Fact]
    public void Who_stands_where_a_list_in_force_is_damaged_is_not_off_it()
    {
        Edit.Put(before: null, Everybody());
        var shelf = new RegisterShelf();
        shelf.Put(Taken(Store.Advance("residents", current: null)));
        Assert.Equal((true, false, false), (shelf.IsOn("residents", KeyOf(1)), shelf.IsOn("residents", KeyOf(-1)), shelf.IsOn("never came", KeyOf(1))));

        File.WriteAllBytes(_data["registers", "residents", "000000000001.table"], new byte[new FileInfo(_data["registers", "residents", "000000000001.table"]).Length]);

        Assert.Null(shelf.IsOn("residents", KeyOf(1)));
        Assert.Null(shelf.IsOn("residents", KeyOf(-1)));
        var listing = shelf.Look("residents", KeyOf(1), Now);
        Assert.Equal((true, true, Outcome.Guard), (listing.IsMissing, listing.IsDamaged, listing.WhenMissing(Outcome.Granted)));
        Assert.True(shelf.Damaged.TryDequeue(out var damaged));
        Store.Discard(Assert.IsType<TableFile>(damaged.Register.Persons));
        shelf.Put(Taken(Store.Advance("residents", current: null)));
        Assert.Equal((true, 0), (shelf.IsOn("residents", KeyOf(1)), shelf.Faults.Count));
    }

    [Fact]
    public void A_change_counts_as_soon_as_the_version_that_it_changes_can_be_read_again()
    {
        var first = Edit.Put(before: null, Everybody())!;
        var second = Edit.Put(first, PersonTable.From(first.Persons).With([Numbered(1, "moved")], []))!;
        Edit.Put(second, PersonTable.From(second.Persons).With([Numbered(2, "moved")], []));
        var store = Store;
        File.Move(_data["registers", "residents", "000000000002.delta"], _data["away"]);
        Assert.Equal(1, store.Advance("residents", current: null).Register!.Version);
        File.Move(_data["away"], _data["registers", "residents", "000000000002.delta"]);

        Assert.Equal(3, store.Advance("residents", store.Advance("residents", current: null).Register).Register!.Version);
    }

    [Fact]
    public void What_a_power_cut_left_half_written_is_taken_away()
    {
        var first = Edit.Put(before: null, Everybody())!;
        foreach (var file in (string[])["000000000001.table.new", "000000000002.delta.new", "000000000002.snapshot.new", "arriving.part"])
            File.WriteAllText(_data["registers", "residents", file], "half of it");

        Taken(Store.Advance("residents", current: null));
        Edit.Put(first, PersonTable.From(first.Persons).With([Numbered(1, "moved")], []));
        using (var arriving = Store.Receive("residents"))
            Assert.Equal(0, arriving.Length);

        Assert.Equal(["000000000001.snapshot", "000000000001.table", "000000000002.delta", "arriving.part"], FileNames);
    }

    [Fact]
    public void While_the_disk_takes_no_table_the_list_is_in_memory_and_in_force()
    {
        var first = Edit.Put(before: null, Everybody())!;
        Directory.CreateDirectory(_data["registers", "residents", "000000000001.table.new"]); // cannot be made a file
        var reading = Store.Advance("residents", current: null);

        Assert.Contains("; the list is in memory until the next start", Assert.Single(reading.Faults), StringComparison.Ordinal);
        Assert.IsType<PersonTable>(reading.Register!.Persons);
        Assert.Equal(first.Persons.Entries, reading.Register.Persons.Entries);
        Edit.Put(first, PersonTable.From(first.Persons).With([Numbered(1, "moved")], []));
        Assert.Equal("moved", Store.Advance("residents", reading.Register).Register!.Persons.Find(KeyOf(1))!.Unit);
    }

    [Fact]
    public void A_version_whose_file_somebody_took_away_is_not_in_force_after_a_start()
    {
        var first = Edit.Put(before: null, Everybody())!;
        Edit.Put(first, PersonTable.From(first.Persons).With([Numbered(1, "moved")], []));
        Taken(Store.Advance("residents", current: null));
        File.Delete(_data["registers", "residents", "000000000002.delta"]);

        Assert.Equal("1-1", Taken(Store.Advance("residents", current: null)).Persons.Find(KeyOf(1))!.Unit);
    }

    [Fact]
    public async Task While_lists_are_swapped_every_look_finds_the_person_as_one_version_has_them()
    {
        const int swaps = 100;
        var shelf = new RegisterShelf();
        shelf.Put(Version(1));
        var done = false;
        var looks = 0L;
        var lanes = Enumerable.Range(0, 4).Select(lane => Task.Run(() =>
        {
            var random = new Random(lane);
            while (!Volatile.Read(ref done))
            {
                var listing = shelf.Look("residents", KeyOf(random.Next(Persons)), Now);
                Assert.Equal($"{listing.Version}", listing.Entry?.Unit);
                Assert.Null(shelf.FindPerson("residents", KeyOf(-1)));
                if (random.Next(50) == 0)
                    Assert.Equal(Persons, shelf.Search("residents", (_, _, _) => true, _ => true).Count);
                Interlocked.Increment(ref looks);
            }
        })).ToArray();

        for (var version = 2; version <= swaps; version++)
            shelf.Put(Version(version));
        await Patience.Until(() => Interlocked.Read(ref looks) > 1000);
        Volatile.Write(ref done, true);
        await Task.WhenAll(lanes).InTime();

        Assert.Empty(shelf.Damaged);
        Assert.Equal(swaps, shelf.Find("residents")!.Version);

        Register Version(int version)
        {
            var path = _data["table"];
            File.WriteAllBytes(_data["list"], RegisterBytes.Write(new RegisterContent(Head(version), PersonTable.Of(Enumerable.Range(0, Persons).Select(person => Numbered(person, $"{version}"))), [])));
            using var scan = RegisterScan.Open(_data["list"]);
            TableWriter.Write(path, Head(version), [scan.Lines]);
            return new Register("residents", version, TestLists.Morning, TableFile.Open(path));
        }
    }

    /// <summary>Without fault, and in a file.</summary>
    private static Register Taken(RegisterReading reading)
    {
        Assert.Empty(reading.Faults);
        Assert.IsType<TableFile>(reading.Register!.Persons);
        return reading.Register;
    }

    private static PersonTable Everybody() => PersonTable.Of(Enumerable.Range(0, Persons).Select(person => Numbered(person)));

    private static RegisterVersion Head(long version) => new() { Name = "residents", Version = version, IssuedAt = TestLists.Morning, By = "test" };

    private static RegisterEntry Numbered(int person, string unit = "1-1") => new(KeyOf(person), "测*", unit, PersonTerms.None);

    private static PersonKey KeyOf(int person) => new(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(person)));
}
