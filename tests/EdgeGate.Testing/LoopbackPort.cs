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

public sealed class LoopbackLine : IDeviceLine
{
    private readonly PipeReader _input;
    private readonly PipeWriter _output;

    private LoopbackLine(PipeReader input, PipeWriter output) => (_input, _output) = (input, output);

    public PipeReader Input => _input;

    public static (LoopbackLine Host, LoopbackLine Device) CreatePair()
    {
        var toHost = new Pipe();
        var toDevice = new Pipe();
        return (new LoopbackLine(toHost.Reader, toDevice.Writer), new LoopbackLine(toDevice.Reader, toHost.Writer));
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var result = await _output.WriteAsync(bytes, cancellationToken);
        if (result.IsCompleted)
            throw new DeviceLineLostException("the other end of the loopback line was closed");
    }

    /// <summary>What pulling the plug does: the other end's reads fail.</summary>
    public void Unplug()
    {
        _output.Complete(new DeviceLineLostException("unplugged"));
        _input.Complete();
    }

    public ValueTask DisposeAsync()
    {
        Unplug();
        return ValueTask.CompletedTask;
    }
}
