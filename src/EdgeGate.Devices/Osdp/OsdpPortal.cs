using System.Threading.Channels;
using EdgeGate.Devices.Portals;

namespace EdgeGate.Devices.Osdp;

/// <summary>An input of an OSDP peripheral, from 0.</summary>
/// <param name="IsActiveWhenOff">What it watches is active while the peripheral calls the input inactive.</param>
public sealed record OsdpInputLine(int Input, bool IsActiveWhenOff);

public sealed record OsdpPortalOptions
{
    /// <summary>From 0.</summary>
    public byte Output { get; init; }

    /// <summary>How long it is on for one passage, in steps of 100 ms.</summary>
    public TimeSpan Pulse { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Active while the door is open.</summary>
    public OsdpInputLine? DoorContact { get; init; }

    /// <summary>Becomes active once for each body that goes through.</summary>
    public OsdpInputLine? PassageSensor { get; init; }

    /// <summary>Active while somebody presses it.</summary>
    public OsdpInputLine? ExitButton { get; init; }

    internal IReadOnlyList<(PortalSensor Sensor, OsdpInputLine Line)> Inputs =>
    [
        .. new[] { (PortalSensor.DoorContact, DoorContact), (PortalSensor.PassageSensor, PassageSensor), (PortalSensor.ExitButton, ExitButton) }
            .Where(input => input.Item2 is not null).Select(input => (input.Item1, input.Item2!)),
    ];
}

/// <summary>
/// A portal on an output of an OSDP peripheral, watched by its inputs. The peripheral times the pulse itself, so it ends even if this
/// process, this machine or the line dies within it. Held open it has no timer, and stays so until it is told otherwise.
/// </summary>
/// <param name="send">Gives a command to the peripheral whose output it is (<see cref="OsdpPeripheral.SendAsync"/>).</param>
public sealed class OsdpPortal(OsdpPortalOptions options, Func<OsdpCommand, CancellationToken, ValueTask<OsdpResult>> send, TimeProvider time) : IWatchedPortal
{
    /// <summary>Between two tries to put the output as it must stand.</summary>
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>One try may meet a reader that is just busy.</summary>
    private const int TriesUntilTold = 3;

    private readonly OsdpCommand _open = OsdpCommand.Output(options.Output, OsdpOutputAction.OnForTime, options.Pulse);
    private readonly OsdpCommand _hold = OsdpCommand.Output(options.Output, OsdpOutputAction.On, TimeSpan.Zero);
    private readonly OsdpCommand _release = OsdpCommand.Output(options.Output, OsdpOutputAction.Off, TimeSpan.Zero);
    private readonly IReadOnlyList<(PortalSensor Sensor, OsdpInputLine Line)> _inputs = options.Inputs;
    private readonly Channel<bool> _beganAnew = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>How the sensors stand; null while nobody has said.</summary>
    private readonly bool?[] _active = new bool?[options.Inputs.Count];

    private readonly Lock _lock = new();
    private bool _isHeld;

    /// <summary>Told to be held open, and obeyed.</summary>
    private volatile bool _standsOpen;
    private long? _pulseBegan;
    private int _notObeyed;

    public bool IsWatched => _inputs.Count > 0;

    public event Action<PortalSignal>? Signalled;

    public event Action? SensorsLost;

    public string? WhyNotHeld => null;

    /// <summary>Why the output does not stand as it must, told again and again in vain, in words; null when it does as far as is known.</summary>
    public string? WhyNotObeyed { get; private set; }

    /// <summary><see cref="WhyNotObeyed"/> is another. On whatever thread gave the command.</summary>
    public event Action? ObedienceChanged;

    /// <summary>What its peripheral reports. On the line's loop.</summary>
    public void Hear(OsdpEvent happened)
    {
        switch (happened)
        {
            case OsdpEvent.Inputs(var active):
                Take(active);
                break;
            case OsdpEvent.SessionBegan or OsdpEvent.StatusChanged { Status.State: OsdpState.Online }:
                _standsOpen = false; // it may have lost power: as it stands now it was not told
                _beganAnew.Writer.TryWrite(true);
                break;
            case OsdpEvent.StatusChanged { Status.State: OsdpState.Offline or OsdpState.Unusable } when _active.Any(known => known is not null):
                Array.Clear(_active);
                SensorsLost?.Invoke();
                break;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The line is kept by its <see cref="OsdpBus"/>. Each conversation begins with how the output is to stand, for one that was held open
    /// by a process that died is still open.
    /// </remarks>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var _ in _beganAnew.Reader.ReadAllAsync(stopping))
                await BeginAsync(stopping);
        }
        finally
        {
            if (_isHeld)
                await send(_release, CancellationToken.None);
        }
    }

    /// <summary>
    /// Until the output stands as it must, or the peripheral begins anew: one that refused now, or had no room, may obey later. Nobody else
    /// would notice that a gate before this one left the portal open.
    /// </summary>
    private async Task BeginAsync(CancellationToken stopping)
    {
        var isOutputTold = await TellOutputAsync(stopping);
        if (IsWatched)
            await send(OsdpCommand.InputStatus, stopping);
        while (!isOutputTold && _beganAnew.Reader.Count == 0)
        {
            await Task.Delay(AgainAfter, time, stopping);
            isOutputTold = await TellOutputAsync(stopping);
        }
    }

    /// <summary>How the output is to stand; nothing within a pulse, which would be cut short.</summary>
    /// <returns>False when it was not told or not obeyed.</returns>
    private async ValueTask<bool> TellOutputAsync(CancellationToken stopping)
    {
        ValueTask<OsdpResult> told;
        lock (_lock) // what is sent first is obeyed first: no release may follow a grant that it did not see
        {
            if (!_isHeld && IsPulsing)
                return false;
            told = StandAsync(_isHeld, stopping);
        }
        return await told is OsdpResult.Done;
    }

    /// <summary>Tells how the output is to stand for good, and counts how often that was in vain.</summary>
    private async ValueTask<OsdpResult> StandAsync(bool on, CancellationToken cancellationToken)
    {
        var result = await send(on ? _hold : _release, cancellationToken);
        _standsOpen = on && result is OsdpResult.Done;
        _notObeyed = result is OsdpResult.Done ? 0 : Math.Min(_notObeyed + 1, TriesUntilTold);
        var why = _notObeyed < TriesUntilTold ? null
            : $"output {options.Output} does not obey when it is told to switch {(on ? "on" : "off, and may be on")}, and is told again and again: {CauseOf(result)}";
        if (why != WhyNotObeyed)
        {
            WhyNotObeyed = why;
            ObedienceChanged?.Invoke();
        }
        return result;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A grant within a pulse starts the peripheral's timer again. An answer that got lost is asked for again, not the opening:
    /// a repeated frame is not obeyed twice.
    /// </remarks>
    public ValueTask<PortalResult> OpenForPassageAsync(string credential, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_isHeld)
                return _standsOpen ? ValueTask.FromResult<PortalResult>(new PortalResult.Moved()) : OpenUnheldAsync(cancellationToken);
            _pulseBegan = time.GetTimestamp();
            return ResultAsync(send(_open, cancellationToken));
        }
    }

    /// <summary>It was to be held open and is not: a reader that refuses this may still open for a while.</summary>
    private async ValueTask<PortalResult> OpenUnheldAsync(CancellationToken cancellationToken)
    {
        var stands = await StandAsync(on: true, cancellationToken);
        return await ResultAsync(stands is OsdpResult.Refused ? send(_open, cancellationToken) : ValueTask.FromResult(stands));
    }

    public ValueTask<PortalResult> HoldAsync(bool open, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _isHeld = open;
            return ResultAsync(StandAsync(open, cancellationToken));
        }
    }

    private bool IsPulsing => _pulseBegan is { } began && time.GetElapsedTime(began) < options.Pulse;

    private async ValueTask<PortalResult> ResultAsync(ValueTask<OsdpResult> told) =>
        await told is var result && result is OsdpResult.Done ? new PortalResult.Moved() : new PortalResult.Unreachable(CauseOf(result));

    private string CauseOf(OsdpResult result) => result switch
    {
        OsdpResult.Refused(var reason) => $"the reader refuses to switch output {options.Output} ({reason})",
        OsdpResult.Unreachable(var cause) => cause,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private void Take(IReadOnlyList<bool> states)
    {
        var at = time.GetElapsedTime(0);
        foreach (var (index, (sensor, line)) in _inputs.Index())
        {
            if (line.Input >= states.Count)
                continue; // it has fewer inputs than the settings say
            var (before, active) = (_active[index], states[line.Input] != line.IsActiveWhenOff);
            if (before == active)
                continue;
            _active[index] = active;
            // A button that hangs was not pressed just now: only its edges count.
            Signalled?.Invoke(new PortalSignal(sensor, active && !(before is null && sensor is PortalSensor.ExitButton), at));
        }
    }
}
