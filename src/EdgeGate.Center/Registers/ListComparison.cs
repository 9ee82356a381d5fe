using EdgeGate.Access.Registers;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Center.Registers;

/// <summary>One of two lists to compare.</summary>
/// <param name="Name">As it stands in the audit.</param>
internal sealed record ListSource(string Name, IPersonTable Persons)
{
    /// <summary>One that somebody brings. What they call it may itself be somebody's name.</summary>
    public static ListSource File(PersonsReading reading) => new("file", PersonTable.Of(reading.Entries));
}

/// <summary>Somebody who stands in both lists, with something else in each.</summary>
internal sealed record DifferingEntry(RegisterEntry One, RegisterEntry Other)
{
    /// <summary>What differs, by the column of a table of persons.</summary>
    public IEnumerable<(string Column, string One, string Other)> Fields => Columns(One).Zip(Columns(Other)).Where(pair => pair.First.Text != pair.Second.Text).Select(pair => (pair.First.Column, pair.First.Text, pair.Second.Text));

    private static IEnumerable<(string Column, string Text)> Columns(RegisterEntry entry) =>
    [
        ("name", entry.MaskedName), ("unit", entry.Unit), ("status", entry.Terms.Status), ("valid", entry.Terms.Valid.ToString()), ("schedule", entry.Terms.Schedule ?? ""),
        ("gates", string.Join(' ', entry.Terms.Gates)), ("tags", string.Join(' ', entry.Terms.Tags)),
    ];
}

/// <summary>Two lists beside each other: what to put right in one of them. In the order of units, as whoever goes through it has their papers.</summary>
internal sealed record ListComparison(IReadOnlyList<RegisterEntry> OnlyInOne, IReadOnlyList<RegisterEntry> OnlyInOther, IReadOnlyList<DifferingEntry> Different)
{
    public int Count => OnlyInOne.Count + OnlyInOther.Count + Different.Count;

    public static ListComparison Of(IPersonTable one, IPersonTable other)
    {
        var changes = PersonChanges.Between(one, other);
        return new ListComparison(ByUnit(changes.Removed), ByUnit(changes.Added), [.. ByUnit([.. changes.Changed.Select(entry => one.Find(entry.Person)!)]).Select(entry => new DifferingEntry(entry, other.Find(entry.Person)!))]);
    }

    private static RegisterEntry[] ByUnit(IReadOnlyList<RegisterEntry> entries) => [.. entries.OrderBy(entry => entry.Unit, StringComparer.Ordinal)];

    /// <summary>For a spreadsheet: a line for each person in one only, and for each field that differs.</summary>
    public void Write(TextWriter to)
    {
        to.WriteLine("what,person,masked_name,unit,field,one,other");
        foreach (var entry in OnlyInOne)
            to.WriteLine(CsvLine.Join("only-in-one", entry.Person.ToString(), entry.MaskedName, entry.Unit));
        foreach (var entry in OnlyInOther)
            to.WriteLine(CsvLine.Join("only-in-other", entry.Person.ToString(), entry.MaskedName, entry.Unit));
        foreach (var entry in Different)
        {
            foreach (var (column, one, other) in entry.Fields)
                to.WriteLine(CsvLine.Join("different", entry.One.Person.ToString(), entry.One.MaskedName, entry.One.Unit, column, one, other));
        }
    }
}
