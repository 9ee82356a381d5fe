using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using EdgeGate.Service.Kiosk;

namespace EdgeGate.Service.Passing;

/// <summary>One way through the gate: what its devices have seen comes in, its portal moves, its screen shows.</summary>
internal sealed record Lane(LaneOptions Options, LaneInputs Inputs, LaneMode Mode, LaneHealth Health, IPortal Portal, KioskBoard Kiosk)
{
    /// <summary>What the portal's sensors see; null for a portal that has none.</summary>
    public PassageInputs? Passages { get; init; }

    public string Id => Options.Id;

    public FreePassage FreePassage { get; } = new();

    private long _lastRound;

    /// <summary>Time since boot when its loop last came round; a lane that hangs does so no more.</summary>
    public TimeSpan LastRound
    {
        get => new(Volatile.Read(ref _lastRound));
        set => Volatile.Write(ref _lastRound, value.Ticks);
    }

    public LaneSight Sight { get; } = new();

    /// <summary>Opens the portal for one passage.</summary>
    /// <param name="credential">As <see cref="IPortal.OpenForPassageAsync"/> has it.</param>
    /// <param name="record">The one that grants; null when it could not be written.</param>
    /// <param name="asked">Time since boot.</param>
    /// <returns>What the portal did, and whether its sensors will say what became of the passage: else that is the caller's to put on record.</returns>
    public async ValueTask<(PortalResult Moved, bool IsWatched)> OpenForPassageAsync(string credential, long? record, TimeSpan asked)
    {
        Passages?.Asked();
        try
        {
            var moved = await Portal.OpenForPassageAsync(credential, CancellationToken.None);
            return (moved, moved is PortalResult.Moved && Passages?.Granted(record, asked) is true);
        }
        finally
        {
            Passages?.Answered();
        }
    }

    /// <summary>What it is to somebody who comes now.</summary>
    public LaneStanding Standing => (Mode.Current, Options.Encounter.Direction) switch
    {
        _ when FreePassage.IsOpen && Health.IsPortalThere => LaneStanding.Free, // whatever else is missing: it stands open
        _ when !Health.IsInService => LaneStanding.OutOfService,
        (PortalMode.Closed, _) or (PortalMode.EntryOnly, Direction.Exit) or (PortalMode.ExitOnly, Direction.Entry) => LaneStanding.Closed,
        _ => LaneStanding.Open,
    };
}

internal enum LaneStanding
{
    /// <summary>Whoever the rules allow may pass.</summary>
    Open,

    /// <summary>The portal is held open for everybody.</summary>
    Free,

    /// <summary>The mode lets nobody pass this way: nobody is asked for a card.</summary>
    Closed,

    /// <summary>A device or the journal is missing.</summary>
    OutOfService,
}

/// <summary>All lanes of the gate, as in the settings.</summary>
internal sealed class Lanes(IReadOnlyList<Lane> all)
{
    public IReadOnlyList<Lane> All => all;

    public Lane? Find(string id) => all.FirstOrDefault(lane => lane.Id == id);

    /// <summary>For whoever names one that is not there.</summary>
    public string NoSuchLane => $"the lanes of this gate are {string.Join(", ", all.Select(lane => lane.Id))}";
}
