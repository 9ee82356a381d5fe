using EdgeGate.Messages.Enrolment;
using EdgeGate.Messages.Privacy;

namespace EdgeGate.Messages.Records;

/// <summary>Retained on the gate's <c>state</c> topic. The last will is the same message with <see cref="Online"/> false.</summary>
public sealed record GateStateMessage
{
    public required string Gate { get; init; }
    public required bool Online { get; init; }
    public string? Version { get; init; }

    /// <summary>Checks this gate's signatures. A center pins the key it was given at enrolment, not one that anybody shows here without proof.</summary>
    public P256Key? SigningKey { get; init; }

    /// <summary>Of a gate that came by a bundle: why the center may believe <see cref="SigningKey"/>.</summary>
    public EnrolmentProof? Enrolment { get; init; }

    /// <summary>When the gate came online; null in the last will, which is written long before it is sent.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>Retained on <c>devices/{id}</c>.</summary>
/// <param name="Cause">In words for an installer, with a remedy; null when all is well.</param>
public sealed record DeviceStateMessage(string Id, string State, string? Cause, DateTimeOffset Since);
