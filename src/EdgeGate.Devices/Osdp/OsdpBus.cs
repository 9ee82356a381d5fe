using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Osdp;

/// <summary>
/// One RS-485 line with its peripherals: asks one after the other and waits for each answer, for one may speak at a time.
/// One that does not answer gets its turn ever more seldom, and never twice while another waits. hardware/osdp/README.md
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "A CancellationTokenSource without a timer holds nothing to dispose of.")]
public sealed class OsdpBus
{
    /// <summary>A peripheral begins to answer within this time (IEC 60839-11-5, REPLY_DELAY).</summary>
    private static readonly TimeSpan ReplyDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>Once an answer came damaged, a good one follows at once (swallowed by a lying header) or not at all.</summary>
    private static readonly TimeSpan AfterDamage = TimeSpan.FromMilliseconds(50);

    private const int LongestUsualReply = 64, BitsPerByte = 10;

    private readonly DeviceConnection _connection;
    private readonly int _baud;
    private readonly IReadOnlyList<OsdpPeripheral> _peripherals;
    private readonly TimeProvider _time;
    private volatile CancellationTokenSource _wake = new();

    /// <param name="connection">The line.</param>
    /// <param name="baud">Its speed: how long a message is under way.</param>
    /// <param name="peripherals">All that are on it, each address once.</param>
    /// <param name="time">For pauses and limits.</param>
    public OsdpBus(DeviceConnection connection, int baud, IReadOnlyList<OsdpPeripheral> peripherals, TimeProvider time)
    {
        if (peripherals.DistinctBy(peripheral => peripheral.Address).Count() != peripherals.Count)
            throw new ArgumentException("two peripherals on one line have the same address", nameof(peripherals));
        (_connection, _baud, _peripherals, _time) = (connection, baud, peripherals, time);
        foreach (var peripheral in peripherals)
            peripheral.Wake = () => _wake.Cancel();
    }

    /// <summary>What was wrong on the line so far.</summary>
    public FrameFaultCounts Faults { get; } = new();

    /// <summary>Keeps the line and talks on it; runs as long as the service.</summary>
    public Task RunAsync(CancellationToken stopping) => _connection.RunAsync(TalkAsync, stopping);

    private async Task TalkAsync(IDeviceLine line, CancellationToken stopping)
    {
        using var replies = new FrameReader<OsdpFrame>(line.Input, new FrameParser<OsdpFrame>(OsdpFrame.Decode), _time);
        foreach (var peripheral in _peripherals)
            peripheral.Session.Connect();
        var cause = "the line was closed by the service";
        try
        {
            var turns = new OsdpTurns([.. _peripherals.Select(peripheral => peripheral.Session)]);
            while (true)
            {
                TakeWishes();
                if (turns.Next() is { } session)
                    await ExchangeAsync(line, replies, session, stopping);
                else
                    await IdleAsync(replies, turns.DueIn, stopping);
            }
        }
        catch (DeviceLineLostException lost)
        {
            cause = lost.Message;
            throw;
        }
        finally
        {
            foreach (var peripheral in _peripherals)
            {
                peripheral.Session.Disconnect(cause);
                peripheral.TakeWishes();
            }
        }
    }

    private void TakeWishes()
    {
        if (_wake.IsCancellationRequested)
            _wake = new CancellationTokenSource(); // before looking, so that a wish put in afterwards wakes again
        foreach (var peripheral in _peripherals)
            peripheral.TakeWishes();
    }

    private async ValueTask ExchangeAsync(IDeviceLine line, FrameReader<OsdpFrame> replies, OsdpSession session, CancellationToken stopping)
    {
        replies.Discard(); // late answers
        var command = session.Next().Wire;
        await line.WriteAsync(command, stopping);
        var asked = _time.GetTimestamp();
        var within = ReplyDelay + OnTheWire(command.Length + LongestUsualReply);
        do
        {
            var next = await replies.NextAsync(within - _time.GetElapsedTime(asked), stopping);
            if (next.Status == DecodeStatus.Complete && session.Hear(next.Frame))
                return;
            if (next.Status == DecodeStatus.Corrupt)
            {
                Faults.Add(next.Fault);
                var limit = _time.GetElapsedTime(asked) + AfterDamage;
                if (next.Fault != FrameFault.Garbage && limit < within)
                    within = limit;
            }
        }
        while (_time.GetElapsedTime(asked) < within);
        session.HearNothing();
    }

    /// <summary>Nobody is due. The line is read all the same: a loss shows nowhere else.</summary>
    private async ValueTask IdleAsync(FrameReader<OsdpFrame> replies, TimeSpan within, CancellationToken stopping)
    {
        using var wokenOrStopping = CancellationTokenSource.CreateLinkedTokenSource(_wake.Token, stopping);
        try
        {
            var unasked = await replies.NextAsync(within, wokenOrStopping.Token);
            if (unasked.Status == DecodeStatus.Corrupt)
                Faults.Add(unasked.Fault);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // a wish
        }
    }

    private TimeSpan OnTheWire(int bytes) => TimeSpan.FromSeconds((double)bytes * BitsPerByte / _baud);
}
