using EdgeGate.Access;

namespace EdgeGate.Service.GuardPost;

internal sealed record GuardPostOptions
{
    /// <summary>What the gate is called on its network, beside its own name and addresses.</summary>
    public IReadOnlyList<string> HostNames { get; init; } = [];

    /// <summary>Whom a guard may not let pass alone: a supervisor gives a PIN.</summary>
    public IReadOnlySet<DenyReason> SupervisorFor { get; init; } = new HashSet<DenyReason>();
}
