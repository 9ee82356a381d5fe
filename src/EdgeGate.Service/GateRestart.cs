namespace EdgeGate.Service;

/// <summary>Stops the gate so that it starts anew within the same process, as with settings on trial.</summary>
internal sealed class GateRestart(IHostApplicationLifetime lifetime)
{
    private volatile bool _isAsked;

    public bool IsAsked => _isAsked;

    public void Ask()
    {
        _isAsked = true;
        lifetime.StopApplication();
    }
}
