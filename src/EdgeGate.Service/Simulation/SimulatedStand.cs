using EdgeGate.Devices.Ports;

namespace EdgeGate.Service.Simulation;

/// <summary>A pretend device on a pseudo-terminal with a name that stays: plugged in, pulled, reset, and its line as bad as told.</summary>
internal sealed class SimulatedStand(ISimulatedPeer peer, string link, TimeProvider time) : IAsyncDisposable
{
    private CancellationTokenSource? _run;
    private Task _running = Task.CompletedTask;
    private PseudoTerminal? _terminal;
    private FaultyLine? _line;
    private LineFault _faults;

    /// <summary>Where the gate opens it.</summary>
    public string Link => link;

    public bool IsPluggedIn => _terminal is not null;

    public LineFault Faults
    {
        get => _faults;
        set
        {
            _faults = value;
            _line?.Faults = value;
        }
    }

    /// <exception cref="IOException">There is no pseudo-terminal, or the name cannot be made.</exception>
    public void PlugIn()
    {
        if (_terminal is not null)
            return;
        _terminal = PseudoTerminal.Open(link);
        _line = new FaultyLine(_terminal, time) { Faults = _faults };
        Start();
    }

    public async Task UnplugAsync()
    {
        if (_terminal is null)
            return;
        await _terminal.DisposeAsync();
        _terminal = null;
        await StopAsync();
    }

    /// <summary>As by its own button: it forgets what it was told, and the line stays.</summary>
    public async Task ResetAsync()
    {
        if (_terminal is null)
            return;
        await StopAsync();
        Start();
    }

    public async ValueTask DisposeAsync() => await UnplugAsync();

    private void Start()
    {
        _run = new CancellationTokenSource();
        _running = peer.RunAsync(_line!, _run.Token);
    }

    private async Task StopAsync()
    {
        await _run!.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // its line was taken away, or it was told to end
        _run.Dispose();
    }
}
