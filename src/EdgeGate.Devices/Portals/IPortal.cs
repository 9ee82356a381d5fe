namespace EdgeGate.Devices.Portals;

/// <summary>
/// The opening itself, in one direction: a turnstile, a door, a barrier. It obeys; who may pass was decided, and is on
/// disk, before it is asked.
/// </summary>
public interface IPortal
{
    /// <summary>Keeps the way to the portal open; runs as long as the service.</summary>
    /// <param name="stopping">Ends a running pulse and then this.</param>
    Task RunAsync(CancellationToken stopping);

    /// <summary>Unlocks for one passage and returns when the portal was told; the pulse goes on by itself and ends by itself.</summary>
    /// <param name="credential">For portals that show or log who passes; most ignore it. Personal data.</param>
    /// <param name="cancellationToken">Cancelled in time, nothing moves; a pulse that has begun always gets its end.</param>
    ValueTask<PortalResult> OpenForPassageAsync(string credential, CancellationToken cancellationToken);

    /// <summary>Why this portal cannot be held open, in words; null when it can.</summary>
    string? WhyNotHeld { get; }

    /// <summary>
    /// Holds the portal open, or lets it lock again. What was wished last stands: a portal that could not be told is told as soon as it
    /// can be, and one that was lost is told again when it is back. A service that stops lets go.
    /// </summary>
    /// <param name="open">Only for a portal that can be held.</param>
    ValueTask<PortalResult> HoldAsync(bool open, CancellationToken cancellationToken);
}

/// <summary>What became of a grant at the portal. The caller records it; nothing is tried again without a new grant.</summary>
public abstract record PortalResult
{
    private PortalResult() { }

    /// <summary>The portal was told to open. That somebody went through is another fact.</summary>
    public sealed record Moved : PortalResult;

    /// <summary>The portal could not be told.</summary>
    /// <param name="Cause">In words for the guard and the record.</param>
    public sealed record Unreachable(string Cause) : PortalResult;
}

/// <summary>What a portal's controller wants to hear, as bytes. Pure.</summary>
public interface IPortalCommands
{
    ReadOnlyMemory<byte> Open(string credential);

    /// <summary>Empty when the portal closes by itself.</summary>
    ReadOnlyMemory<byte> Close { get; }

    /// <summary>Opens until <see cref="Release"/>, or until <see cref="Close"/> where that is empty; itself empty when the portal cannot be held open.</summary>
    ReadOnlyMemory<byte> Hold { get; }

    /// <summary>Ends what <see cref="Hold"/> began; empty where <see cref="Close"/> does.</summary>
    ReadOnlyMemory<byte> Release { get; }
}
