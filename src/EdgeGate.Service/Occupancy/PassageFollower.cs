using System.Numerics;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Registers;

namespace EdgeGate.Service.Occupancy;

/// <summary>
/// Reads the journal as it grows and keeps from it how many came in and went out here, and who went last which way. The journal is the
/// truth: after a restart the same records give the same numbers. A checkpoint spares reading years again, and outlives what the
/// journal lets go.
/// </summary>
/// <param name="lanes">Which way each lane of the gate leads.</param>
/// <param name="isAlone">
/// No other gate is heard. Then persons are remembered from before the start too; else not, for what the others said meanwhile is not known.
/// </param>
internal sealed partial class PassageFollower(
    GateJournal journal, SiteOccupancy occupancy, PassageMemory passages, PassUses uses, string gate, IReadOnlyDictionary<string, Direction> lanes, bool isAlone, string checkpointFile, TimeProvider time, ILogger<PassageFollower> log)
    : BackgroundService
{
    private const int Page = 500;

    /// <summary>Records read again at a start for the memory of persons, where they are remembered from before. A page before what is counted is read anyway, for decisions whose passage came after.</summary>
    private readonly int _readBack = isAlone ? 20_000 : Page;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <param name="UpTo">The last record that is counted.</param>
    /// <param name="PassUses">How often passes were used that are good for so many uses.</param>
    internal sealed record Checkpoint(long Epoch, long In, long Out, long UpTo, IReadOnlyDictionary<string, int>? PassUses = null);

    private readonly Lock _counting = new(), _saving = new();
    private readonly PassagePairing _pairing = new();
    private Checkpoint _count = new(Epoch: 1, 0, 0, 0);
    private bool _fromCheckpoint;
    private bool _caughtUp;
    private long _foreign;
    private OccupancyMessage? _heardEarly;

    /// <summary>Up to where the checkpoint on disk counts; null until this one knows where to begin.</summary>
    private long? _saved;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (journal.Status.Failure is not null)
            await Task.Delay(RetryAfter, time, stoppingToken); // its numbers are not known yet, and would look like those of a new journal
        var next = Begin();
        var present = journal.LastSequence;
        while (true)
        {
            if (!_caughtUp && next > present)
                CatchUp();
            await journal.WaitForAppendAsync(next - 1, stoppingToken);
            try
            {
                var records = await journal.ReadAsync(next, Page, stoppingToken);
                foreach (var record in records)
                    Take(record);
                next = records.Count > 0 ? records[^1].Sequence + 1 : Math.Max(next, journal.LastSequence + 1); // nothing but void numbers
                if (_count.UpTo - _saved >= Page)
                    Save(); // the journal lets old records go: after a power cut the rest must still be there
            }
            catch (JournalException unreadable)
            {
                LogUnreadable(unreadable);
                await Task.Delay(RetryAfter, time, stoppingToken);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Save();
    }

    /// <summary>
    /// What the broker kept of this gate from before. A gate with a new disk takes up its old count; numbers that are not larger than
    /// its own are an echo.
    /// </summary>
    public void HearOwn(OccupancyMessage heard)
    {
        if (!SiteOccupancy.CanBeOfPeople(heard) || !SiteOccupancy.CanBeOfPeople(heard with { Epoch = heard.Epoch * 2, In = heard.In * 2, Out = heard.Out * 2 }))
            return; // there must be room for what is counted on top
        lock (_counting)
        {
            if (!_caughtUp)
            {
                _heardEarly = heard;
                return;
            }
            var isMore = heard.Epoch > _count.Epoch || (heard.Epoch == _count.Epoch && (heard.In > _count.In || heard.Out > _count.Out));
            if (!isMore)
                return;
            // A journal that is whole and yet knows less is a new one: what it counted comes on top. Else both count the same passages.
            _count = !_fromCheckpoint && journal.Status.PurgedUpTo == 0
                ? _count with { Epoch = heard.Epoch + 1, In = heard.In + _count.In, Out = heard.Out + _count.Out }
                : _count with { Epoch = heard.Epoch, In = Math.Max(heard.In, _count.In), Out = Math.Max(heard.Out, _count.Out) };
            LogTookUp(_count.Epoch, _count.In, _count.Out);
            Publish();
        }
        Save();
    }

    private long Begin()
    {
        var (last, kept) = (journal.LastSequence, journal.Status.PurgedUpTo + 1);
        if (ReadCheckpoint() is { } before)
        {
            _fromCheckpoint = true;
            uses.Restore(before.PassUses ?? new Dictionary<string, int>(StringComparer.Ordinal));
            _count = before.UpTo <= last ? before : before with { UpTo = 0 }; // the journal was made anew: all it has is new
        }
        _saved = _count.UpTo;
        return Math.Max(kept, Math.Min(_count.UpTo - Page, last - _readBack));
    }

    private void CatchUp()
    {
        lock (_counting)
        {
            _caughtUp = true;
            Publish();
        }
        uses.IsCounted = true;
        if (_heardEarly is { } heard)
            HearOwn(heard);
    }

    private void Take(JournalRecord record)
    {
        try
        {
            using var document = JsonDocument.Parse(record.Payload);
            var root = document.RootElement;
            if (_pairing.Take(record.Sequence, root) is { } passage)
                Count(record.Sequence, passage);
            else if (root.GetProperty("type").GetString() == OccupancyCorrectedRecord.Type
                && root.GetProperty("data").Deserialize(RecordShapes.Default.OccupancyCorrectedRecord) is { Difference: var difference })
                Count(record.Sequence, Math.Max(difference, 0), Math.Max(-difference, 0));
        }
        catch (Exception foreign) when (foreign is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            if (BitOperations.IsPow2(++_foreign)) // there may be millions: the first is told, the second, the fourth
                LogForeign(record.Sequence, _foreign, foreign); // of a later version of this program
        }
        lock (_counting)
            _count = _count with { UpTo = Math.Max(_count.UpTo, record.Sequence) };
    }

    /// <summary>A passage without an access decision, after a command that opened once, goes the lane's way; the way of a lane that is no more, nobody knows.</summary>
    private void Count(long sequence, PairedPassage passage)
    {
        if (passage is { CountsUse: true, Person: { } pass } && sequence > _count.UpTo)
            uses.Settle(pass, used: passage.Taken);
        if (!passage.Taken)
            return;
        if ((passage.Direction ?? (lanes.TryGetValue(passage.Lane, out var way) ? way : null)) is not { } direction)
            return;
        if (passage.Person is { } person && (isAlone || _caughtUp))
            passages.Note(person, new LastPassage(direction, passage.At));
        Count(sequence, direction is Direction.Entry ? 1 : 0, direction is Direction.Exit ? 1 : 0);
    }

    private void Count(long sequence, long into, long outOf)
    {
        lock (_counting)
        {
            if (sequence <= _count.UpTo)
                return; // read again, counted before
            _count = _count with { In = _count.In + into, Out = _count.Out + outOf, UpTo = sequence };
            if (_caughtUp)
                Publish();
        }
    }

    private void Publish() => occupancy.Own = new OccupancyMessage(gate, _count.Epoch, _count.In, _count.Out);

    private Checkpoint? ReadCheckpoint()
    {
        try
        {
            var read = File.Exists(checkpointFile) ? JsonSerializer.Deserialize(File.ReadAllBytes(checkpointFile), StateShapes.Default.Checkpoint) : null;
            return read is null || SiteOccupancy.CanBeOfPeople(new OccupancyMessage(gate, read.Epoch, read.In, read.Out)) ? read : throw new InvalidDataException("its numbers cannot be of people");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
        {
            LogNoCheckpoint(unreadable);
            return null;
        }
    }

    private void Save()
    {
        lock (_saving) // the broker's word comes on the link's thread
        {
            if (_saved is not null)
                SaveNow();
        }
    }

    private void SaveNow()
    {
        try
        {
            var count = _count with { PassUses = uses.Counted is { Count: > 0 } counted ? counted : null };
            DurableFile.Write(checkpointFile, JsonSerializer.SerializeToUtf8Bytes(count, StateShapes.Default.Checkpoint));
            _saved = count.UpTo;
        }
        catch (IOException unwritable)
        {
            LogNotSaved(unwritable);
        }
    }

    [LoggerMessage(LogLevel.Error, "Occupancy: the journal cannot be read; tried again in five seconds")]
    private partial void LogUnreadable(Exception cause);

    [LoggerMessage(LogLevel.Warning, "Occupancy: record {Sequence} says nothing that is understood here; {Count} such so far")]
    private partial void LogForeign(long sequence, long count, Exception cause);

    [LoggerMessage(LogLevel.Warning, "Occupancy: the checkpoint cannot be read; what the journal still has is counted")]
    private partial void LogNoCheckpoint(Exception cause);

    [LoggerMessage(LogLevel.Warning, "Occupancy: the checkpoint cannot be written; a restart reads more of the journal")]
    private partial void LogNotSaved(Exception cause);

    [LoggerMessage(LogLevel.Information, "Occupancy: took up the count the broker had of this gate; epoch {Epoch}, in {In}, out {Out}")]
    private partial void LogTookUp(long epoch, long @in, long @out);
}
