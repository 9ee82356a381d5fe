using System.Threading.Channels;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Gpio;

/// <summary>
/// A chip without a kernel, from its pins' side: inputs are driven, outputs are read, the whole can be pulled out. Levels are
/// physical; what counts as active is the request's business, as on a real chip.
/// </summary>
/// <param name="names">The lines, in order.</param>
public sealed class SimulatedGpio(IReadOnlyList<string> names, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly bool[] _levels = new bool[names.Count];
    private Request? _request;

    /// <summary>Raised for every change of an output, with its physical level.</summary>
    public event Action<string, bool>? OutputChanged;

    public bool IsUnplugged { get; private set; }

    /// <summary>This many of the next edges never reach whoever has the lines, as when the kernel has no room for them.</summary>
    public int EdgesToLose { get; set; }

    /// <summary>Somebody has requested lines.</summary>
    public bool IsInUse
    {
        get { lock (_lock) return _request is not null; }
    }

    public IDevicePort<IGpioLines> Port(IReadOnlyList<GpioLineRequest> lines) => new SimulatedPort(this, lines);

    /// <summary>The physical level: true is the supply voltage.</summary>
    public bool this[string line]
    {
        get { lock (_lock) return _levels[OffsetOf(line)]; }
    }

    /// <summary>What a sensor or a wire does to a line.</summary>
    public void Drive(string line, bool high)
    {
        lock (_lock)
        {
            var offset = OffsetOf(line);
            if (_levels[offset] == high)
                return;
            _levels[offset] = high;
            _request?.Moved(offset, high);
        }
    }

    /// <summary>Pulls the chip out, or puts it back.</summary>
    public void Unplug(bool unplugged)
    {
        lock (_lock)
        {
            IsUnplugged = unplugged;
            if (unplugged)
                _request?.End(new DeviceLineLostException("the simulated GPIO chip is gone"));
        }
    }

    private int OffsetOf(string line) => names.Index().Single(known => known.Item == line).Index;

    private sealed class SimulatedPort(SimulatedGpio chip, IReadOnlyList<GpioLineRequest> lines) : IDevicePort<IGpioLines>
    {
        public string Name => "simulated GPIO chip";

        public ValueTask<IGpioLines> OpenAsync(CancellationToken cancellationToken)
        {
            lock (chip._lock)
            {
                if (chip.IsUnplugged)
                    throw new DevicePortException(DevicePortFault.Absent, $"{Name} is not there");
                if (chip._request is not null)
                    throw new DevicePortException(DevicePortFault.HeldByAnother, $"the lines of {Name} are in use");
                chip._request = new Request(chip, lines);
                return ValueTask.FromResult<IGpioLines>(chip._request);
            }
        }
    }

    private sealed class Request : IGpioLines
    {
        private readonly SimulatedGpio _chip;
        private readonly IReadOnlyList<GpioLineRequest> _lines;
        private readonly int[] _offsets;
        private readonly bool[] _hasLost;
        private readonly Channel<GpioEdge> _edges = Channel.CreateBounded<GpioEdge>(1024);

        public Request(SimulatedGpio chip, IReadOnlyList<GpioLineRequest> lines)
        {
            (_chip, _lines) = (chip, lines);
            _offsets = [.. lines.Select(line => chip.OffsetOf(line.Line))];
            _hasLost = new bool[lines.Count];
            foreach (var (line, request) in lines.Index().Where(line => line.Item.IsOutput))
                Write(line, request.IsActiveAtFirst);
        }

        public ChannelReader<GpioEdge> Edges => _edges.Reader;

        public bool IsActive(int line)
        {
            lock (_chip._lock)
            {
                ThrowIfGone();
                return _chip._levels[_offsets[line]] != _lines[line].IsActiveLow;
            }
        }

        public void Write(int line, bool active)
        {
            lock (_chip._lock)
            {
                ThrowIfGone();
                var level = active != _lines[line].IsActiveLow;
                if (_chip._levels[_offsets[line]] == level)
                    return;
                _chip._levels[_offsets[line]] = level;
                _chip.OutputChanged?.Invoke(_lines[line].Line, level);
            }
        }

        public void Moved(int offset, bool level)
        {
            var line = Array.IndexOf(_offsets, offset);
            if (line < 0 || _lines[line].IsOutput)
                return;
            var active = level != _lines[line].IsActiveLow;
            if (!active && _lines[line].IsEdgeOnlyWhenActive)
                return;
            if (_chip.EdgesToLose > 0)
            {
                _chip.EdgesToLose--;
                _hasLost[line] = true;
                return;
            }
            _edges.Writer.TryWrite(new GpioEdge(line, active, _chip.Now, _hasLost[line]));
            _hasLost[line] = false;
        }

        public void End(Exception? lost)
        {
            _edges.Writer.TryComplete(lost);
            _chip._request = null;
        }

        public ValueTask DisposeAsync()
        {
            lock (_chip._lock)
            {
                if (_chip._request == this)
                    End(null);
            }
            return ValueTask.CompletedTask;
        }

        private void ThrowIfGone()
        {
            if (_chip.IsUnplugged)
                throw new DeviceLineLostException("the simulated GPIO chip is gone");
        }
    }

    private TimeSpan Now => time.GetElapsedTime(0);
}
