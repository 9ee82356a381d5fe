using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;

namespace EdgeGate.Center.Tests.Ingest;

/// <summary>A gate that makes records as real ones do, chain included, and holds them in memory. Its chain is the journal's own code, not the center's.</summary>
internal sealed class SampleGate(string site, string name, DateTimeOffset start)
{
    private static readonly Guid Boot = new("99999999-0000-0000-0000-000000000001");
    private readonly List<byte[]> _payloads = [];
    private readonly List<ChainHash> _hashes = [];
    private int _talliesMade;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public GateName Name { get; } = new(site, name);
    public GateTopics Topics { get; } = new(site, name);
    public P256Key Key => P256Key.Of(_key);
    public long Made => _payloads.Count;

    public static byte[] Person(int number) => SHA256.HashData(Encoding.UTF8.GetBytes($"person {number}"));

    public string ChainAt(long sequence) => _hashes[(int)sequence - 1].ToString();

    public byte[] this[long sequence] => _payloads[(int)sequence - 1];

    /// <summary>The next record: somebody is decided about, a second after the one before.</summary>
    public MqttInbound Decide(int person = 1, Outcome outcome = Outcome.Granted, DateTimeOffset? at = null, string lane = "lane-1", params DenyReason[] reasons) =>
        Decide(Person(person), outcome, at, lane, reasons);

    /// <param name="person">Their key, 32 bytes.</param>
    public MqttInbound Decide(byte[] person, Outcome outcome, DateTimeOffset? at = null, string lane = "lane-1", params DenyReason[] reasons) => Decide(person, outcome, at, lane, reasons, flags: null);

    /// <summary>Somebody whom a rule marked.</summary>
    public MqttInbound Flag(int person, Outcome outcome, params string[] flags) => Decide(Person(person), outcome, at: null, "lane-1", reasons: [], flags);

    private MqttInbound Decide(byte[] person, Outcome outcome, DateTimeOffset? at, string lane, DenyReason[] reasons, string[]? flags) =>
        Make(DecidedRecord.Type, at ?? start.AddSeconds(Made), new DecidedRecord
        {
            Lane = lane,
            Direction = Direction.Entry,
            Reader = "id-card-reader",
            Credential = CredentialKind.IdCard,
            Person = System.Buffers.Text.Base64Url.EncodeToString(person),
            MaskedName = "测**",
            Outcome = outcome,
            Reasons = reasons,
            Flags = flags,
            Rules = [],
            Clock = Clock,
            Sealed = "e30..AA.AA.AA",
        }, RecordShapes.Default.DecidedRecord);

    public MqttInbound NotTaken(long decision, string lane = "lane-1") =>
        Make(PassageRecord.Type, start.AddSeconds(Made), new PassageRecord
        {
            Lane = lane,
            Decision = decision,
            Portal = PortalMovement.Unreachable,
            Passage = PassageOutcome.NotTaken,
            Clock = Clock,
        }, RecordShapes.Default.PassageRecord);

    public MqttInbound Stepped(long first, long last, TimeSpan by) =>
        Make(ClockSteppedRecord.Type, start.AddSeconds(Made), new ClockSteppedRecord
        {
            StepSeconds = by.TotalSeconds,
            Before = ClockGrade.Unset,
            First = first,
            Last = last,
            Clock = Clock,
        }, RecordShapes.Default.ClockSteppedRecord);

    public MqttInbound ListInForce(string register, long version) =>
        Make(RegisterChangedRecord.Type, start.AddSeconds(Made), new RegisterChangedRecord
        {
            Register = register,
            Version = version,
            IssuedAt = start,
            By = "officer-1",
            Added = 1,
            Changed = 0,
            Removed = 0,
            Persons = 1,
            Clock = Clock,
        }, RecordShapes.Default.RegisterChangedRecord);

    /// <summary>A record whose data are written by hand.</summary>
    public MqttInbound Write(string type, string data, DateTimeOffset? at = null) =>
        Make(type, at ?? start.AddSeconds(Made), JsonDocument.Parse(data).RootElement, (System.Text.Json.Serialization.Metadata.JsonTypeInfo<JsonElement>)JsonSerializerOptions.Web.GetTypeInfo(typeof(JsonElement)));

    /// <summary>An alarm.</summary>
    public MqttInbound ForcedOpen() =>
        Make(PortalEventRecord.Type, start.AddSeconds(Made), new PortalEventRecord { Lane = "lane-1", Event = PortalEventKind.ForcedOpen, Clock = Clock }, RecordShapes.Default.PortalEventRecord, alarm: "forced-open");

    public MqttInbound TrialEnded(string command, bool confirmed, string? cause) =>
        Make(SettingsTrialRecord.Type, start.AddSeconds(Made), new SettingsTrialRecord { Command = command, Confirmed = confirmed, Sha256 = "", Cause = cause, Clock = Clock }, RecordShapes.Default.SettingsTrialRecord);

    /// <summary>A record of a type that only a newer center knows.</summary>
    public MqttInbound Newer() => Make("edgegate.access-decided.v9", start.AddSeconds(Made), new ReceiptMessage(1, "?"), RecordShapes.Default.ReceiptMessage);

    public MqttInbound Again(long sequence) => new() { Topic = Topics.Backlog, Payload = this[sequence] };

    public TallyMessage Tally(params VoidNumbers[] voids) => new()
    {
        Made = Made,
        Held = Made,
        PurgedUpTo = 0,
        AcknowledgedUpTo = 0,
        Void = voids,
        Dropped = 0,
        DeadLetters = [],
        RefusedReceipts = 0,
        Head = Made,
        Chain = ChainAt(Made),
        Clock = new(Boot, ++_talliesMade, ClockGrade.Synchronised),
    };

    public MqttInbound Signed(TallyMessage tally, ECDsa? key = null, bool retained = false) => new()
    {
        Retained = retained,
        Topic = Topics.Tally,
        Payload = SignedJson.Sign(JsonSerializer.SerializeToUtf8Bytes(tally, RecordShapes.Default.TallyMessage), key ?? _key),
    };

    private static ClockRecord Clock => new(Boot, 1, ClockGrade.Synchronised);

    private MqttInbound Make<T>(string type, DateTimeOffset at, T data, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> shape, string? alarm = null)
    {
        var payload = new ArrayBufferWriter<byte>();
        RecordEnvelope.Write(payload, site, name, Made + 1, type, at, data, shape, alarm);
        var bytes = payload.WrittenSpan.ToArray();
        _hashes.Add(ChainHash.Next($"{site}/{name}", Made + 1, _hashes.Count > 0 ? _hashes[^1] : default, bytes));
        _payloads.Add(bytes);
        return new MqttInbound { Topic = Topics.Passages, Payload = bytes };
    }
}
