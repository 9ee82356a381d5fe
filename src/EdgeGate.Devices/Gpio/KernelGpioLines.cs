using System.Runtime.InteropServices;
using System.Threading.Channels;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Native;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Devices.Gpio;

/// <summary>
/// Requested lines: one background thread sleeps in poll(2) and hands the kernel's edges on. It looks at the lines once a second
/// besides, for a chip on USB that is pulled need not wake anybody who waits.
/// </summary>
internal sealed class KernelGpioLines : IGpioLines
{
    private const int LookAfterMilliseconds = 1000;
    private const int EventsAtOnce = 16;

    private readonly SafeFileHandle _lines;
    private readonly SafeFileHandle _wakeUp;
    private readonly string _name;
    private readonly int _count;
    private readonly bool[] _isOutput;
    private readonly GpioEvents _events;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private bool _closed;

    /// <summary>Bounded; when it is full the thread waits, and what the kernel cannot hold meanwhile is made good.</summary>
    private readonly Channel<GpioEdge> _edges = Channel.CreateBounded<GpioEdge>(new BoundedChannelOptions(256) { SingleWriter = true });

    /// <summary>Takes the descriptor over.</summary>
    /// <param name="offsets">Numbers on the chip, in the order of the request.</param>
    public KernelGpioLines(SafeFileHandle lines, string name, int[] offsets, bool[] isOutput, TimeProvider time)
    {
        (_lines, _name, _count, _isOutput, _events, _time) = (lines, name, offsets.Length, isOutput, new GpioEvents(offsets), time);
        _wakeUp = Libc.EventFd(0, Libc.EventNonBlocking | Libc.EventCloseOnExec);
        if (_wakeUp.IsInvalid)
        {
            lines.Dispose();
            throw new DevicePortException(DevicePortFault.Unusable, $"{name} cannot be used: {Marshal.GetLastPInvokeErrorMessage()} (eventfd)");
        }
        new Thread(Run) { IsBackground = true, Name = name }.Start();
    }

    public ChannelReader<GpioEdge> Edges => _edges.Reader;

    public bool IsActive(int line) => (Read(1UL << line) & 1UL << line) != 0;

    public void Write(int line, bool active)
    {
        Span<byte> values = stackalloc byte[GpioStructs.ValuesSize];
        GpioStructs.WriteValues(values, active ? 1UL << line : 0, 1UL << line);
        Control(GpioStructs.SetValues, values);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (!_closed)
                Libc.Write(_wakeUp, BitConverter.GetBytes(1UL), sizeof(ulong));
        }
        await _ended.Task;
    }

    private ulong Read(ulong mask)
    {
        Span<byte> values = stackalloc byte[GpioStructs.ValuesSize];
        GpioStructs.WriteValues(values, 0, mask);
        Control(GpioStructs.GetValues, values);
        return GpioStructs.ReadBits(values);
    }

    private void Control(nuint request, Span<byte> argument)
    {
        lock (_lock) // while it is not closed the descriptor is open
        {
            if (_closed)
                throw new DeviceLineLostException($"{_name} was closed");
            if (Libc.IoCtl(_lines, request, argument) < 0)
                throw Lost((Errno)Marshal.GetLastPInvokeError());
        }
    }

    private void Run()
    {
        Exception? lost = null;
        try
        {
            Pump();
        }
        catch (DeviceLineLostException gone)
        {
            lost = gone;
        }
        lock (_lock)
            _closed = true;
        // The descriptor first: whoever is told may ask for the lines again.
        _lines.Dispose();
        _wakeUp.Dispose();
        _edges.Writer.Complete(lost);
        _ended.SetResult();
    }

    private void Pump()
    {
        Span<PollEntry> entries = [new((int)_lines.DangerousGetHandle(), PollEvents.Readable), new((int)_wakeUp.DangerousGetHandle(), PollEvents.Readable)];
        Span<byte> events = stackalloc byte[EventsAtOnce * GpioStructs.EventSize];
        while (true)
        {
            var ready = Libc.Poll(entries, (nuint)entries.Length, LookAfterMilliseconds);
            if (ready < 0 && (Errno)Marshal.GetLastPInvokeError() is not Errno.Interrupted and var error)
                throw Lost(error);
            if (ready == 0)
                Read(ulong.MaxValue >> (GpioStructs.MostLines - _count)); // fails when the chip is gone
            if (ready <= 0)
                continue;
            if (entries[1].Seen != PollEvents.None)
                return;
            if ((entries[0].Seen & (PollEvents.HangUp | PollEvents.Error | PollEvents.Invalid)) != PollEvents.None)
                throw Lost(Errno.NoDevice);
            if (!TakeEvents(events))
                return;
        }
    }

    /// <returns>False when nobody listens any more.</returns>
    private bool TakeEvents(Span<byte> events)
    {
        var read = (int)Libc.Read(_lines, events, events.Length);
        if (read < 0)
        {
            var error = (Errno)Marshal.GetLastPInvokeError();
            return error is Errno.Interrupted or Errno.TryAgain ? true : throw Lost(error);
        }
        var missed = false;
        for (var i = 0; i < read / GpioStructs.EventSize; i++)
        {
            var edge = _events.Take(events[(i * GpioStructs.EventSize)..]);
            missed |= edge.IsAfterLoss;
            if (!Hand(edge))
                return false;
        }
        return !missed || MakeGood();
    }

    /// <summary>Events were lost: what a line is now counts more than what it was when the last one came.</summary>
    private bool MakeGood()
    {
        var now = Read(ulong.MaxValue >> (GpioStructs.MostLines - _count));
        for (var line = 0; line < _count; line++)
        {
            var active = (now & 1UL << line) != 0;
            if (!_isOutput[line] && _events.IsNews(line, active) && !Hand(new GpioEdge(line, active, _time.GetElapsedTime(0), IsAfterLoss: true)))
                return false;
        }
        return true;
    }

    private bool Hand(GpioEdge edge)
    {
        while (!_edges.Writer.TryWrite(edge))
        {
            // A thread of our own, so that waiting for room costs nobody else anything; looked up now and then, for the owner may have left.
            if (!_edges.Writer.WaitToWriteAsync().AsTask().Wait(LookAfterMilliseconds) && IsStopping())
                return false;
        }
        return true;
    }

    private bool IsStopping()
    {
        Span<PollEntry> wakeUp = [new((int)_wakeUp.DangerousGetHandle(), PollEvents.Readable)];
        return Libc.Poll(wakeUp, 1, 0) > 0;
    }

    private DeviceLineLostException Lost(Errno error) => new(error is Errno.NoDevice or Errno.InputOutput or Errno.NoSuchDeviceOrAddress
        ? $"{_name} is gone: was it unplugged?"
        : $"{_name} failed: {Marshal.GetPInvokeErrorMessage((int)error)} (errno {(int)error})");
}
