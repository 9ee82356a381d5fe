using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Portals;

/// <summary>
/// A portal on GPIO lines: a relay or two, and what watches the opening. While the fire input is active it is open, whatever
/// anybody says. hardware/gpio-portal/README.md
/// </summary>
/// <remarks>
/// The pulse ends because this process ends it. When the process dies the kernel takes the lines back at once, and then the chip's
/// driver decides: upstream's let the relay fall, that of Raspberry Pi's own kernels keeps the level unless it is told to be strict.
/// Therefore <c>edgegate relays off</c>, which the service manager runs after every end, and lines that are asked for with the resting level.
/// </remarks>
public sealed class GpioPortal : IWatchedPortal, IAsyncDisposable
{
    private readonly DeviceConnection<IGpioLines> _connection;
    private readonly GpioPortalOptions _options;
    private readonly IReadOnlyList<(PortalSensor Sensor, PortalInputLine Line)> _inputs;
    private readonly string _id;
    private readonly Interlock? _interlock;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();

    private IGpioLines? _lines;
    private bool _isUnlocked;
    private bool _isFire;
    private bool _isHeld;

    /// <summary>The lines are about to be let go: nobody opens any more, but a fire.</summary>
    private bool _isEnding;
    private bool _isDoorOpen;
    private int _grants; // within the pulse that runs
    private TimeSpan _openUntil = TimeSpan.MinValue;

    /// <summary>When two relays were last switched; each is on for a moment only.</summary>
    private TimeSpan _switchedAt;

    /// <param name="id">Among its interlock's portals.</param>
    /// <param name="connection">To the chip, with <see cref="GpioPortalOptions.Lines"/>.</param>
    /// <param name="interlock">Of linked portals; null for one that stands alone.</param>
    public GpioPortal(string id, DeviceConnection<IGpioLines> connection, GpioPortalOptions options, Interlock? interlock, TimeProvider time)
    {
        if (options.Pulse < PulsedPortal.ShortestPulse || options.Pulse > PulsedPortal.LongestPulse)
            throw new ArgumentOutOfRangeException(nameof(options), options.Pulse, "too short or too long for a pulse");
        (_id, _connection, _options, _interlock, _time) = (id, connection, options, interlock, time);
        _inputs = options.Inputs;
        _timer = time.CreateTimer(_ => Update(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool IsWatched => _inputs.Count > 0;

    /// <summary>With the kernel's stamps.</summary>
    public event Action<PortalSignal>? Signalled;

    public event Action? SensorsLost;

    public string? WhyNotHeld => _interlock is null ? null : "it is linked with another portal, and only one of them may be open";

    private TimeSpan Now => _time.GetElapsedTime(0);

    public Task RunAsync(CancellationToken stopping) => _connection.RunAsync(WatchAsync, stopping);

    /// <inheritdoc/>
    /// <remarks>A grant within a pulse prolongs it: it then ends one pulse length after the later grant.</remarks>
    public ValueTask<PortalResult> OpenForPassageAsync(string credential, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
            return ValueTask.FromResult(Open());
    }

    public ValueTask<PortalResult> HoldAsync(bool open, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (open && WhyNotHeld is { } why)
            return ValueTask.FromResult<PortalResult>(new PortalResult.Unreachable(why));
        lock (_lock)
        {
            _isHeld = open;
            return ValueTask.FromResult(_lines is null ? new PortalResult.Unreachable(WhyNoLines()) : TrySwitch());
        }
    }

    public async ValueTask DisposeAsync() => await _timer.DisposeAsync();

    private PortalResult Open()
    {
        if (_lines is null)
            return new PortalResult.Unreachable(WhyNoLines());
        if (_isFire)
            return new PortalResult.Moved();
        if (_interlock?.TryOpen(_id) is { } other)
            return new PortalResult.Unreachable($"{other} is open, and only one of the two may be");
        _grants = _isUnlocked ? _grants + 1 : 1;
        _openUntil = Now + _options.Pulse;
        return TrySwitch();
    }

    private PortalResult TrySwitch()
    {
        try
        {
            Switch();
            return new PortalResult.Moved();
        }
        catch (DeviceLineLostException lost)
        {
            return new PortalResult.Unreachable(lost.Message); // who reads the edges finds out too, and the connection says so
        }
    }

    private async Task WatchAsync(IGpioLines lines, CancellationToken stopping)
    {
        try
        {
            Begin(lines);
            await foreach (var edge in lines.Edges.ReadAllAsync(stopping))
                Take(edge.Line - _options.RelayCount, edge.IsActive, edge.At);
        }
        finally
        {
            await EndAsync();
        }
    }

    private void Begin(IGpioLines lines)
    {
        lock (_lock)
        {
            // A drive that was told to open before a crash stays open until it is told to close.
            (_lines, _isUnlocked, _isEnding, _switchedAt, _openUntil) = (lines, false, false, Now, TimeSpan.MinValue);
            if (_options.CloseLine is not null)
                lines.Write(GpioPortalOptions.Close, true);
        }
        for (var input = 0; input < _inputs.Count; input++)
        {
            // A button that hangs was not pressed just now: only its edges count.
            var isActive = _inputs[input].Sensor is not PortalSensor.ExitButton && lines.IsActive(input + _options.RelayCount);
            Take(input, isActive, Now);
        }
        Update();
    }

    private void Take(int input, bool isActive, TimeSpan at)
    {
        var sensor = _inputs[input].Sensor;
        lock (_lock)
        {
            switch (sensor)
            {
                case PortalSensor.FireInput:
                    _isFire = isActive;
                    break;
                case PortalSensor.DoorContact:
                    _isDoorOpen = isActive;
                    break;
                case PortalSensor.PassageSensor when isActive && _options.Drive is PortalDrive.Level && --_grants <= 0:
                    _openUntil = TimeSpan.MinValue;
                    break;
            }
        }
        Update();
        Signalled?.Invoke(new PortalSignal(sensor, isActive, at));
    }

    private async Task EndAsync()
    {
        try
        {
            if (Rest())
                await Task.Delay(_options.RelayPulse, _time, CancellationToken.None);
            LetGo();
        }
        catch (DeviceLineLostException)
        {
            // the chip is gone, and its relays are not ours to move any more; the connection says so
        }
        finally
        {
            lock (_lock)
                (_lines, _isFire) = (null, false);
        }
        SensorsLost?.Invoke();
    }

    /// <summary>Locks, unless there is a fire: then the portal is left open.</summary>
    /// <returns>Whether a relay is on that must be on for a moment to be heard.</returns>
    private bool Rest()
    {
        lock (_lock)
        {
            if (_isFire)
                return false;
            var mustBeTold = _isUnlocked && _options.CloseLine is not null;
            _isEnding = true;
            Switch();
            return mustBeTold;
        }
    }

    /// <summary>
    /// Nobody decides any more, so the relays stand as they would without power: a fail-safe lock lets go. Not left to the kernel, which may
    /// keep the levels of lines that nobody holds.
    /// </summary>
    private void LetGo()
    {
        lock (_lock)
        {
            var opens = _options is { Lock: LockKind.FailSecure, CloseLine: null };
            if (!(_isFire && opens))
                _lines?.Write(GpioPortalOptions.Unlock, false);
            if (_options.CloseLine is not null)
                _lines?.Write(GpioPortalOptions.Close, false);
        }
    }

    private void Update()
    {
        lock (_lock)
            TrySwitch();
    }

    /// <summary>Puts the relays as they must stand now and sets the timer for the next change. Under the lock.</summary>
    private void Switch()
    {
        if (_lines is null)
            return;
        var now = Now;
        var unlocked = _isFire || (!_isEnding && (_isHeld || now < _openUntil));
        if (unlocked != _isUnlocked)
            (_isUnlocked, _switchedAt) = (unlocked, now);
        _interlock?.Report(_id, _isUnlocked || _isDoorOpen);
        if (_options.CloseLine is null)
        {
            _lines.Write(GpioPortalOptions.Unlock, _options.IsOn(unlocked));
        }
        else
        {
            var pulsing = now < _switchedAt + _options.RelayPulse;
            _lines.Write(GpioPortalOptions.Unlock, unlocked && pulsing);
            _lines.Write(GpioPortalOptions.Close, !unlocked && pulsing);
        }
        var due = new[] { _openUntil, _options.CloseLine is null ? TimeSpan.MinValue : _switchedAt + _options.RelayPulse }
            .Where(at => at > now).DefaultIfEmpty(TimeSpan.MaxValue).Min();
        _timer.Change(due == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : due - now, Timeout.InfiniteTimeSpan);
    }

    private string WhyNoLines() =>
        _connection.Status is { State: not DeviceState.Connected } status ? status.Cause : "the portal is just being connected";
}
