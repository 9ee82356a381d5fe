using System.ComponentModel;
using EdgeGate.Access;

namespace EdgeGate.Service.Settings;

internal enum LaneDirection
{
    Entry,
    Exit,
}

internal enum LaneEvidence
{
    Identity,
    Temperature,
    HealthCode,
}

internal sealed record LaneModeSettings
{
    [Description("Whom the portal is for in these hours.")]
    public required PortalMode Mode { get; init; }

    [Id, Description("A schedule of the site's plan.")]
    public required string Schedule { get; init; }
}

internal sealed record LaneSettings
{
    [Id, Description("Short name of the lane, unique at this gate; part of every record.")]
    public required string Id { get; init; }

    [Description("Whether people come in or go out here.")]
    public required LaneDirection Direction { get; init; }

    [Count(0, 8), Description("What a person must bring, in any order; identity is always among it.")]
    public IReadOnlyList<LaneEvidence> Evidence { get; init; } = [LaneEvidence.Identity, LaneEvidence.Temperature];

    [Duration("00:00:01", "00:01:00"), Description("How long the gate waits for all evidence of one person.")]
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    [Duration("00:00:00.5", "00:00:10")]
    [Description("How old a temperature or health code may be when the identity comes after it; older ones may be somebody else's.")]
    public TimeSpan FreshFor { get; init; } = TimeSpan.FromSeconds(3);

    [Duration("00:00:00.5", "00:00:30"), Description("How long the answer stays on the screen.")]
    public TimeSpan ResultShownFor { get; init; } = TimeSpan.FromSeconds(2);

    [Duration("00:00:01", "00:10:00"), Description("How long somebody whom a guard must see counts as standing at the lane.")]
    public TimeSpan WaitsForGuard { get; init; } = TimeSpan.FromMinutes(2);

    [Description("Whether the screen shows the measured temperature to everybody who can see it.")]
    public bool ShowTemperature { get; init; }

    [Count(0, 16), Description("When the portal has another mode than normal; the first schedule of the site's plan that holds decides. A command or a guard goes before it.")]
    public IReadOnlyList<LaneModeSettings> Modes { get; init; } = [];

    [Count(0, 16), Description("What reads cards and codes.")]
    public IReadOnlyList<ReaderSettings> Readers { get; init; } = [];

    [Description("What measures temperature; leave it out where nobody is measured.")]
    public ThermometerSettings? Thermometer { get; init; }

    [Description("What opens the door, turnstile or barrier.")]
    public required PortalSettings Portal { get; init; }

    public IEnumerable<DeviceSettings> Devices() => ((IEnumerable<DeviceSettings?>)[.. Readers, Thermometer, Portal]).OfType<DeviceSettings>();

    public bool Asks(LaneEvidence evidence) => Evidence.Contains(evidence);
}
