using EdgeGate.Access.Registers;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Center.Registers;

/// <summary>Persons of a table, with what the center keeps of them; or everything that is wrong with it, line by line.</summary>
internal sealed record PersonsReading(IReadOnlyList<RegisterEntry> Entries, IReadOnlyDictionary<PersonKey, PersonDetails> Details, IReadOnlyList<CsvFault> Faults);

/// <summary>Tables of persons that people bring.</summary>
internal static class RegisterFileReading
{
    /// <param name="ignored">Headings of columns that are passed over.</param>
    public static PersonsReading PersonsOf(ReadOnlySpan<byte> csv, PersonKeys keys, IReadOnlyCollection<string> ignored)
    {
        var details = new Dictionary<PersonKey, PersonDetails>();
        var persons = PersonCsv.Read(csv, keys, ignored, (person, known) => details[person] = known);
        return new PersonsReading(persons.Entries, details, persons.Faults);
    }
}
