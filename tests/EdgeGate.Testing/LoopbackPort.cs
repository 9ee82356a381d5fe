using System.IO.Pipelines;
using System.Threading.Channels;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Testing;

/// <summary>A port without a kernel: every open makes a new pair of lines, and the test holds the device's end.</summary>
public sealed class LoopbackPort(string name = "loopback") : IDevicePort
{
    private readonly Channel<LoopbackLine> _deviceEnds = Channel.CreateUnbounded<LoopbackLine>();

    /// <summary>When set, opening fails with it, as an absent or held port does.</summary>
    public DevicePortException? Fault { get; set; }

    public string Name => name;

    public ValueTask<IDeviceLine> OpenAsync(CancellationToken cancellationToken)
    {
        if (Fault is not null)
            throw Fault;
        var (host, device) = LoopbackLine.CreatePair();
        _deviceEnds.Writer.TryWrite(device);
        return ValueTask.FromResult<IDeviceLine>(host);
    }

    /// <summary>The device's end of the next line that was opened.</summary>
    public ValueTask<LoopbackLine> NextDeviceEndAsync(CancellationToken cancellationToken = default) =>
        _deviceEnds.Reader.ReadAsync(cancellationToken);
}

/// <summary>One end of a line without a kernel: what one end writes, the other reads.</summary>
public sealed class LoopbackLine : IDeviceLine
{
    private readonly Pipe _incoming;
    private readonly Pipe _outgoing;
    private readonly bool _isHost;

    private LoopbackLine(Pipe incoming, Pipe outgoing, bool isHost) => (_incoming, _outgoing, _isHost) = (incoming, outgoing, isHost);

    public PipeReader Input => _incoming.Reader;

    public static (LoopbackLine Host, LoopbackLine Device) CreatePair()
    {
        Pipe toHost = new(), toDevice = new();
        return (new LoopbackLine(toHost, toDevice, isHost: true), new LoopbackLine(toDevice, toHost, isHost: false));
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _outgoing.Writer.WriteAsync(bytes, cancellationToken);
        }
        catch (InvalidOperationException closed) // what a pipe says after either end was closed
        {
            throw new DeviceLineLostException("the loopback line is unplugged", closed);
        }
    }

    /// <summary>What pulling the plug does: the host's reads and both ends' writes fail.</summary>
    public void Unplug() => Close(new DeviceLineLostException("the loopback line was unplugged"));

    /// <summary>A host that closes its line is no fault: the device still gets what was written. A device that goes is unplugged.</summary>
    public ValueTask DisposeAsync()
    {
        if (_isHost)
            Close(null);
        else
            Unplug();
        return ValueTask.CompletedTask;
    }

    private void Close(DeviceLineLostException? loss)
    {
        _incoming.Writer.Complete(); // first: who learns of the loss must not get a last word in
        _outgoing.Writer.Complete(loss);
    }
}
