using EdgeGate.Journal;
using EdgeGate.Service.Health;

namespace EdgeGate.Service.Passing;

/// <summary>Whether anybody can pass here at all: somebody to read, something to open, and a journal that takes records.</summary>
internal sealed class LaneHealth(DeviceBoard devices, GateJournal journal, IReadOnlyList<string> readers, string portal, bool openWhenJournalFails)
{
    public bool IsInService =>
        devices.IsConnected(portal)
        && readers.Any(devices.IsConnected)
        && (openWhenJournalFails || journal.Status.Failure is null);
}
