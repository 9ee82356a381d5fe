using System.Collections.Concurrent;

namespace EdgeGate.Devices.Osdp;

/// <summary>
/// One reader or panel on an OSDP line, for whoever gives it commands and hears of it. It talks while an
/// <see cref="OsdpBus"/> runs that it belongs to.
/// </summary>
public sealed class OsdpPeripheral
{
    private readonly TimeProvider _time;
    private readonly Action<OsdpEvent> _happened;
    private readonly OsdpSession _session;
    private readonly ConcurrentQueue<Action<OsdpSession>> _wishes = new();
    private volatile OsdpStatus _status;
    private int _waiting;

    /// <param name="happened">Called on the line's loop, one event at a time; must be quick.</param>
    /// <exception cref="ArgumentOutOfRangeException">The address cannot be one.</exception>
    public OsdpPeripheral(OsdpPeripheralOptions options, TimeProvider time, Action<OsdpEvent> happened)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(options.Address, OsdpFrame.Broadcast, nameof(options));
        (_time, _happened) = (time, happened);
        _session = new OsdpSession(options, time);
        _status = _session.Status;
    }

    public byte Address => _session.Address;

    public OsdpStatus Status => _status;

    /// <summary>Messages of this peripheral that were not authentic or contradicted themselves.</summary>
    public Framing.FrameFaultCounts Faults => _session.Faults;

    internal OsdpSession Session => _session;

    /// <summary>Tells the line that a wish waits.</summary>
    internal Action Wake { get; set; } = () => { };

    /// <summary>Gives a command and waits for what becomes of it: two seconds until it is on the line, and about two more.</summary>
    /// <param name="cancellationToken">Withdraws a command that is not on the line yet.</param>
    /// <exception cref="OperationCanceledException">It was withdrawn.</exception>
    public async ValueTask<OsdpResult> SendAsync(OsdpCommand command, CancellationToken cancellationToken)
    {
        if (_status is { State: OsdpState.Offline or OsdpState.Unusable, Cause: var cause })
            return new OsdpResult.Unreachable(cause);
        var order = new OsdpOrder(command);
        if (Interlocked.Increment(ref _waiting) <= OsdpSession.MaxOrders)
            Wish(session => session.Enqueue(order));
        else
            order.End(new OsdpResult.Unreachable("too many commands wait for the reader"));
        try
        {
            return await order.Result.WaitAsync(OsdpSession.OrderLimit, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return order.TryWithdraw() ? new OsdpResult.Unreachable("the line was taken for too long") : await order.Result;
        }
        catch (OperationCanceledException) when (!order.TryWithdraw())
        {
            return await order.Result; // on the line already: what it does must be known
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>
    /// Install mode: a peripheral that has no key of its own is given the one in the options, over a channel that everybody who
    /// taps the line can read. A person asks for it, for a limited time; it ends when the peripheral has its key.
    /// </summary>
    /// <param name="duration">From now on.</param>
    public void AllowInstall(TimeSpan duration)
    {
        var from = _time.GetTimestamp();
        Wish(session => session.AllowInstall(from, duration));
    }

    /// <summary>On the line's loop: what is wished goes to the session, what has happened goes out.</summary>
    internal void TakeWishes()
    {
        while (_wishes.TryDequeue(out var wish))
            wish(_session);
        foreach (var happened in _session.TakeEvents())
        {
            if (happened is OsdpEvent.StatusChanged changed)
                _status = changed.Status;
            _happened(happened);
        }
    }

    private void Wish(Action<OsdpSession> wish)
    {
        _wishes.Enqueue(wish);
        Wake();
    }
}
