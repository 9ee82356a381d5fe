using System.Buffers;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Osdp;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Osdp;

/// <summary>A session and a simulated peripheral on a table: no line, the test's clock, and a cable on which anything may happen.</summary>
internal sealed class OsdpTable
{
    public static readonly OsdpKey Key = new([.. Enumerable.Range(0xA0, OsdpKey.Length).Select(value => (byte)value)]);

    private static readonly TimeSpan Thinking = TimeSpan.FromMilliseconds(20), NoAnswer = TimeSpan.FromMilliseconds(250);

    public OsdpTable(OsdpKey? key = null, SimulatedOsdpPeripheral? device = null)
    {
        Device = device ?? new SimulatedOsdpPeripheral(1, Time) { Key = key };
        Session = new OsdpSession(new OsdpPeripheralOptions { Address = 1, Key = key }, Time);
        Session.Connect();
    }

    public ManualTime Time { get; } = new();

    public OsdpSession Session { get; }

    public SimulatedOsdpPeripheral Device { get; set; }

    /// <summary>What becomes of a command on its way; null when it is lost.</summary>
    public Func<byte[], byte[]?> ToDevice { get; set; } = wire => wire;

    /// <summary>What the panel hears when this is answered; nothing when it is lost.</summary>
    public Func<byte[]?, IEnumerable<byte[]>> ToPanel { get; set; } = wire => wire is null ? [] : [wire];

    public List<OsdpEvent> Events { get; } = [];

    /// <summary>Every frame the panel sent.</summary>
    public List<OsdpFrame> Sent { get; } = [];

    public OsdpState State => Session.Status.State;

    public IEnumerable<OsdpCard> Cards => Events.OfType<OsdpEvent.CardRead>().Select(read => read.Card);

    public static OsdpFrame? Parse(byte[] wire)
    {
        var buffer = new ReadOnlySequence<byte>(wire);
        var parser = new FrameParser<OsdpFrame>(OsdpFrame.Decode);
        while (true)
        {
            var next = parser.Next(ref buffer);
            if (next.Status == DecodeStatus.Complete)
                return next.Frame;
            if (next.Status == DecodeStatus.NeedMore)
                return null;
        }
    }

    /// <summary>One exchange, after waiting until it is due.</summary>
    public void Exchange()
    {
        if (Session.DueIn is { Ticks: > 0 } wait)
            Time.Advance(wait);
        var command = Session.Next();
        Sent.Add(command);
        var answer = ToDevice(command.Wire.ToArray()) is { } arrived && Parse(arrived) is { } heard ? Device.Answer(heard) : null;
        Time.Advance(Thinking);
        if (!ToPanel(answer).Any(wire => Parse(wire) is { } reply && Session.Hear(reply)))
        {
            Time.Advance(NoAnswer);
            Session.HearNothing();
        }
        Events.AddRange(Session.TakeEvents());
    }

    public void RunFor(TimeSpan duration)
    {
        for (var began = Time.GetTimestamp(); Time.GetElapsedTime(began) < duration;)
            Exchange();
    }

    /// <summary>Until online, or for a minute.</summary>
    public OsdpTable Online()
    {
        for (var began = Time.GetTimestamp(); State != OsdpState.Online && Time.GetElapsedTime(began) < TimeSpan.FromMinutes(1);)
            Exchange();
        Assert.Equal(OsdpState.Online, State);
        return this;
    }

    /// <summary>Online, and all that is asked once is asked: what follows are polls.</summary>
    public OsdpTable Polling()
    {
        Online();
        while (Sent[^1].Command != OsdpCommandCode.Poll)
            Exchange();
        return this;
    }

    /// <summary>What becomes of an order when it is sent now.</summary>
    public OsdpResult Send(OsdpCommand command)
    {
        var order = new OsdpOrder(command);
        Session.Enqueue(order);
        for (var tries = 0; order.Ended is null && tries < 100; tries++)
            Exchange();
        return order.Ended ?? throw new InvalidOperationException("the order never ended");
    }
}
