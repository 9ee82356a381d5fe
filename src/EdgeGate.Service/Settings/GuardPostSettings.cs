using System.ComponentModel;
using EdgeGate.Access;

namespace EdgeGate.Service.Settings;

internal sealed record GuardPostSettings
{
    // An address, not a name: Kestrel takes any name but localhost to mean every network interface.
    [Pattern(
        @"^https://(localhost|[0-9.]{7,15}|\[[0-9a-fA-F:]{2,39}\])(:[0-9]{1,5})?/?$",
        "an https URL with one of this machine's addresses, such as \"https://0.0.0.0:8443\" for all of them")]
    [Description("Where phones reach the guard post: by https, with a certificate of the gate's own.")]
    public required Uri Address { get; init; }

    [Count(0, 16), Description("What the gate is called on the local network, such as gate-1.estate.example; its own name and its addresses need not be listed.")]
    public IReadOnlyList<string> Names { get; init; } = [];

    [Count(0, 64), Description("For these reasons a guard may not let somebody pass alone: a supervisor gives a PIN.")]
    public IReadOnlyList<DenyReason> SupervisorFor { get; init; } = GuardPostDefaults.SupervisorFor;
}

internal static class GuardPostDefaults
{
    /// <summary>What concerns others' health, or was decided by somebody else.</summary>
    public static IReadOnlyList<DenyReason> SupervisorFor { get; } =
        [DenyReason.TemperatureTooHigh, DenyReason.UnderQuarantine, DenyReason.WatchListed, DenyReason.HealthCodeNotHealthy, DenyReason.ZoneClosed];
}
