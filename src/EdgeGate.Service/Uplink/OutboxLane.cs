using System.Text;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;

namespace EdgeGate.Service.Uplink;

/// <summary>
/// One stretch of the journal on its way to one topic, in order of sequence: the backlog or a range asked for again, which end at a
/// number, or the live records, which go on. Holds one page and a cursor, however long the stretch is. Passes over dead letters, unless they are
/// asked for.
/// </summary>
internal sealed class OutboxLane
{
    private const int PageSize = 256;
    private static readonly byte[] CloudEvents = Encoding.ASCII.GetBytes(RecordEnvelope.ContentType);

    private readonly GateJournal _journal;
    private readonly Queue<JournalRecord> _page = new();
    private readonly OutboxCursor _cursor;
    private readonly byte[] _topic, _alarms;
    private readonly long _after;

    /// <summary>The record whose alarm has gone out, and which waits for room itself.</summary>
    private long _alarmed;
    private readonly long _upTo;
    private readonly bool _isResend;

    /// <param name="alarms">Where alarms go besides.</param>
    /// <param name="after">The stretch begins with the next number.</param>
    /// <param name="upTo">Its last number; <see cref="long.MaxValue"/> for one that goes on.</param>
    /// <param name="isResend">The link then names each record by its negated number, since it may be under way in another lane too.</param>
    public OutboxLane(GateJournal journal, string topic, string alarms, long after, long upTo = long.MaxValue, bool isResend = false)
        : this(journal, topic, Encoding.UTF8.GetBytes(alarms), after, upTo, isResend, new OutboxCursor(after)) { }

    private OutboxLane(GateJournal journal, string topic, byte[] alarms, long after, long upTo, bool isResend, OutboxCursor cursor)
    {
        (_journal, _cursor, _after, _upTo, _isResend) = (journal, cursor, after, upTo, isResend);
        (_topic, _alarms) = (Encoding.UTF8.GetBytes(topic), alarms);
    }

    /// <summary>The next number to send.</summary>
    public long Next => _cursor.Next;

    /// <summary>Everything of the stretch up to here has arrived.</summary>
    public long AcknowledgedUpTo => Math.Min(_cursor.AcknowledgedUpTo, _upTo);

    public bool IsDelivered => AcknowledgedUpTo >= _upTo;

    /// <summary>There is something to send, and room to remember its answer.</summary>
    public bool HasWork => _cursor.MaySendNext && Next <= Math.Min(_upTo, _journal.LastSequence);

    public bool Covers(long sequence) => sequence > _after && sequence <= _upTo;

    /// <summary>The same stretch with what is under way in it, under another topic and up to another number.</summary>
    public OutboxLane As(string topic, long upTo) => new(_journal, topic, _alarms, _after, upTo, _isResend, _cursor);

    public void Arrived(long sequence) => _cursor.Arrived(sequence);

    public void SendAgain(long sequence)
    {
        _cursor.SendAgain(sequence);
        _alarmed = 0;
        _page.Clear(); // read again from the cursor
    }

    /// <exception cref="JournalException">The journal cannot be read now.</exception>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        var last = Math.Min(_upTo, _journal.LastSequence);
        if (_page.Count > 0 || Next > last)
            return;
        foreach (var record in await _journal.ReadAsync(Next, PageSize, cancellationToken))
        {
            if (record.Sequence <= last)
                _page.Enqueue(record);
        }
        if (_page.Count == 0)
            _cursor.PassOver(last); // numbers without a record, to the end
    }

    /// <returns>False when the link has no room.</returns>
    public bool Send(IMqttLink link)
    {
        while (_page.TryPeek(out var record))
        {
            _cursor.PassOver(record.Sequence - 1);
            if (!_cursor.MaySendNext)
                return true;
            if (record.Sequence >= _cursor.Next)
            {
                if (!_isResend && _journal.Status.IsDeadLetter(record.Sequence))
                {
                    _cursor.PassOver(record.Sequence);
                    _page.Dequeue();
                    continue;
                }
                if (_alarmed != record.Sequence && RecordEnvelope.IsAlarm(record.Payload.Span))
                {
                    // Before the record: sent twice it is told by its id, and where the record has arrived, the alarm has.
                    if (!link.TryPublish(new MqttOutgoing { Topic = _alarms, Payload = record.Payload.Span, ContentType = CloudEvents }, UplinkService.NotARecord))
                        return false;
                    _alarmed = record.Sequence;
                }
                var message = new MqttOutgoing { Topic = _topic, Payload = record.Payload.Span, ContentType = CloudEvents };
                if (!link.TryPublish(message, rowId: _isResend ? -record.Sequence : record.Sequence))
                    return false;
                _cursor.Sent();
            }
            _page.Dequeue();
        }
        return true;
    }
}
