using EdgeGate.Messages.Enrolment;
using EdgeGate.Messages.Privacy;

namespace EdgeGate.Messages.Records;

/// <summary>Retained on the gate's <c>state</c> topic. The last will is the same message with <see cref="Online"/> false.</summary>
public sealed record GateStateMessage
{
    public required string Gate { get; init; }
    public required bool Online { get; init; }

    /// <summary>
    /// Which of the gate's logins at a broker this is about; it grows from one to the next, also over restarts. A broker may give a message again or late: of two the one with the higher
    /// number is newer, and of one number the last will. Null from gates that do not number them yet.
    /// </summary>
    public long? Session { get; init; }
    public string? Version { get; init; }

    /// <summary>Checks this gate's signatures. A center pins the key it was given at enrolment, not one that anybody shows here without proof.</summary>
    public P256Key? SigningKey { get; init; }

    /// <summary>Of a gate that came by a bundle: why the center may believe <see cref="SigningKey"/>.</summary>
    public EnrolmentProof? Enrolment { get; init; }

    /// <summary>When the gate came online; null in the last will, which is written long before it is sent.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Of two of one gate the newer is that of the later login, and of one login the last will. Without numbers the one that came last counts.</summary>
    public bool IsOlderThan(GateStateMessage other) => Session < other.Session || (Session is not null && Session == other.Session && Online && !other.Online);
}

/// <summary>Retained on <c>devices/{id}</c>.</summary>
/// <param name="Cause">In words for an installer, with a remedy; null when all is well.</param>
public sealed record DeviceStateMessage(string Id, string State, string? Cause, DateTimeOffset Since);
