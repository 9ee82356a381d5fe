using EdgeGate.Devices.Portals;

namespace EdgeGate.Devices.Osdp;

/// <summary>
/// A portal on an output of an OSDP peripheral. The peripheral times the pulse itself, so it ends even if this process, this
/// machine or the line dies within it.
/// </summary>
/// <param name="send">Gives a command to the peripheral whose output it is (<see cref="OsdpPeripheral.SendAsync"/>).</param>
/// <param name="output">From 0.</param>
/// <param name="pulse">How long it is on for one passage, in steps of 100 ms.</param>
public sealed class OsdpPortal(Func<OsdpCommand, CancellationToken, ValueTask<OsdpResult>> send, byte output, TimeSpan pulse) : IPortal
{
    private readonly OsdpCommand _open = OsdpCommand.Output(output, OsdpOutputAction.OnForTime, pulse);

    /// <inheritdoc/>
    /// <remarks>Nothing to do: the line is kept by its <see cref="OsdpBus"/>.</remarks>
    public Task RunAsync(CancellationToken stopping) => Task.CompletedTask;

    /// <inheritdoc/>
    /// <remarks>
    /// A grant within a pulse starts the peripheral's timer again. An answer that got lost is asked for again, not the opening:
    /// a repeated frame is not obeyed twice.
    /// </remarks>
    public async ValueTask<PortalResult> OpenForPassageAsync(string credential, CancellationToken cancellationToken) =>
        await send(_open, cancellationToken) switch
        {
            OsdpResult.Done => new PortalResult.Moved(),
            OsdpResult.Refused(var reason) => new PortalResult.Unreachable($"the reader refuses to switch output {output} ({reason})"),
            OsdpResult.Unreachable(var cause) => new PortalResult.Unreachable(cause),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
