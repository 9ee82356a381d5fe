using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Records;

namespace EdgeGate.Service.Occupancy;

/// <summary>What came of a grant, or of a command that opened once; or somebody who went through a portal that was held open.</summary>
/// <param name="Taken">Somebody went through, or may have.</param>
/// <param name="CountsUse">It was granted to a pass that is good for so many uses; the pass is then the person.</param>
/// <param name="Person">Null when nobody was identified.</param>
/// <param name="Direction">Null when neither an access decision nor a request to exit stands before it: the portal was opened by a command, or held open.</param>
internal sealed record PairedPassage(string Lane, bool Taken, bool CountsUse, PersonKey? Person, Direction? Direction, DateTimeOffset At);

/// <summary>Puts one gate's passage records together with the decisions they follow.</summary>
internal sealed class PassagePairing
{
    /// <summary>A passage follows its decision within seconds, and as many of other lanes may come between as lanes decide meanwhile.</summary>
    private const int MostOpenDecisions = 1024;

    private readonly Dictionary<long, Grant> _open = [];
    private readonly Queue<long> _oldestFirst = new();

    private sealed record Grant(long Sequence, PersonKey? Person, Direction Direction, bool CountsUse);

    /// <param name="record">A whole record, in the order of the sequence.</param>
    /// <returns>Null for every record that tells of no passage.</returns>
    /// <exception cref="JsonException">Not a record, or one of a later version of this program.</exception>
    /// <exception cref="KeyNotFoundException">The same.</exception>
    /// <exception cref="InvalidOperationException">The same.</exception>
    public PairedPassage? Take(long sequence, JsonElement record)
    {
        var data = record.GetProperty("data");
        switch (record.GetProperty("type").GetString())
        {
            case DecidedRecord.Type when data.Deserialize(RecordShapes.Default.DecidedRecord) is { Outcome: not Outcome.Denied } decided:
                // Parsed here: a record may come from a stranger at the broker, whose text would be kept.
                Open(new(sequence, PersonKey.TryParse(decided.Person, out var person) ? person : null, decided.Direction, CountsUse: decided.PassUses is not null));
                return null;
            // The passage names the guard's grant, which names the decision it answers.
            case GuardActionRecord.Type when data.Deserialize(RecordShapes.Default.GuardActionRecord) is { Action: GuardActionKind.Grant, Decision: { } answered }
                && GrantAt(answered) is { } waiting:
                Open(waiting with { Sequence = sequence });
                return null;
            case GuardActionRecord.Type when data.Deserialize(RecordShapes.Default.GuardActionRecord) is { Action: GuardActionKind.OpenOnce, Person: { } named, Direction: { } way }
                && PersonKey.TryParse(named, out var visitor):
                Open(new(sequence, visitor, way, CountsUse: false));
                return null;
            case ExitRequestedRecord.Type when data.Deserialize(RecordShapes.Default.ExitRequestedRecord) is { Outcome: Outcome.Granted }:
                Open(new(sequence, Person: null, Direction.Exit, CountsUse: false)); // whichever way the lane leads
                return null;
            case PassageRecord.Type when data.Deserialize(RecordShapes.Default.PassageRecord) is { } passage:
                var grant = GrantAt(passage.Decision);
                return new PairedPassage(
                    passage.Lane,
                    Taken: passage is { Portal: PortalMovement.Opened, Passage: not PassageOutcome.NotTaken },
                    CountsUse: grant?.CountsUse is true,
                    grant?.Person, grant?.Direction, record.GetProperty("time").GetDateTimeOffset());
            case PortalEventRecord.Type when data.Deserialize(RecordShapes.Default.PortalEventRecord) is { Event: PortalEventKind.PassedFreely, Lane: var lane }:
                return new PairedPassage(lane, Taken: true, CountsUse: false, Person: null, Direction: null, record.GetProperty("time").GetDateTimeOffset());
            default:
                return null;
        }
    }

    private void Open(Grant grant)
    {
        if (!_open.TryAdd(grant.Sequence, grant))
            return; // a stranger's record with a number that was there
        _oldestFirst.Enqueue(grant.Sequence);
        if (_open.Count > MostOpenDecisions)
            _open.Remove(_oldestFirst.Dequeue());
    }

    private Grant? GrantAt(long sequence) => _open.GetValueOrDefault(sequence);
}
