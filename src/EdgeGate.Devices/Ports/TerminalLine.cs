using System.IO.Pipelines;
using System.Runtime.InteropServices;
using EdgeGate.Devices.Ports.Native;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Devices.Ports;

/// <summary>
/// An open terminal as a line: one background thread sleeps in poll(2) and feeds a bounded pipe. It wakes for bytes, for a
/// hang-up, and by an eventfd when somebody disposes the line, frees room in the pipe, or waits to write; it never wakes
/// otherwise, so an idle line costs nothing.
/// </summary>
internal sealed class TerminalLine : IDeviceLine
{
    private const int ReadSize = 4096; // the kernel's line discipline never hands out more at once
    private const int Terminal = 0, WakeUp = 1, HostOpened = 2;

    /// <summary>Inline: the thread that read the bytes takes them to whoever waits for them. Handing over to a pool thread takes as long as flushing a record.</summary>
    private static readonly PipeOptions Bounded = new(
        readerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false);

    private readonly SafeFileHandle _terminal;
    private readonly SafeFileHandle? _hostOpened;
    private readonly SafeFileHandle _wakeUp;
    private readonly string _name;
    private readonly TimeSpan _writeTimeout;
    private readonly TimeProvider _time;
    private readonly Pipe _pipe = new(Bounded);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lock _lock = new();
    private TaskCompletionSource? _writable;
    private DeviceLineLostException? _lost;
    private DeviceLineLostException? _stuck;
    private bool _stopping;

    /// <summary>Takes both descriptors over.</summary>
    /// <param name="terminal">Open, raw and non-blocking.</param>
    /// <param name="name">For messages.</param>
    /// <param name="writeTimeout">How long a write waits for the other side to take at least one byte.</param>
    /// <param name="time">For the write time-out.</param>
    /// <param name="hostOpened">
    /// Null for a host's end, where a hang-up is the loss of the device. For the master of a pseudo-terminal, where it only
    /// means that no host has the slave open: an inotify descriptor that tells when one opens it.
    /// </param>
    public TerminalLine(
        SafeFileHandle terminal, string name, TimeSpan writeTimeout, TimeProvider time, SafeFileHandle? hostOpened = null)
    {
        (_terminal, _name, _writeTimeout, _time, _hostOpened) = (terminal, name, writeTimeout, time, hostOpened);
        _wakeUp = Libc.EventFd(0, Libc.EventNonBlocking | Libc.EventCloseOnExec);
        if (_wakeUp.IsInvalid)
            throw new DevicePortException(DevicePortFault.Unusable, $"{name} cannot be used: {Marshal.GetLastPInvokeErrorMessage()} (eventfd)");
        new Thread(Run) { IsBackground = true, Name = "line " + Path.GetFileName(name) }.Start();
    }

    public PipeReader Input => _pipe.Reader;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            while (bytes.Length > 0)
            {
                var taken = TryWrite(bytes.Span);
                bytes = bytes[taken..];
                if (taken == 0)
                    await WaitUntilWritable().WaitAsync(_writeTimeout, _time, cancellationToken);
            }
        }
        catch (TimeoutException)
        {
            // The device may have got half a frame: only a fresh start makes both sides agree again.
            var stuck = new DeviceLineLostException($"{_name} took no bytes for {_writeTimeout.TotalSeconds} s");
            Stop(stuck);
            throw stuck;
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Stop(stuck: null);
        await _ended.Task;
    }

    private void Stop(DeviceLineLostException? stuck)
    {
        lock (_lock)
        {
            _stuck ??= stuck;
            _stopping = true;
        }
        Wake();
    }

    /// <returns>How many bytes the kernel took; 0 when its buffer is full.</returns>
    private int TryWrite(ReadOnlySpan<byte> bytes)
    {
        lock (_lock) // while nothing is lost the descriptor is open; the write itself does not block
        {
            if (_lost is not null)
                throw new DeviceLineLostException(_lost.Message, _lost);
            if (_hostOpened is not null && NobodyListens())
                return bytes.Length; // as on a wire with nothing at the other end
            while (true)
            {
                var taken = Libc.Write(_terminal, bytes, bytes.Length);
                if (taken >= 0)
                    return (int)taken;
                switch ((Errno)Marshal.GetLastPInvokeError())
                {
                    case Errno.TryAgain:
                        return 0;
                    case Errno.Interrupted:
                        continue;
                    case var error:
                        throw new DeviceLineLostException(Describe(error));
                }
            }
        }
    }

    /// <summary>Asked, because the kernel would take the bytes and keep them for whoever opens the slave next.</summary>
    private bool NobodyListens()
    {
        Span<PollEntry> terminal = [new(Descriptor(_terminal), PollEvents.None)];
        return Libc.Poll(terminal, 1, 0) > 0 && terminal[0].Seen.HasFlag(PollEvents.HangUp);
    }

    private Task WaitUntilWritable()
    {
        Task writable;
        lock (_lock)
        {
            if (_lost is not null)
                return Task.CompletedTask; // the next try says why
            _writable ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            writable = _writable.Task;
        }
        Wake();
        return writable;
    }

    private void Wake()
    {
        lock (_lock)
        {
            if (_lost is null)
                Libc.Write(_wakeUp, BitConverter.GetBytes(1UL), sizeof(ulong));
        }
    }

    private void Run()
    {
        var lost = PumpUntilLostOrStopped();
        if (_stuck is not null)
            TerminalSettings.DiscardBuffers(_terminal); // else close waits half a minute for the bytes nobody takes
        TaskCompletionSource? writer;
        lock (_lock)
        {
            _lost = lost ?? new DeviceLineLostException($"{_name} was closed");
            writer = _writable;
        }
        writer?.SetResult();
        _pipe.Writer.Complete(lost);
        // Closed here, by a loss too and not only by the owner: while a descriptor stays open the kernel keeps the name
        // ttyUSB0 taken, and the device comes back under another one. Not under the lock: close waits for bytes in flight.
        _terminal.Dispose();
        _hostOpened?.Dispose();
        _wakeUp.Dispose();
        _ended.SetResult();
    }

    private DeviceLineLostException? PumpUntilLostOrStopped()
    {
        Span<PollEntry> entries =
        [
            new(Descriptor(_terminal), PollEvents.Readable),
            new(Descriptor(_wakeUp), PollEvents.Readable),
            new(_hostOpened is null ? -1 : Descriptor(_hostOpened), PollEvents.Readable),
        ];
        Task pipeHasRoom = Task.CompletedTask;
        while (true)
        {
            lock (_lock)
            {
                if (_stopping)
                    return _stuck;
                entries[Terminal].Wanted = (pipeHasRoom.IsCompleted ? PollEvents.Readable : PollEvents.None)
                    | (_writable is null ? PollEvents.None : PollEvents.Writable);
            }
            if (Libc.Poll(entries, (nuint)entries.Length, -1) < 0)
            {
                var error = (Errno)Marshal.GetLastPInvokeError();
                if (error is Errno.Interrupted)
                    continue;
                return new DeviceLineLostException(Describe(error));
            }
            if (entries[WakeUp].Seen != PollEvents.None)
                Drain(_wakeUp);
            if (entries[HostOpened].Seen != PollEvents.None)
                Drain(_hostOpened!);
            entries[Terminal].Descriptor = Descriptor(_terminal);

            var seen = entries[Terminal].Seen;
            if (seen.HasFlag(PollEvents.Writable))
                ReleaseWriter();
            var hungUp = (seen & (PollEvents.HangUp | PollEvents.Error | PollEvents.Invalid)) != PollEvents.None;
            var cause = Errno.None;
            if (seen.HasFlag(PollEvents.Readable) && pipeHasRoom.IsCompleted)
                hungUp = !ReadOnce(hungUp, ref pipeHasRoom, out cause);
            if (!hungUp)
                continue;
            if (_hostOpened is null)
                return new DeviceLineLostException(Describe(cause));
            // poll would report the hang-up again and again: leave the terminal out until something else wakes us.
            entries[Terminal].Descriptor = -1;
            ReleaseWriter();
        }
    }

    /// <returns>False when the other side is gone.</returns>
    private bool ReadOnce(bool hungUp, ref Task pipeHasRoom, out Errno cause)
    {
        cause = Errno.None;
        var count = Libc.Read(_terminal, _pipe.Writer.GetSpan(ReadSize), ReadSize);
        if (count > 0)
        {
            _pipe.Writer.Advance((int)count);
            var flush = _pipe.Writer.FlushAsync(CancellationToken.None);
            if (!flush.IsCompleted)
            {
                pipeHasRoom = flush.AsTask();
                pipeHasRoom.GetAwaiter().OnCompleted(Wake);
            }
            return true;
        }
        if (count == 0)
            return false;
        cause = (Errno)Marshal.GetLastPInvokeError();
        return cause is Errno.Interrupted || (cause is Errno.TryAgain && !hungUp);
    }

    private void ReleaseWriter()
    {
        TaskCompletionSource? writer;
        lock (_lock) (writer, _writable) = (_writable, null);
        writer?.SetResult();
    }

    private string Describe(Errno error) => error switch
    {
        Errno.None or Errno.TryAgain or Errno.InputOutput or Errno.NoDevice or Errno.NoSuchDeviceOrAddress =>
            $"{_name} was unplugged or hung up",
        _ => $"{_name} failed: {Marshal.GetPInvokeErrorMessage((int)error)} (errno {(int)error})",
    };

    private static void Drain(SafeFileHandle descriptor)
    {
        Span<byte> ignored = stackalloc byte[1024];
        while (Libc.Read(descriptor, ignored, ignored.Length) > 0) { }
    }

    // Only this class closes the descriptors, and only when the thread that polls them has ended.
    private static int Descriptor(SafeFileHandle handle) => (int)handle.DangerousGetHandle();
}
