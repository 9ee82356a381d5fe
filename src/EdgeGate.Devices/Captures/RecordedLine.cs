using System.IO.Pipelines;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Captures;

/// <summary>A line whose traffic, both ways, is told to somebody while a driver talks on it.</summary>
public sealed class RecordedLine : IDeviceLine
{
    private readonly IDeviceLine _line;
    private readonly Action<Traffic> _seen;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly Pipe _heard = new(new PipeOptions(useSynchronizationContext: false));
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _lock = new();
    private readonly Task _listening;

    /// <param name="line">Taken over.</param>
    /// <param name="seen">One call at a time, in order.</param>
    public RecordedLine(IDeviceLine line, Action<Traffic> seen, TimeProvider time)
    {
        (_line, _seen, _time, _began) = (line, seen, time, time.GetTimestamp());
        _listening = ListenAsync();
    }

    public PipeReader Input => _heard.Reader;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Tell(fromDevice: false, bytes.ToArray()); // before: the answer must not stand before the question
        return _line.WriteAsync(bytes, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _line.DisposeAsync();
        await _listening;
        _closed.Dispose();
    }

    private async Task ListenAsync()
    {
        Exception? loss = null;
        try
        {
            ReadResult read;
            do
            {
                read = await _line.Input.ReadAsync(_closed.Token);
                foreach (var piece in read.Buffer)
                {
                    Tell(fromDevice: true, piece.ToArray());
                    await _heard.Writer.WriteAsync(piece, _closed.Token);
                }
                _line.Input.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        catch (OperationCanceledException)
        {
            // the owner has closed it
        }
        catch (DeviceLineLostException lost)
        {
            loss = lost;
        }
        catch (IOException unwritten)
        {
            loss = unwritten; // of who is told, as a full disk: said to who reads, who would wait for ever
        }
        await _heard.Writer.CompleteAsync(loss);
    }

    private void Tell(bool fromDevice, byte[] bytes)
    {
        lock (_lock)
            _seen(new Traffic(_time.GetElapsedTime(_began), fromDevice, bytes));
    }
}
