using EdgeGate.Journal;
using EdgeGate.Service.Health;

namespace EdgeGate.Service.Passing;

/// <summary>Whether anybody can pass here at all: somebody to read, something to open, and a journal that takes records.</summary>
/// <param name="readers">Those that can be unplugged; none where guards' phones read.</param>
/// <param name="portal">Null where a guard stands instead of a device.</param>
internal sealed class LaneHealth(DeviceBoard devices, GateJournal journal, IReadOnlyList<string> readers, string? portal, bool openWhenJournalFails)
{
    public bool IsPortalThere => portal is null || devices.IsConnected(portal);

    public bool IsInService =>
        IsPortalThere
        && (readers.Count == 0 || readers.Any(devices.IsConnected))
        && (openWhenJournalFails || journal.Status.Failure is null);
}
