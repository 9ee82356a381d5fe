using System.Text;
using System.Text.Json;
using EdgeGate.Messages;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;

namespace EdgeGate.Center.Ingest;

/// <summary>
/// What goes to the gates. Of receipts only the newest of each gate waits, since it says everything that those before it said; commands are few
/// and die soon, and notices wait in the database until they are told. So it holds no more than there are gates, however long the broker is away.
/// </summary>
internal sealed class CenterOutbox(IMqttLink link, IngestCounters counters)
{
    private const int MostOthers = 1000;

    /// <param name="Id">Comes back with the answer; null where none is awaited.</param>
    /// <param name="Told">Whether the broker took it; null where nobody asks.</param>
    private sealed record MqttMessage(string Topic, byte[] Payload, byte[]? Id = null, string? AnswerTo = null, TaskCompletionSource<bool>? Told = null);

    private readonly Lock _lock = new();
    private readonly Dictionary<GateName, Receipt> _receipts = [];
    private readonly Queue<GateName> _order = [];
    private readonly Queue<MqttMessage> _others = [];
    private readonly Dictionary<long, MqttMessage> _awaited = [];
    private long _lastRow;
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

    /// <returns>True when the broker has it; false when it was refused, or gave way to newer messages.</returns>
    public Task<bool> PostNotice(string site, byte[] notice)
    {
        var told = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(new(new SiteTopics(site).Reminders, notice, Told: told));
        return told.Task;
    }

    private void Enqueue(MqttMessage message)
    {
        lock (_lock)
        {
            if (_others.Count == MostOthers)
                _others.Dequeue().Told?.TrySetResult(false);
            _others.Enqueue(message);
            _work.TrySetResult();
        }
    }

    /// <summary>Until cancelled. A lost receipt is made good: the gate sends again what it got none for, and is answered again.</summary>
    public async Task SendAsync(CancellationToken stopping)
    {
        Task<bool>? answers = null;
        while (true)
        {
            await Task.WhenAny(_work.Task, answers ??= link.Acks.WaitToReadAsync(stopping).AsTask()).WaitAsync(stopping);
            TakeAnswers();
            if (answers.IsCompleted && await answers) // false: the link has ended, and waiting for room says so
                answers = null;
            if (answers is not { IsCompleted: true } && !_work.Task.IsCompleted)
                continue;
            await link.WaitForRoomAsync(stopping);
            TakeAnswers();
            while (TrySendNext())
            {
            }
        }
    }

    private void TakeAnswers()
    {
        while (link.Acks.TryRead(out var ack))
        {
            lock (_lock)
            {
                if (!_awaited.Remove(ack.RowId, out var message))
                    continue;
                if (ack.Outcome is MqttAckOutcome.OfferAgain)
                    Enqueue(message);
                else
                    message.Told!.TrySetResult(ack.Outcome is MqttAckOutcome.Accepted);
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
                if (!link.TryPublish(outgoing, other.Told is null ? 0 : ++_lastRow))
                    return false;
                _others.Dequeue();
                if (other.Told is not null)
                    _awaited[_lastRow] = other;
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
