using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Privacy;
using EdgeGate.Mqtt;
using EdgeGate.Service.Commands;
using EdgeGate.Service.Health;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Keys;
using EdgeGate.Service.Tests.Passing;
using EdgeGate.Service.Tests.Settings;
using EdgeGate.Service.Tests.Uplink;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;
using EdgeGate.Testing;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGate.Service.Tests.Commands;

/// <summary>What takes commands, with a real journal and real files; broker, portal and clock are the test's.</summary>
internal sealed class GateUnderCommand : IAsyncDisposable
{
    public const string KeyId = "center";
    public static readonly GateTopics Topics = new("estate", "gate-1");

    private readonly TemporaryDirectory _directory;
    private readonly CommandKeyRing _ring = new();
    private readonly ECDiffieHellman _center = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly GateSignature _signature = FreshSignature.Make();
    private readonly CommandService _service;
    private readonly bool _ownsDirectory;
    private int _commands;

    private GateUnderCommand(TemporaryDirectory directory, bool ownsDirectory, GateJournal journal, ManualTime time, ECDsa key, CommandKey pinned, IMqttLink? link)
    {
        (_directory, _ownsDirectory, Journal, Time, Key) = (directory, ownsDirectory, journal, time, key);
        Portal = new FakePortal(directory["journal"]);
        Clock = new GateClock(time, new Guid("11111111-2222-3333-4444-555555555555"), () => true);
        Mode = new LaneMode(directory["lane-mode"], new ListLogger<LaneMode>());
        Used = new UsedCommandIds(UsedFile, new ListLogger<UsedCommandIds>());
        _ring.Add(pinned);
        var seal = new EvidenceSeal(_center.ExportSubjectPublicKeyInfoPem());
        var records = new RecordKeeper("estate", "gate-1", journal, new PersonKeys(new byte[32]), seal, Clock);
        var status = new UplinkStatus();
        var receipts = new Receipts(journal, ReceiptsFrom.Broker, TimeSpan.FromMinutes(1), status, time, new ListLogger<Receipts>());
        var devices = new DeviceBoard(time, new ListLogger<DeviceBoard>());
        var lane = new Lane(
            new LaneOptions { Id = "lane-1", Encounter = new EncounterOptions() }, new LaneInputs(Clock), Mode,
            new LaneHealth(devices, journal, [], "portal", openWhenJournalFails: false), Portal, Kiosk);
        var tally = new TallyService(journal, status, receipts, Retained, Topics, _signature, Clock, time, new ListLogger<TallyService>());
        Effects = new CommandEffects(
            new Lanes([lane]), new SettingsChange(Settings, Trial, Restart), () => RebootFault, records, Resends, tally, Topics, Clock, time, new ListLogger<CommandEffects>());
        var judge = new CommandJudge("estate/gate-1", _ring, Used, Clock, new TokenBucket(capacity: 20, TimeSpan.FromSeconds(3), time));
        _service = new CommandService(judge, Used, Effects, new RefusalCounts(Clock, time), records, seal, link ?? Link, Topics, Clock, time, Log);
    }

    public static GateSettings Settings { get; } = SmallSettings.IsValid(SmallSettings.Parse(SmallSettings.WithCommandKey(KeyId))).Settings;

    /// <summary>Beside a gate.json that is not there yet.</summary>
    public SettingsTrial Trial => new(_directory["gate.json"]);
    public GateRestart Restart { get; } = new(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance));

    /// <summary>What starting the machine anew says.</summary>
    public string? RebootFault { get; set; }
    public ManualTime Time { get; }
    public ECDsa Key { get; }
    public GateJournal Journal { get; }
    public GateClock Clock { get; }
    public FakePortal Portal { get; }
    public LaneMode Mode { get; }
    public UsedCommandIds Used { get; }
    public CommandEffects Effects { get; }
    public FakeLink Link { get; } = new(window: 1000);
    public KioskBoard Kiosk { get; } = new();
    public ResendRequests Resends { get; } = new();
    public RetainedOutbox Retained { get; } = new();
    public ListLogger<CommandService> Log { get; } = new();
    public string UsedFile => _directory["used-commands"];

    /// <summary>At the broker for an hour already.</summary>
    /// <param name="after">A gate that was stopped, whose disk and clock this one goes on with.</param>
    /// <param name="pinned">Days of the key, when they matter.</param>
    /// <param name="beforeJournal">For who must be at the journal's directory first.</param>
    /// <param name="link">A real one, for the test to start; else <see cref="Link"/>.</param>
    public static async Task<GateUnderCommand> StartAsync(
        GateUnderCommand? after = null, Func<CommandKey, CommandKey>? pinned = null, Func<string, Task>? beforeJournal = null,
        IMqttLink? link = null)
    {
        var directory = after?._directory ?? new TemporaryDirectory();
        var time = after?.Time ?? new ManualTime();
        var key = after?.Key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (beforeJournal is not null)
            await beforeJournal(directory["journal"]);
        var journal = await GateJournal.OpenAsync(
            new JournalOptions { Directory = directory["journal"], GateId = "estate/gate-1", TailRecords = 0 }, time, CancellationToken.None);
        var known = new CommandKey(KeyId, key.ExportSubjectPublicKeyInfoPem());
        var gate = new GateUnderCommand(directory, ownsDirectory: after is null, journal, time, key, pinned?.Invoke(known) ?? known, link);
        var timers = time.WaitingTimers;
        await gate._service.StartAsync(CancellationToken.None);
        await Patience.Until(() => time.WaitingTimers > timers); // it counts the minutes
        gate.Link.ComeUp();
        if (after is null)
            time.Advance(TimeSpan.FromHours(1));
        return gate;
    }

    public OpenOnceCommand OpenOnce() => Fresh(new OpenOnceCommand("lane-1", "approved by the shift leader"));

    /// <summary>For this gate, never used, issued now and good for 30 s.</summary>
    public T Fresh<T>(T command)
        where T : GateCommand =>
        (T)(command with { Gate = "estate/gate-1", Id = NextId(), IssuedAt = Time.GetUtcNow(), Expires = Time.GetUtcNow().AddSeconds(30) });

    public string Sign(GateCommand command) => CommandToken.Sign(command, KeyId, Key);

    /// <summary>As the link would: returns when the gate is done with it.</summary>
    public Task DeliverAsync(string token, bool retained = false) => DeliverAsync(Encoding.UTF8.GetBytes(token), retained);

    public async Task DeliverAsync(byte[] payload, bool retained = false) =>
        await Link.Handlers[Topics.Commands](
            new MqttInbound { Topic = Topics.Commands, Payload = payload, Retained = retained, CorrelationData = "asked-by-me"u8.ToArray() }, CancellationToken.None);

    /// <summary>The answer of the gate to this command, signed as it should be.</summary>
    public async Task<CommandReply> AskAsync(GateCommand command, bool retained = false)
    {
        await DeliverAsync(Sign(command), retained);
        return Reply(await Link.NextAsync());
    }

    public static CommandReply Reply(FakeLink.Publication answer)
    {
        Assert.Equal((Topics.Replies, false, "asked-by-me"), (answer.Topic, answer.Retain, answer.Correlation));
        return JsonSerializer.Deserialize(answer.Payload, Messages.Records.RecordShapes.Default.CommandReply)!;
    }

    /// <summary>Every record on disk: its type, short, and its data.</summary>
    public IReadOnlyList<(string Type, JsonElement Data)> Records()
    {
        using var reader = JournalReader.Open(_directory["journal"]);
        return [.. reader.Read(1, 10_000).Select(record => JsonDocument.Parse(record.Payload).RootElement)
            .Select(record => (record.GetProperty("type").GetString()!.Split('.')[1], record.GetProperty("data")))];
    }

    public string Opened(JsonElement record) => Encoding.UTF8.GetString(EvidenceSeal.Open(record.GetProperty("sealed").GetString()!, _center));

    /// <summary>How often a refusal for this reason is on record, by itself or counted.</summary>
    public long Refused(CommandReason reason)
    {
        var word = JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString());
        return Records().Sum(record => record.Type switch
        {
            "command" => record.Data.TryGetProperty("reason", out var single) && single.GetString() == word ? 1 : 0,
            "commands-refused" => record.Data.GetProperty("refused").EnumerateArray().Where(count => count.GetProperty("reason").GetString() == word)
                .Sum(count => count.GetProperty("count").GetInt64()),
            _ => 0,
        });
    }

    /// <summary>Stops for good; what is on disk stays for a gate started after it.</summary>
    public async Task StopAsync()
    {
        await _service.StopAsync(CancellationToken.None).InTime();
        await Journal.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _service.Dispose();
        _ring.Dispose();
        _center.Dispose();
        _signature.Dispose();
        if (!_ownsDirectory)
            return;
        Key.Dispose();
        _directory.Dispose();
    }

    private string NextId() => $"command-{++_commands:0000}-{Guid.NewGuid():N}";
}
