using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Messages;
using EdgeGate.Mqtt;
using EdgeGate.Service.Registers;

namespace EdgeGate.Service.Occupancy;

/// <summary>
/// Hears who passed at the site's other gates, late records too, for anti-passback, since who came in here mostly goes out elsewhere, and for passes that
/// are good for so many uses at all gates together. What was missed, because the broker kept no session, makes all that is remembered of persons doubtful, and it is forgotten.
/// </summary>
internal sealed class PassageHearing(PassageMemory memory, PassUses uses, IMqttLink link, GateTopics topics) : IHostedService
{
    private const int LongestRecord = 64 * 1024;

    /// <summary>Used by the link's one thread of delivery.</summary>
    private readonly Dictionary<string, PassagePairing> _gates = new(StringComparer.Ordinal);

    /// <summary>The last uses that were counted: a record may come more than once, but not so much later.</summary>
    private readonly HashSet<(string Gate, long Sequence)> _counted = [];
    private readonly Queue<(string Gate, long Sequence)> _countedInOrder = new();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        memory.IsDeaf = true;
        link.Changed += OnLinkChanged;
        _ = link.SubscribeAsync(topics.PassagesOfAll, HearAsync, CancellationToken.None); // answered by an event, and asked again at every login
        _ = link.SubscribeAsync(topics.BacklogOfAll, HearAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        link.Changed -= OnLinkChanged;
        return Task.CompletedTask;
    }

    private void OnLinkChanged(MqttLinkEvent change)
    {
        if (change.Kind is MqttLinkEventKind.Up && link.Limits is not { SessionPresent: true })
            memory.Forget();
        memory.IsDeaf = link.State.Phase is not MqttLinkPhase.Online;
    }

    private ValueTask HearAsync(MqttInbound message, CancellationToken cancellationToken)
    {
        // edgegate/v1/{site}/{gate}/passages
        if (message.Retained || message.Payload.Length > LongestRecord || message.Topic.Split('/') is not [_, _, _, var gate, _] || gate == topics.Gate)
            return ValueTask.CompletedTask;
        if (!_gates.TryGetValue(gate, out var pairing) && _gates.Count < SiteOccupancy.MostGates)
            _gates.Add(gate, pairing = new PassagePairing());
        try
        {
            using var record = JsonDocument.Parse(message.Payload);
            if (long.TryParse(record.RootElement.GetProperty("sequence").GetString(), out var sequence)
                && pairing?.Take(sequence, record.RootElement) is { Taken: true, Person: { } person, Direction: { } direction, At: var at } passage)
            {
                memory.Note(person, new LastPassage(direction, at));
                if (passage.CountsUse && IsNew((gate, sequence)))
                    uses.CountElsewhere(person);
            }
        }
        catch (Exception foreign) when (foreign is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Of a later version of this program, or nobody's: passed over, for it says nothing about anybody.
        }
        return ValueTask.CompletedTask;
    }

    private bool IsNew((string Gate, long Sequence) use)
    {
        if (!_counted.Add(use))
            return false;
        _countedInOrder.Enqueue(use);
        if (_countedInOrder.Count > PassUses.Most)
            _counted.Remove(_countedInOrder.Dequeue());
        return true;
    }
}
