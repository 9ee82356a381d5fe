using System.Text.Json;
using EdgeGate.Access.Registers;

namespace EdgeGate.Messages.Registers;

/// <summary>Zones, schedules and slots of a site as a person writes them, in JSON.</summary>
public static class PlanFile
{
    /// <param name="fault">What is wrong, in words; empty when nothing is.</param>
    /// <returns>Null when it is no plan.</returns>
    public static SitePlan? Read(ReadOnlySpan<byte> json, out string fault)
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
