using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Routing;

namespace EdgeGate.HealthCodes;

/// <summary>What a gate has decided about codes.</summary>
public sealed record HealthCodeOptions
{
    /// <summary>How long an expired trust list is still used.</summary>
    public TimeSpan TrustListGrace { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How far the clocks of issuer and gate may lie apart.</summary>
    public TimeSpan ClockTolerance { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Codes of online providers and place codes, tried in order.</summary>
    public IReadOnlyList<CodePattern> Patterns { get; init; } = [];

    /// <summary>Keys whose passes are taken.</summary>
    public IReadOnlyList<PassKey> PassKeys { get; init; } = [];

    /// <summary>What this gate knows of single passes; without it none is revoked, and passes for so many uses or with a rotating code cannot be verified.</summary>
    public IPassRegister? PassRegister { get; init; }

    /// <summary>
    /// Rules for certificates that are otherwise valid; without it none are asked. They are written for EU certificates: with them a SMART
    /// Health Card cannot be verified.
    /// </summary>
    public ICertificateRules? Rules { get; init; }
}
