using EdgeGate.Access.Registers;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.Registers;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Service.Tests.Registers;

public sealed class TableFileTests : IDisposable
{
    /// <summary>Put or remove one of few persons: collisions are the point. Some have texts so long that a block holds one of them.</summary>
    private static readonly Gen<(int Person, string Unit, bool Remove)> Change =
        from person in Gen.Choose(0, 60)
        from length in Gen.Frequency((5, Gen.Choose(0, 40)), (2, Gen.Choose(41, 900)), (1, Gen.Constant(RegisterBytes.LongestText)))
        from letter in Gen.Choose('a', 'z')
        from remove in Gen.Elements(true, false, false)
        select (person, new string((char)letter, length), remove);

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Any_sequence_of_changes_gives_what_a_plain_dictionary_gives_and_leaves_every_older_version_as_it_was()
    {
        Prop.ForAll(Gen.ListOf(Gen.ListOf(Change)).ToArbitrary(), batches =>
        {
            var model = new SortedDictionary<PersonKey, RegisterEntry>();
            var versions = new List<(TableFile Table, RegisterEntry[] Expected)>();
            var scans = new List<RegisterScan>();
            foreach (var batch in batches)
            {
                var once = batch.DistinctBy(change => change.Person).ToArray();
                foreach (var (person, unit, remove) in once)
                {
                    if (remove)
                        model.Remove(KeyOf(person));
                    else
                        model[KeyOf(person)] = Entry(person, unit);
                }
                scans.Add(Changes(
                    once.Where(change => !change.Remove).Select(change => Entry(change.Person, change.Unit)),
                    once.Where(change => change.Remove).Select(change => KeyOf(change.Person)).Order()));
                var before = versions.Count > 0 ? versions[^1].Table.Lines : [];
                versions.Add((Written([before, scans[^1].Lines]), [.. model.Values]));
            }
            var atOnce = Written([.. scans.Select(scan => scan.Lines)]);
            var good = versions.TrueForAll(version => version.Table.Entries.SequenceEqual(version.Expected) && version.Table.Count == version.Expected.Length)
                && atOnce.Entries.SequenceEqual(model.Values)
                && Enumerable.Range(0, 61).All(person => atOnce.Find(KeyOf(person)) == model.GetValueOrDefault(KeyOf(person)))
                && atOnce.Where((_, unit, _) => unit.StartsWith("a")).SequenceEqual(model.Values.Where(entry => entry.Unit.StartsWith('a')));
            versions.ForEach(version => version.Table.Dispose());
            scans.ForEach(scan => scan.Dispose());
            atOnce.Dispose();
            return good;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(25)); // every version is flushed to disk
    }

    [Fact]
    public void No_damage_at_all_gives_a_wrong_answer_or_a_shorter_list()
    {
        var expected = Enumerable.Range(0, 300).Select(person => Entry(person, $"unit-{person}")).OrderBy(entry => entry.Person).ToArray();
        using (var scan = Changes(expected, []))
            Written([scan.Lines]).Dispose();
        var good = File.ReadAllBytes(_data["table"]);
        Assert.True(good.Length > 4 * TableBlock.Target);
        var damages =
            from at in Gen.Choose(0, good.Length - 1)
            from value in Gen.Choose(1, 255)
            from length in Gen.Frequency((4, Gen.Constant(good.Length)), (1, Gen.Choose(0, good.Length - 1)))
            select (at, value, length);

        Prop.ForAll(damages.ToArbitrary(), damage =>
        {
            var bytes = good.ToArray();
            bytes[damage.at] ^= (byte)damage.value;
            File.WriteAllBytes(_data["damaged"], bytes[..damage.length]);
            TableFile table;
            try
            {
                table = TableFile.Open(_data["damaged"]);
            }
            catch (InvalidDataException)
            {
                return true;
            }
            using (table)
            {
                return IsDamaged(() => table.Entries.Count())
                    && IsDamaged(() => table.Where((_, _, _) => true).Count())
                    && expected.All(entry => IsDamaged(() => Assert.Equal(entry, table.Find(entry.Person))) || table.Find(entry.Person) == entry)
                    && expected.Count(entry => IsDamaged(() => table.Find(entry.Person))) is > 0 and < 100;
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_file_cut_short_while_it_is_open_ends_the_look_up_and_not_the_process()
    {
        using var scan = Changes(Enumerable.Range(0, 300).Select(person => Entry(person, "")), []);
        using var table = Written([scan.Lines]);
        using (var file = new FileStream(_data["table"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            file.SetLength(10);

        Assert.All(Enumerable.Range(0, 300), person => Assert.Throws<EndOfStreamException>(() => table.Find(KeyOf(person))));
    }

    /// <summary>The first reading is checked as a whole; what counts is the second.</summary>
    [Fact]
    public void Whatever_byte_of_a_list_is_changed_between_check_and_load_nothing_of_it_is_taken()
    {
        WriteChanges(Enumerable.Range(0, 300).Select(person => Entry(person, $"{person}")), [KeyOf(400), KeyOf(401)]);
        var whole = File.ReadAllBytes(_data["changes"]);
        var lines = LinesOf(whole.Length - 1, bit: 0); // within the checksum itself, which nobody reads again
        Assert.Equal(302, lines?.Count);

        Prop.ForAll<int, byte>((place, bits) =>
        {
            // Nothing, or what was checked: the head is kept from the first reading.
            Assert.True(LinesOf((int)((uint)place % whole.Length), (byte)(bits | 1)) is not { } taken || taken.SequenceEqual(lines!));
        }).QuickCheckThrowOnFailure();

        List<string>? LinesOf(int place, byte bit)
        {
            File.WriteAllBytes(_data["changes"], whole);
            using var scan = RegisterScan.Open(_data["changes"]);
            using (var file = new FileStream(_data["changes"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            {
                file.Position = place;
                file.WriteByte((byte)(whole[place] ^ bit));
            }
            try
            {
                return [.. scan.Lines.Select(line => $"{line.Key} {Convert.ToHexString(line.Texts.Span)}")];
            }
            catch (InvalidDataException changed)
            {
                Assert.Contains("was changed after it was checked", changed.Message, StringComparison.Ordinal);
                return null;
            }
        }
    }

    [Fact]
    public void A_long_list_is_taken_over_in_little_memory()
    {
        const int persons = 200_000;
        WriteChanges(Enumerable.Range(0, persons).Select(person => Entry(person, $"{person}")), []);
        var before = GC.GetAllocatedBytesForCurrentThread();

        using var scan = RegisterScan.Open(_data["changes"]);
        using var table = Written([scan.Lines]);

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(persons, table.Count);
        Assert.InRange(allocated, 1, new FileInfo(_data["table"]).Length / 3);
    }

    [Fact]
    public void Who_is_both_put_on_a_list_and_taken_off_it_or_taken_off_out_of_order_makes_the_change_unusable()
    {
        Assert.Throws<InvalidDataException>(() => Changes([Entry(1, "")], [KeyOf(1)]));
        Assert.Throws<InvalidDataException>(() => Changes([], [.. new[] { KeyOf(1), KeyOf(2) }.OrderDescending()]));
    }

    private static bool IsDamaged(Action read)
    {
        try
        {
            read();
            return false;
        }
        catch (Exception damaged) when (damaged is InvalidDataException or IOException)
        {
            return true;
        }
    }

    private static bool IsDamaged<T>(Func<T> read) => IsDamaged(() => { read(); });

    private TableFile Written(IReadOnlyList<IEnumerable<PersonLine>> sources)
    {
        TableWriter.Write(_data["table"], Head, sources);
        return TableFile.Open(_data["table"]);
    }

    private RegisterScan Changes(IEnumerable<RegisterEntry> put, IEnumerable<PersonKey> removed)
    {
        WriteChanges(put, removed);
        return RegisterScan.Open(_data["changes"]);
    }

    private void WriteChanges(IEnumerable<RegisterEntry> put, IEnumerable<PersonKey> removed)
    {
        File.Delete(_data["changes"]); // others have it open
        File.WriteAllBytes(_data["changes"], RegisterBytes.Write(new RegisterContent(Head, PersonTable.Of(put), [.. removed])));
    }

    private static RegisterVersion Head => new() { Name = "residents", Version = 1, IssuedAt = TestLists.Morning, By = "test" };

    private static RegisterEntry Entry(int person, string unit) => new(KeyOf(person), "测" + new string('*', person % 3), unit, new PersonTerms(person % 2 == 0 ? "resident" : "staff"));

    private static PersonKey KeyOf(int person) => new(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(person)));
}
