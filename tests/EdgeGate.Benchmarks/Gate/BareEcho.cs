using System.Buffers;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Benchmarks.Gate;

/// <summary>What the terminals alone cost: a thread that reads what was shown and writes it back, with nothing in between.</summary>
internal sealed class BareEcho : IAsyncDisposable
{
    private readonly PseudoTerminal _device = PseudoTerminal.Open();
    private readonly FileStream _host;

    public BareEcho()
    {
        _host = new FileStream(_device.HostPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        new Thread(Echo) { IsBackground = true }.Start(); // ends with the process: a blocked read on a terminal cannot be called off
    }

    /// <summary>From the last byte written to the last byte back.</summary>
    public async Task<TimeSpan> MeasureAsync(ReadOnlyMemory<byte> line, TimeProvider time, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        await _device.WriteAsync(line, cancellationToken);
        while (true)
        {
            var heard = await _device.Input.ReadAsync(cancellationToken);
            if (heard.Buffer.PositionOf((byte)'\n') is not { } end)
            {
                _device.Input.AdvanceTo(heard.Buffer.Start, heard.Buffer.End);
                continue;
            }
            var took = time.GetElapsedTime(begun);
            _device.Input.AdvanceTo(heard.Buffer.GetPosition(1, end));
            return took;
        }
    }

    public ValueTask DisposeAsync() => _device.DisposeAsync();

    private void Echo()
    {
        var buffer = new byte[256];
        try
        {
            while (_host.Read(buffer) is > 0 and var read)
                _host.Write(buffer, 0, read);
        }
        catch (IOException)
        {
        }
    }
}
