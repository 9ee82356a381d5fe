using System.Text.Json;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Service.Simulation;

/// <summary>The faults of a line as people write them: wrong-checksum.</summary>
internal static class LineFaults
{
    private static readonly Dictionary<string, LineFault> ByName =
        Enum.GetValues<LineFault>().ToDictionary(fault => JsonNamingPolicy.KebabCaseLower.ConvertName(fault.ToString()), StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>All of them together; null when one is none.</summary>
    public static LineFault? Of(IReadOnlyCollection<string> names) =>
        names.All(ByName.ContainsKey) ? names.Aggregate(LineFault.None, (all, name) => all | ByName[name]) : null;
}
