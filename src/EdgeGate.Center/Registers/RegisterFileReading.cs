using System.Text.Json;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Center.Registers;

/// <summary>Persons of a table, with what the center keeps of them; or everything that is wrong with it, line by line.</summary>
internal sealed record PersonsReading(IReadOnlyList<RegisterEntry> Entries, IReadOnlyDictionary<PersonKey, PersonDetails> Details, IReadOnlyList<CsvFault> Faults);

/// <summary>Files that people bring: tables of persons, and plans.</summary>
internal static class RegisterFileReading
{
    /// <param name="ignored">Headings of columns that are passed over.</param>
    public static PersonsReading PersonsOf(ReadOnlySpan<byte> csv, PersonKeys keys, IReadOnlyCollection<string> ignored)
    {
        var details = new Dictionary<PersonKey, PersonDetails>();
        var persons = PersonCsv.Read(csv, keys, ignored, (person, known) => details[person] = known);
        return new PersonsReading(persons.Entries, details, persons.Faults);
    }

    /// <returns>Null, and what is wrong in words, when it is no plan.</returns>
    public static SitePlan? PlanOf(ReadOnlySpan<byte> json, out string fault)
    {
        try
        {
            var plan = JsonSerializer.Deserialize(json, RegisterShapes.Default.SitePlan);
            var missing = plan?.Slots.Select(slot => slot.Schedule).FirstOrDefault(schedule => plan.Schedules.All(known => known.Name != schedule));
            fault = plan is null ? "the plan is null" : missing is null ? "" : $"a slot names the schedule {missing}, which is not there";
            return fault.Length == 0 ? plan : null;
        }
        catch (JsonException wrong)
        {
            fault = wrong.Message;
            return null;
        }
    }
}
