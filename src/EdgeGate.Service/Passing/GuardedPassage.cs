using EdgeGate.Devices.Portals;

namespace EdgeGate.Service.Passing;

/// <summary>A way through without a device: the guard who holds the reader lets people pass, away from the gate too. It obeys at once.</summary>
internal sealed class GuardedPassage : IPortal
{
    public Task RunAsync(CancellationToken stopping) => Task.CompletedTask;

    public string? WhyNotHeld => "no device is there that could be held open";

    public ValueTask<PortalResult> HoldAsync(bool open, CancellationToken cancellationToken) =>
        ValueTask.FromResult<PortalResult>(new PortalResult.Unreachable(WhyNotHeld!));

    public ValueTask<PortalResult> OpenForPassageAsync(string credential, CancellationToken cancellationToken) =>
        ValueTask.FromResult<PortalResult>(new PortalResult.Moved());
}
