using EdgeGate.Access;

namespace EdgeGate.Service.Kiosk;

/// <summary>What the person in front of the gate is told.</summary>
public enum KioskFace
{
    /// <summary>Nobody there: show your card or code.</summary>
    Idle,

    /// <summary>A card lies on the reader and is being read: hold it still.</summary>
    Reading,

    /// <summary>Part of the evidence is in; <see cref="KioskView.Wanted"/> says what is still wanted.</summary>
    Gathering,
    Granted,
    Denied,
    SeeGuard,

    /// <summary>The portal is held open: walk through.</summary>
    Free,

    /// <summary>The gate cannot decide or cannot open, since a device, the journal or the portal is down; or its mode is closed.</summary>
    OutOfService,
}

public enum WantedEvidence
{
    Identity,
    Temperature,
    HealthCode,
}

/// <summary>One picture of the lane. Holds no personal data beyond the masked name.</summary>
public sealed record KioskView(KioskFace Face)
{
    public IReadOnlyList<WantedEvidence> Wanted { get; init; } = [];
    public IReadOnlyList<DenyReason> Reasons { get; init; } = [];

    /// <summary>For example 测**; null when nobody is identified.</summary>
    public string? MaskedName { get; init; }

    /// <summary>Null unless the settings let the kiosk show it.</summary>
    public Celsius? Temperature { get; init; }

    /// <summary>Words at the foot of whatever is shown; null for none.</summary>
    internal KioskNotice? Notice { get; init; }
}

/// <summary>Something everybody at the gate is told, beside the lane's own picture.</summary>
/// <param name="Words">From the gate itself, or from the operator.</param>
/// <param name="Rank">Of several that stand at once the highest is shown.</param>
/// <param name="EndsAt">Timestamp of the monotonic clock.</param>
internal sealed record KioskNotice(Bilingual Words, NoticeRank Rank, long EndsAt);

internal enum NoticeRank
{
    /// <summary>A list is about to be too old, or is.</summary>
    ListAge,

    /// <summary>The operator's words.</summary>
    Operator,

    /// <summary>The gate says which one it is: stands out.</summary>
    Identification,
}
