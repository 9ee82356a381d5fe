using EdgeGate.Access.Registers;
using FsCheck;
using FsCheck.Fluent;
using static EdgeGate.Access.Tests.Registers.TestRequests;

namespace EdgeGate.Access.Tests.Registers;

public sealed class PersonTableTests
{
    /// <summary>Put or remove one of few persons: collisions are the point.</summary>
    private static readonly Gen<(int Person, int Unit, bool Remove)> Change =
        from person in Gen.Choose(0, 40)
        from unit in Gen.Choose(0, 5)
        from remove in Gen.Elements(true, false, false)
        select (person, unit, remove);

    [Fact]
    public void Any_sequence_of_changes_gives_what_a_plain_dictionary_gives_and_leaves_every_older_version_as_it_was()
    {
        Prop.ForAll(Gen.ListOf(Gen.ListOf(Change)).ToArbitrary(), batches =>
        {
            var (table, model) = (PersonTable.Empty, new SortedDictionary<PersonKey, string>());
            var versions = new List<(PersonTable Table, string Expected)>();
            foreach (var batch in batches)
            {
                var once = batch.DistinctBy(change => change.Person).ToArray();
                table = table.With(
                    once.Where(change => !change.Remove).Select(change => Entry(unit: $"{change.Unit}", person: change.Person)),
                    once.Where(change => change.Remove).Select(change => Key(change.Person)));
                foreach (var (person, unit, remove) in once)
                {
                    if (remove)
                        model.Remove(Key(person));
                    else
                        model[Key(person)] = $"{unit}";
                }
                versions.Add((table, string.Join(' ', model.Select(pair => pair.Key + pair.Value))));
            }
            return versions.TrueForAll(version => version.Expected == string.Join(' ', version.Table.Entries.Select(entry => entry.Person + entry.Unit)))
                && table.Count == model.Count
                && Enumerable.Range(0, 41).All(person => table.Find(Key(person))?.Unit == model.GetValueOrDefault(Key(person)));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_changes_between_two_tables_make_the_one_from_the_other()
    {
        var tables =
            from one in Gen.ListOf(Change)
            from other in Gen.ListOf(Change)
            select (TableOf(one), TableOf(other));

        Prop.ForAll(tables.ToArbitrary(), pair =>
        {
            var (before, after) = pair;
            var changes = PersonChanges.Between(before, after);
            return before.With(changes.Added.Concat(changes.Changed), changes.Removed.Select(entry => entry.Person)).Entries.SequenceEqual(after.Entries)
                && PersonChanges.Between(after, after).Count == 0;
        }).QuickCheckThrowOnFailure();

        static PersonTable TableOf(IEnumerable<(int Person, int Unit, bool Remove)> entries) =>
            PersonTable.Of(entries.DistinctBy(entry => entry.Person).Select(entry => Entry(unit: $"{entry.Unit}", person: entry.Person)));
    }

    [Fact]
    public void Texts_of_persons_who_left_do_not_pile_up()
    {
        var table = PersonTable.Empty;
        for (var day = 0; day < 300; day++)
            table = table.With(Enumerable.Range(0, 100).Select(person => Entry(unit: $"{day}-{person}", person: person)), []);

        Assert.Equal(100, table.Count);
        Assert.InRange(table.Texts.Units.Length, 100, 10_500);
    }

    [Fact]
    public void A_person_stands_in_a_table_once()
    {
        Assert.Throws<ArgumentException>(() => PersonTable.Of([Entry(), Entry(unit: "other")]));
        Assert.Throws<ArgumentException>(() => PersonTable.Empty.With([Entry(), Entry()], []));
        Assert.Throws<ArgumentException>(() => PersonTable.Empty.With([Entry()], [Entry().Person]));
    }

    [Fact]
    public void A_key_is_written_and_read_as_records_have_it()
    {
        Assert.True(PersonKey.TryParse(Key(7).ToString(), out var read));
        Assert.Equal(Key(7), read);
        Assert.All(["", "x", Key(7).ToString()[..42], Key(7) + "=", new string('*', 43)], text => Assert.False(PersonKey.TryParse(text, out _), text));
    }

    [Theory]
    [InlineData("2022-03-01", "2022-03-14", "2022-03-01T00:00..2022-03-15T00:00")] // the last day counts
    [InlineData("2022/3/1 8:30", "", "2022-03-01T08:30..")]
    [InlineData("", "2022-03-01 18:00", "..2022-03-01T18:00")]
    [InlineData("", "", "")]
    [InlineData("2022-03-02", "2022-03-01", null)]
    [InlineData("tomorrow", "", null)]
    [InlineData("", "9999-12-31", null)] // there is no day after it
    public void Dates_are_read_as_people_and_Excel_write_them(string from, string until, string? expected)
    {
        Assert.Equal(expected is not null, ValidPeriod.TryParse(from, until, out var period));
        if (expected is not null)
        {
            Assert.Equal(expected, period.ToString());
            Assert.True(ValidPeriod.TryParse(expected, out var again) && again == period);
        }
    }

    [Theory]
    [InlineData("resident;2022-03-01T00:00..;early;gate-1,gate-2;exam,medicine@..2022-03-14T00:00", true)]
    [InlineData(";;;;", true)]
    [InlineData("resident;;;", false)]
    [InlineData("Resident;;;;", false)]
    [InlineData("resident;;;;exam@yesterday", false)]
    public void Terms_are_read_as_they_are_written(string text, bool good)
    {
        Assert.Equal(good, PersonTerms.TryParse(text, out var terms));
        Assert.Equal(good ? text : null, terms?.ToString());
    }
}
