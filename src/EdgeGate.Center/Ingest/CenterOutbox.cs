using System.Text;
using System.Text.Json;
using EdgeGate.Messages;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;

namespace EdgeGate.Center.Ingest;

/// <summary>
/// What goes to the gates. Of receipts only the newest of each gate waits, since it says everything that those before it said; commands are few
/// and die soon, as do notices. So it holds no more than there are gates, however long the broker is away.
/// </summary>
internal sealed class CenterOutbox(IMqttLink link, IngestCounters counters)
{
    private const int MostOthers = 1000;
    private readonly Lock _lock = new();
    private readonly Dictionary<GateName, Receipt> _receipts = [];
    private readonly Queue<GateName> _order = [];
    private readonly Queue<(string Topic, byte[] Payload)> _others = [];
    private TaskCompletionSource _work = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Post(IEnumerable<Receipt> receipts)
    {
        lock (_lock)
        {
            foreach (var receipt in receipts)
            {
                if (!_receipts.ContainsKey(receipt.Gate))
                    _order.Enqueue(receipt.Gate);
                _receipts[receipt.Gate] = receipt;
            }
            _work.TrySetResult();
        }
    }

    public void PostCommand(GateName gate, string token) => Post(new GateTopics(gate.Site, gate.Gate).Commands, Encoding.ASCII.GetBytes(token));

    public void PostNotice(string site, byte[] notice) => Post(new SiteTopics(site).Notices, notice);

    private void Post(string topic, byte[] payload)
    {
        lock (_lock)
        {
            if (_others.Count == MostOthers)
                _others.Dequeue();
            _others.Enqueue((topic, payload));
            _work.TrySetResult();
        }
    }

    /// <summary>Until cancelled. A lost receipt is made good: the gate sends again what it got none for, and is answered again.</summary>
    public async Task SendAsync(CancellationToken stopping)
    {
        while (true)
        {
            await _work.Task.WaitAsync(stopping);
            await link.WaitForRoomAsync(stopping);
            while (link.Acks.TryRead(out _))
            {
            }
            while (TrySendNext())
            {
            }
        }
    }

    private bool TrySendNext()
    {
        lock (_lock)
        {
            if (_others.TryPeek(out var other))
            {
                if (!link.TryPublish(new MqttOutgoing { Topic = Encoding.UTF8.GetBytes(other.Topic), Payload = other.Payload, ExpiresAfter = TimeSpan.FromMinutes(1) }, rowId: 0))
                    return false;
                _others.Dequeue();
                return true;
            }
            if (!_order.TryPeek(out var gate))
            {
                _work = new(TaskCreationOptions.RunContinuationsAsynchronously);
                return false;
            }
            var receipt = _receipts[gate];
            var message = JsonSerializer.SerializeToUtf8Bytes(new ReceiptMessage(receipt.UpTo, Convert.ToHexStringLower(receipt.Chain)), RecordShapes.Default.ReceiptMessage);
            if (!link.TryPublish(new MqttOutgoing { Topic = Encoding.UTF8.GetBytes(new GateTopics(gate.Site, gate.Gate).Receipt), Payload = message }, rowId: 0))
                return false;
            _order.Dequeue();
            _receipts.Remove(gate);
            counters.ReceiptSent();
            return true;
        }
    }
}
