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

    /// <param name="Id">Comes back with the answer; null where none is awaited.</param>
    private sealed record MqttMessage(string Topic, byte[] Payload, byte[]? Id = null, string? AnswerTo = null);

    private readonly Lock _lock = new();
    private readonly Dictionary<GateName, Receipt> _receipts = [];
    private readonly Queue<GateName> _order = [];
    private readonly Queue<MqttMessage> _others = [];
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

    /// <param name="id">The command's; comes back with an answer even from a gate that cannot tell whose command it was.</param>
    public void PostCommand(GateName gate, string token, string id)
    {
        var topics = new GateTopics(gate.Site, gate.Gate);
        Enqueue(new(topics.Commands, Encoding.ASCII.GetBytes(token), Encoding.ASCII.GetBytes(id), topics.Replies));
    }

    public void PostNotice(string site, byte[] notice) => Enqueue(new(new SiteTopics(site).Reminders, notice));

    private void Enqueue(MqttMessage message)
    {
        lock (_lock)
        {
            if (_others.Count == MostOthers)
                _others.Dequeue();
            _others.Enqueue(message);
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
                var outgoing = new MqttOutgoing
                {
                    Topic = Encoding.UTF8.GetBytes(other.Topic),
                    Payload = other.Payload,
                    CorrelationData = other.Id,
                    ResponseTopic = Encoding.UTF8.GetBytes(other.AnswerTo ?? ""),
                    ExpiresAfter = TimeSpan.FromMinutes(1),
                };
                if (!link.TryPublish(outgoing, rowId: 0))
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
            var payload = JsonSerializer.SerializeToUtf8Bytes(new ReceiptMessage(receipt.UpTo, Convert.ToHexStringLower(receipt.Chain)), RecordShapes.Default.ReceiptMessage);
            if (!link.TryPublish(new MqttOutgoing { Topic = Encoding.UTF8.GetBytes(new GateTopics(gate.Site, gate.Gate).Receipt), Payload = payload }, rowId: 0))
                return false;
            _order.Dequeue();
            _receipts.Remove(gate);
            counters.ReceiptSent();
            return true;
        }
    }
}
