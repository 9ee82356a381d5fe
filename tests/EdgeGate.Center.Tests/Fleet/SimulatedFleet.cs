using System.Text.Json;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;

namespace EdgeGate.Center.Tests.Fleet;

/// <summary>Many gates of one site in one process, over one link: for a center and a database they are as many as their topics say.</summary>
internal sealed class SimulatedFleet : IAsyncDisposable
{
    private const int MostDelays = 1_000_000;
    private readonly Lock _lock = new();
    private readonly SimulatedGate[] _gates;
    private readonly Dictionary<string, SimulatedGate> _byTopic;
    private readonly List<double> _delays = [];
    private readonly TimeSpan _patience;
    private readonly MqttLink _link;
    private readonly string _site;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private Task _sending = Task.CompletedTask;
    private TaskCompletionSource _work = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="patience">How long a gate waits for a receipt before it sends again.</param>
    public SimulatedFleet(int port, string site, int gates, TimeSpan patience, TimeProvider time) : this([port], TimeSpan.Zero, site, gates, patience, time) { }

    /// <param name="ports">Of the nodes of a cluster, the first tried first.</param>
    /// <param name="session">How long the broker keeps the fleet's subscription.</param>
    public SimulatedFleet(IReadOnlyList<int> ports, TimeSpan session, string site, int gates, TimeSpan patience, TimeProvider time)
    {
        (_site, _patience, _time) = (site, patience, time);
        _gates = [.. Enumerable.Range(0, gates).Select(number => new SimulatedGate(site, $"gate-{number}", time))];
        _byTopic = _gates.ToDictionary(gate => gate.Topics.Receipt);
        _link = new MqttLink(
            new MqttLinkOptions
            {
                Endpoints = [.. ports.Select(port => new MqttEndpoint("127.0.0.1", port))],
                ClientId = "fleet-" + site,
                SessionExpiry = session,
                Window = 1000,
                ReceiveMaximum = 1000,
                BackoffMaximum = TimeSpan.FromSeconds(1),
            }, time);
    }

    public IReadOnlyList<SimulatedGate> Gates => _gates;

    public long Made
    {
        get { lock (_lock) return _gates.Sum(gate => gate.Made); }
    }

    public bool AllConfirmed
    {
        get { lock (_lock) return _gates.All(gate => gate.ReceiptedUpTo == gate.Made); }
    }

    public int RefusedReceipts
    {
        get { lock (_lock) return _gates.Sum(gate => gate.RefusedReceipts); }
    }

    /// <summary>Seconds from making a record to its receipt, sorted; then forgotten.</summary>
    public double[] TakeDelays()
    {
        lock (_lock)
        {
            var delays = _delays.Order().ToArray();
            _delays.Clear();
            return delays;
        }
    }

    public async Task StartAsync()
    {
        _ = _link.SubscribeAsync($"edgegate/v1/{_site}/+/receipt", TakeReceiptAsync, CancellationToken.None);
        await _link.StartAsync(CancellationToken.None);
        _sending = SendAsync(_stop.Token);
    }

    public void Make(int gate, int person)
    {
        lock (_lock)
        {
            _gates[gate].Make(person);
            _work.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _link.DisposeAsync();
        _stop.Dispose();
    }

    private async Task SendAsync(CancellationToken stopping)
    {
        while (true)
        {
            while (_link.Acks.TryRead(out _))
            {
            }
            if (SendWhatFits())
                await Task.WhenAny(_work.Task, Task.Delay(TimeSpan.FromSeconds(0.5), _time, stopping));
            else
                await Task.WhenAny(_link.WaitForRoomAsync(stopping).AsTask(), Task.Delay(TimeSpan.FromSeconds(0.5), _time, stopping));
            stopping.ThrowIfCancellationRequested();
        }
    }

    /// <returns>False when the link has no room.</returns>
    private bool SendWhatFits()
    {
        lock (_lock)
        {
            foreach (var gate in _gates)
            {
                gate.SendAgainAfter(_patience);
                while (gate.Next is { } payload)
                {
                    if (!_link.TryPublish(new MqttOutgoing { Topic = gate.PassagesTopic, Payload = payload }, rowId: 0))
                        return false;
                    gate.Sent();
                }
            }
            _work = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    private ValueTask TakeReceiptAsync(MqttInbound message, CancellationToken cancellationToken)
    {
        var receipt = JsonSerializer.Deserialize(message.Payload.Span, RecordShapes.Default.ReceiptMessage)!;
        lock (_lock)
        {
            foreach (var waited in _byTopic[message.Topic].Confirm(receipt))
            {
                if (_delays.Count < MostDelays)
                    _delays.Add(waited.TotalSeconds);
            }
        }
        return ValueTask.CompletedTask;
    }
}
