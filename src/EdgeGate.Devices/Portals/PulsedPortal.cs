using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Portals;

/// <summary>
/// A portal on a serial line that is opened by one command and closed by another after the pulse. Closing is sent first on
/// every new line, so that its state is known whatever happened before; after it, while the portal is held open, that.
/// </summary>
/// <remarks>
/// The pulse ends because this process ends it: also when the request is cancelled and when the service stops. The same holds of a portal
/// that is held open. If the process is killed or the machine loses its power meanwhile, a relay that keeps its own supply stays on, and the
/// portal open, until the service starts again and sends the closing command. Where that is not acceptable, take a relay
/// with a hardware timer, or a turnstile input in pulse mode, which unlocks once however long the contact is held.
/// </remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle is never asked for holds nothing to dispose of.")]
public sealed class PulsedPortal : IPortal
{
    /// <summary>Turnstile inputs ask for at least this much (PERCo manuals).</summary>
    public static readonly TimeSpan ShortestPulse = TimeSpan.FromMilliseconds(100);

    /// <summary>Longer is no pulse: who wants the portal held open sets its mode.</summary>
    public static readonly TimeSpan LongestPulse = TimeSpan.FromMinutes(1);

    private readonly DeviceConnection _connection;
    private readonly IPortalCommands _commands;
    private readonly TimeSpan _pulse;
    private readonly TimeProvider _time;

    /// <summary>Held by whoever writes, so that an opening and the end of the pulse before it cannot cross.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);
    private IDeviceLine? _line;
    private Task _pulseEnd = Task.CompletedTask;
    private CancellationToken _lineOver;
    private long _pulseBegan;
    private bool _isOpen, _isHeld;

    /// <param name="connection">The portal's own line.</param>
    /// <param name="commands">What its controller wants to hear.</param>
    /// <param name="pulse">How long it is open for one passage.</param>
    /// <param name="time">For the pulse.</param>
    public PulsedPortal(DeviceConnection connection, IPortalCommands commands, TimeSpan pulse, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pulse, ShortestPulse);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pulse, LongestPulse);
        (_connection, _commands, _pulse, _time) = (connection, commands, pulse, time);
    }

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken stopping) => _connection.RunAsync(TalkAsync, stopping);

    /// <inheritdoc/>
    /// <remarks>A grant within a pulse prolongs it: it then ends one pulse length after the later grant.</remarks>
    public async ValueTask<PortalResult> OpenForPassageAsync(string credential, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_line is null)
                return new PortalResult.Unreachable(WhyNoLine());
            // Not cancelled: half a command would leave the portal's state unknown. The line's write time-out bounds it.
            await _line.WriteAsync(_commands.Open(credential), CancellationToken.None);
            BeginPulse(_line);
            return new PortalResult.Moved();
        }
        catch (DeviceLineLostException lost)
        {
            return new PortalResult.Unreachable(lost.Message);
        }
        finally
        {
            _turn.Release();
        }
    }

    public string? WhyNotHeld => _commands.Hold.IsEmpty ? "it has no text that holds it open" : null;

    /// <inheritdoc/>
    public async ValueTask<PortalResult> HoldAsync(bool open, CancellationToken cancellationToken)
    {
        if (WhyNotHeld is { } why)
            return new PortalResult.Unreachable(why);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _isHeld = open;
            if (_line is null)
                return new PortalResult.Unreachable(WhyNoLine());
            await _line.WriteAsync(open ? _commands.Hold : Release, CancellationToken.None);
            return new PortalResult.Moved();
        }
        catch (DeviceLineLostException lost)
        {
            return new PortalResult.Unreachable(lost.Message);
        }
        finally
        {
            _turn.Release();
        }
    }

    private ReadOnlyMemory<byte> Release => _commands.Release.IsEmpty ? _commands.Close : _commands.Release;

    private async Task TalkAsync(IDeviceLine line, CancellationToken stopping)
    {
        using var lineOver = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await _turn.WaitAsync(stopping);
        try
        {
            await line.WriteAsync(_commands.Close, stopping);
            await line.WriteAsync(_isHeld ? _commands.Hold : _commands.Release, stopping);
            (_line, _lineOver) = (line, lineOver.Token);
        }
        finally
        {
            _turn.Release();
        }
        try
        {
            await ListenAsync(line, stopping);
        }
        finally
        {
            await lineOver.CancelAsync();
            await _turn.WaitAsync(CancellationToken.None);
            _line = null;
            _turn.Release();
            await _pulseEnd;
            await LetGoAsync(line);
        }
    }

    /// <summary>A portal that is held open is not left so; on a line that is lost there is nobody to be told.</summary>
    private async Task LetGoAsync(IDeviceLine line)
    {
        if (!_isHeld)
            return;
        try
        {
            await line.WriteAsync(Release, CancellationToken.None);
        }
        catch (DeviceLineLostException)
        {
            // the connection reports it, and the next line begins with what is wished then
        }
    }

    /// <summary>Nothing a portal answers is wanted, but a loss of the line shows only to who reads.</summary>
    private static async Task ListenAsync(IDeviceLine line, CancellationToken stopping)
    {
        while (await line.Input.ReadAsync(stopping) is { IsCompleted: false } heard)
            line.Input.AdvanceTo(heard.Buffer.End);
    }

    private void BeginPulse(IDeviceLine line)
    {
        if (_commands.Close.IsEmpty)
            return;
        _pulseBegan = _time.GetTimestamp();
        if (_isOpen)
            return; // the running pulse sees that it was prolonged
        _isOpen = true;
        _pulseEnd = EndPulseAsync(line, _lineOver);
    }

    private async Task EndPulseAsync(IDeviceLine line, CancellationToken lineOver)
    {
        var left = _pulse;
        while (true)
        {
            await Task.Delay(left, _time, lineOver)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // a service that stops ends the pulse at once
            await _turn.WaitAsync(CancellationToken.None);
            try
            {
                left = _pulse - _time.GetElapsedTime(_pulseBegan);
                if (left > TimeSpan.Zero && !lineOver.IsCancellationRequested)
                    continue; // prolonged
                _isOpen = false;
                if (!_isHeld)
                    await line.WriteAsync(_commands.Close, CancellationToken.None);
                return;
            }
            catch (DeviceLineLostException)
            {
                return; // the connection reports it, and closing is the first thing sent on the next line
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    private string WhyNoLine() =>
        _connection.Status is { State: not DeviceState.Connected } status ? status.Cause : "the portal is just being connected";
}
