using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;

namespace EdgeGate.Center.Ingest;

/// <summary>What came in one batch, sorted by what is done with it.</summary>
internal sealed record Intake
{
    public IReadOnlyList<IncomingRecord> Records { get; init; } = [];
    public IReadOnlyList<DamagedMessage> Damaged { get; private init; } = [];

    /// <summary>Signed tallies, the newest of each gate.</summary>
    public IReadOnlyDictionary<GateName, MqttInbound> Tallies { get; private init; } = new Dictionary<GateName, MqttInbound>();
    public IReadOnlyDictionary<GateName, GateStateMessage> States { get; private init; } = new Dictionary<GateName, GateStateMessage>();

    /// <summary>Every gate that is named.</summary>
    public IReadOnlyList<GateName> Gates =>
        [.. Records.Select(record => record.Gate).Concat(Damaged.Select(damaged => damaged.Gate)).Concat(Tallies.Keys).Concat(States.Keys).Distinct()];

    public int Count => Records.Count + Damaged.Count + Tallies.Count + States.Count;

    public static Intake Read(IReadOnlyList<MqttInbound> messages)
    {
        var records = new List<IncomingRecord>(messages.Count);
        var damaged = new List<DamagedMessage>();
        var tallies = new Dictionary<GateName, MqttInbound>();
        var states = new Dictionary<GateName, GateStateMessage>();
        foreach (var message in messages)
        {
            // edgegate/v1/{site}/{gate}/{what}: the subscriptions let nothing else through
            if (message.Topic.Split('/') is not [_, _, var site, var name, var what] || GateName.Of(site, name) is not { } gate)
                continue;
            switch (what)
            {
                case "tally":
                    tallies[gate] = message;
                    break;
                case "state":
                    if (StateOf(message.Payload.Span) is { } state)
                        states[gate] = states.TryGetValue(gate, out var before) ? Newer(before, state) : state;
                    break;
                default:
                    if (RecordReading.Read(gate, message.Payload, out var damage) is { } record)
                        records.Add(record);
                    else
                        damaged.Add(new(gate, damage!, message.Payload));
                    break;
            }
        }
        return new Intake { Records = records, Damaged = damaged, Tallies = tallies, States = states };
    }

    /// <summary>Two halves, for finding the one part that the database does not take; null when there is nothing left to divide.</summary>
    public (Intake First, Intake Second)? Halves()
    {
        if (Records.Count > 1)
        {
            var middle = Records.Count / 2;
            return (this with { Records = [.. Records.Take(middle)] }, new Intake { Records = [.. Records.Skip(middle)] });
        }
        if (Count < 2)
            return null;
        // One gate's message must not cost the others theirs.
        if (Records.Count == 1)
            return (new Intake { Records = Records }, this with { Records = [] });
        if (Damaged.Count is > 0 and var damaged)
        {
            return damaged == Count
                ? (new Intake { Damaged = [.. Damaged.Take(damaged / 2)] }, new Intake { Damaged = [.. Damaged.Skip(damaged / 2)] })
                : (new Intake { Damaged = Damaged }, this with { Damaged = [] });
        }
        if (States.Count > 0 && Tallies.Count > 0)
            return (new Intake { States = States }, new Intake { Tallies = Tallies });
        var middleOfAll = Count / 2;
        return (
            new Intake { States = States.Take(middleOfAll).ToDictionary(), Tallies = Tallies.Take(middleOfAll).ToDictionary() },
            new Intake { States = States.Skip(middleOfAll).ToDictionary(), Tallies = Tallies.Skip(middleOfAll).ToDictionary() });
    }

    private const int LongestVersion = 64;

    /// <summary>What is pinned is read again with every batch of the gate: it must be a key.</summary>
    private static bool IsKey(P256Key? key)
    {
        if (key is not { X: { Length: 43 }, Y: { Length: 43 } })
            return false;
        try
        {
            using var verifier = key.ToVerifier();
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>A last will carries no key: one that was shown in the same batch must not be lost by it.</summary>
    private static GateStateMessage Newer(GateStateMessage before, GateStateMessage next)
    {
        var (older, newer) = next.IsOlderThan(before) ? (next, before) : (before, next);
        return newer.SigningKey is null ? older with { Online = newer.Online, Session = newer.Session } : newer;
    }

    private static GateStateMessage? StateOf(ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, RecordShapes.Default.GateStateMessage) is not { } state ? null : state with
            {
                Version = state.Version is { } version ? StorableText.Cut(version, LongestVersion) : null,
                SigningKey = IsKey(state.SigningKey) ? state.SigningKey : null,
                Enrolment = state.Enrolment is { Id: { Length: <= 64 } id, Signature.Length: <= 200 } && !id.Contains('\0') ? state.Enrolment : null,
            };
        }
        catch (JsonException)
        {
            return null; // no record: nothing is lost, and the next one says it anew
        }
    }
}

/// <summary>Something on a records topic that cannot be counted.</summary>
internal sealed record DamagedMessage(GateName Gate, string Reason, ReadOnlyMemory<byte> Payload, long? Sequence = null);
