using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Uplink;

/// <summary>
/// The center's receipts: end to end, so a broker that loses its memory loses no record. A receipt counts only when its chain hash is
/// that of our own record; it then moves the journal's cursor, and only what is behind the cursor may ever be deleted.
/// </summary>
/// <param name="patience">How long the center may take for a record that the broker has.</param>
internal sealed partial class Receipts(GateJournal journal, ReceiptsFrom from, TimeSpan patience, UplinkStatus status, TimeProvider time, ILogger<Receipts> log)
{
    private ReceiptMessage? _newest;
    private long _waitingSince;
    private bool _waiting;

    /// <summary>Raised when a receipt came.</summary>
    public event Action? Changed;

    public bool AreWanted => from is ReceiptsFrom.Center;

    /// <summary>Takes a receipt from the broker; a newer one replaces one not applied yet.</summary>
    public ValueTask TakeAsync(MqttInbound message, CancellationToken cancellationToken)
    {
        try
        {
            if (JsonSerializer.Deserialize(message.Payload.Span, RecordShapes.Default.ReceiptMessage) is { UpTo: > 0, Chain: not null } receipt)
            {
                Interlocked.Exchange(ref _newest, receipt);
                Changed?.Invoke();
                return ValueTask.CompletedTask;
            }
        }
        catch (JsonException)
        {
        }
        status.CountRefusedReceipt();
        LogRefused("it is no receipt");
        return ValueTask.CompletedTask;
    }

    /// <param name="brokerHasUpTo">What the center could have heard of by now.</param>
    /// <returns>True when the center has been silent for too long about something that the broker has.</returns>
    /// <exception cref="JournalException">The journal cannot be read now; the receipt is kept for the next call.</exception>
    public async ValueTask<bool> ApplyAsync(long brokerHasUpTo, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _newest, null) is { } receipt && receipt.UpTo > journal.AcknowledgedUpTo)
            await MoveCursorAsync(receipt, cancellationToken);

        var outstanding = brokerHasUpTo > journal.AcknowledgedUpTo;
        if (outstanding && !_waiting)
            _waitingSince = time.GetTimestamp();
        _waiting = outstanding;
        if (!outstanding || time.GetElapsedTime(_waitingSince) < patience)
            return false;
        _waiting = false;
        return true;
    }

    /// <summary>How much longer the center may take; null while nothing is outstanding.</summary>
    public TimeSpan? LeftUntilOverdue => _waiting ? patience - time.GetElapsedTime(_waitingSince) : null;

    private async ValueTask MoveCursorAsync(ReceiptMessage receipt, CancellationToken cancellationToken)
    {
        string? fault;
        try
        {
            fault = await WhyNotAsync(receipt, cancellationToken);
        }
        catch (JournalException)
        {
            Interlocked.CompareExchange(ref _newest, receipt, comparand: null); // unless a newer one came
            throw;
        }
        if (fault is not null)
        {
            status.CountRefusedReceipt();
            LogRefused(fault);
            return;
        }
        journal.Acknowledge(receipt.UpTo);
        _waitingSince = time.GetTimestamp();
    }

    private async ValueTask<string?> WhyNotAsync(ReceiptMessage receipt, CancellationToken cancellationToken)
    {
        if (receipt.UpTo > journal.LastSequence)
            return $"it covers records up to {receipt.UpTo}, and this gate has made {journal.LastSequence}: another gate has this name, or this box lost its journal and goes on only after edgegate-center gate replace";
        var records = await journal.ReadAsync(receipt.UpTo, max: 1, cancellationToken);
        return records is [{ } record] && record.Sequence == receipt.UpTo && record.Hash.ToString() == receipt.Chain
            ? null
            : $"its chain hash is not that of record {receipt.UpTo} here: the center holds other records than this gate made";
    }

    [LoggerMessage(LogLevel.Error, "A receipt was refused: {Fault}")]
    private partial void LogRefused(string fault);
}
