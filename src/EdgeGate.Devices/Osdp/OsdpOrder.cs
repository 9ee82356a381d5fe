namespace EdgeGate.Devices.Osdp;

/// <summary>A command on its way, from whoever wants it to the peripheral and back.</summary>
/// <param name="command">What to send.</param>
internal sealed class OsdpOrder(OsdpCommand command)
{
    private const int Waiting = 0, Begun = 1, Withdrawn = 2;

    private readonly TaskCompletionSource<OsdpResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _stage;

    public OsdpCommand Command => command;

    public Task<OsdpResult> Result => _result.Task;

    /// <summary>What became of it; null while that is open.</summary>
    public OsdpResult? Ended => _result.Task.IsCompletedSuccessfully ? _result.Task.Result : null;

    /// <returns>False when it was withdrawn before it went on the line.</returns>
    public bool TryBegin() => Interlocked.CompareExchange(ref _stage, Begun, Waiting) == Waiting;

    /// <returns>False when it is on the line already: then nobody can take it back.</returns>
    public bool TryWithdraw() => Interlocked.CompareExchange(ref _stage, Withdrawn, Waiting) == Waiting;

    public void End(OsdpResult result) => _result.TrySetResult(result);
}
