using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Framing;

/// <summary>The one read loop: frames from a <see cref="PipeReader"/>, with a time limit where the protocol has one.</summary>
/// <param name="input">The line; read by nobody else meanwhile.</param>
/// <param name="parser">The protocol.</param>
/// <param name="time">Measures silence and time limits.</param>
/// <param name="silence">How long the line may be silent within a frame; null for no limit.</param>
public sealed class FrameReader<T>(PipeReader input, FrameParser<T> parser, TimeProvider time, TimeSpan? silence = null) : IDisposable
{
    private readonly ITimer _alarm =
        time.CreateTimer(static input => ((PipeReader)input!).CancelPendingRead(), input, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private ReadOnlySequence<byte> _held;
    private bool _readOpen; // the pipe waits for AdvanceTo
    private long _lastByte = time.GetTimestamp();

    /// <summary>
    /// The next frame or fault, or <see cref="DecodeStatus.NeedMore"/> when neither came in time (null: no limit). What has
    /// come already is looked at even when the time is up. A frame that refers to the line's buffer is valid until the next call.
    /// </summary>
    /// <exception cref="DeviceLineLostException">The line was lost.</exception>
    public async ValueTask<Decoded<T>> NextAsync(TimeSpan? within, CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        for (var reads = 0; ; reads++)
        {
            var decoded = parser.Next(ref _held);
            if (decoded.Status != DecodeStatus.NeedMore)
                return decoded;

            // A read may have ended by the late alarm of an earlier one, so the clock has the last word. It has it after bytes
            // came as well, or a line that babbles would never run out of time.
            var left = within - time.GetElapsedTime(asked) ?? TimeSpan.MaxValue;
            var quietLeft = !_held.IsEmpty && silence is { } allowed ? allowed - time.GetElapsedTime(_lastByte) : TimeSpan.MaxValue;
            var wait = left < quietLeft ? left : quietLeft;
            if (reads > 0 && wait <= TimeSpan.Zero)
            {
                var expired = parser.Expire(ref _held);
                if (left <= TimeSpan.Zero || expired.Status != DecodeStatus.NeedMore)
                    return expired;
            }

            var unfinished = _held.Length;
            GiveBack();
            var read = await ReadAsync(wait, cancellationToken);
            _held = read.Buffer;
            _readOpen = true;
            if (_held.Length > unfinished)
                _lastByte = time.GetTimestamp();
            else if (read.IsCompleted)
                throw new DeviceLineLostException("the device closed the line");
        }
    }

    /// <summary>Throws away everything that has come so far, as a request-and-reply protocol must before it asks anew.</summary>
    public void Discard()
    {
        _held = _held.Slice(_held.End);
        GiveBack();
        while (input.TryRead(out var late))
        {
            input.AdvanceTo(late.Buffer.End);
            if (late.IsCompleted)
                break; // the next read says so
        }
        parser.Reset();
    }

    public void Dispose()
    {
        _alarm.Dispose();
        GiveBack();
    }

    private async ValueTask<ReadResult> ReadAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        if (within == TimeSpan.MaxValue)
            return await input.ReadAsync(cancellationToken);
        _alarm.Change(within > TimeSpan.Zero ? within : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        try
        {
            return await input.ReadAsync(cancellationToken);
        }
        finally
        {
            _alarm.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void GiveBack()
    {
        if (_readOpen)
            input.AdvanceTo(_held.Start, _held.End);
        _readOpen = false;
        _held = default;
    }
}

public static class PipeReaderFrames
{
    /// <summary>Every good frame until the line is lost; faults are counted. A frame that refers to the line's buffer is valid until the next one is asked for.</summary>
    /// <exception cref="DeviceLineLostException">The line was lost.</exception>
    public static async IAsyncEnumerable<T> ReadFramesAsync<T>(
        this PipeReader input, FrameParser<T> parser, FrameFaultCounts faults, TimeProvider time, TimeSpan? silence = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var reader = new FrameReader<T>(input, parser, time, silence);
        while (true)
        {
            var next = await reader.NextAsync(within: null, cancellationToken);
            if (next.Status == DecodeStatus.Complete)
                yield return next.Frame;
            else
                faults.Add(next.Fault);
        }
    }
}
