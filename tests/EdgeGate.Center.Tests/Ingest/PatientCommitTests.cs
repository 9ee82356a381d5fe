using System.Text.Json.Nodes;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Mqtt;
using EdgeGate.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EdgeGate.Center.Tests.Ingest;

[Collection(nameof(CenterDatabase))]
public sealed class PatientCommitTests(CenterDatabase server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private readonly ManualTime _time = new(Now);
    private readonly IngestCounters _counters = new();
    private readonly SampleGate _gate = new("estate", "north", Now.AddMinutes(-10));
    private NpgsqlDataSource _database = null!;
    private PatientCommit _commit = null!;

    public async Task InitializeAsync()
    {
        _database = await server.NewAsync();
        var partitions = new Partitions(_database, _time);
        _commit = new PatientCommit(new RecordStore(_database, partitions, new LaneIds(), _counters, _time, keptDays: 180), partitions, _counters, _time, NullLogger<PatientCommit>.Instance);
        await RunAsync("insert into gate (site, name, added_at) values ('estate', 'north', now())");
    }

    public async Task DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
    }

    [SkippableFact]
    public async Task The_one_record_that_the_database_refuses_is_set_aside_and_the_rest_is_here()
    {
        await RunAsync("alter table passage add constraint unlucky check (sequence <> 13)");
        var batch = Enumerable.Range(0, 40).Select(person => _gate.Decide(person)).ToArray();

        var receipts = await _commit.CommitAsync(Intake.Read(batch), CancellationToken.None);

        Assert.Equal(12, receipts.Max(receipt => receipt.UpTo)); // it stays a gap until somebody has looked
        Assert.Equal(39, await CountAsync("record"));
        Assert.Equal(1, await CountAsync("set_aside where reason like '%unlucky%'"));
    }

    [SkippableFact]
    public async Task While_the_database_is_away_the_batch_waits_and_then_it_is_here()
    {
        await RunAsync("alter table gate rename to gate_away");
        var committing = _commit.CommitAsync(Intake.Read([_gate.Decide()]), CancellationToken.None);
        while (_counters.Failures < 3)
            await LetPassAsync();
        Assert.False(committing.IsCompleted);
        Assert.NotNull(_counters.Fault);

        await RunAsync("alter table gate_away rename to gate");
        while (!committing.IsCompleted)
            await LetPassAsync();

        Assert.Equal(1, Assert.Single(await committing).UpTo);
        Assert.Null(_counters.Fault);
    }

    [SkippableFact]
    public async Task A_day_that_another_process_dropped_is_made_again()
    {
        await _commit.CommitAsync(Intake.Read([_gate.Decide()]), CancellationToken.None);
        await RunAsync("drop table record_20261122");

        Assert.Equal(2, Assert.Single(await _commit.CommitAsync(Intake.Read([_gate.Decide()]), CancellationToken.None)).UpTo);
    }

    [SkippableFact]
    public async Task What_one_gate_says_cannot_cost_the_others_theirs()
    {
        var other = new SampleGate("estate", "south", Now.AddMinutes(-10));
        await RunAsync("insert into gate (site, name, added_at, pins_first_key) values ('estate', 'south', now(), true)");
        await RunAsync($"update gate set signing_key = '{{\"X\":\"{_gate.Key.X}\",\"Y\":\"{_gate.Key.Y}\"}}' where name = 'north'");
        MqttInbound[] batch =
        [
            _gate.Write(new string('a', 63) + "\U0001F600", "{}"), // its 64th character is half of one
            new() { Topic = _gate.Topics.State, Payload = """{"gate":"estate/north","online":true,"version":"\u0000"}"""u8.ToArray() },
            _gate.Signed(_gate.Tally() with { Chain = "no hash" }),
            other.Decide(),
            new() { Topic = other.Topics.State, Payload = System.Text.Encoding.UTF8.GetBytes($$$"""{"gate":"estate/south","online":true,"signingKey":{"x":"{{{other.Key.X}}}","y":"{{{other.Key.Y}}}"}}""") },
            new() { Topic = other.Topics.Passages, Payload = "damaged"u8.ToArray() },
        ];

        var receipts = await _commit.CommitAsync(Intake.Read(batch), CancellationToken.None);

        Assert.Equal(["north", "south"], receipts.Where(receipt => receipt.UpTo == 1).Select(receipt => receipt.Gate.Gate).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(1, await CountAsync("gate where name = 'south' and signing_key is not null"));
        Assert.Equal(1, await CountAsync("set_aside where gate = 'south'"));
        Assert.Equal(0, await CountAsync("gate_report where tally is not null"));
    }

    [SkippableTheory]
    [InlineData("edgegate.access-decided.v1", """{"lane":null}""")]
    [InlineData("edgegate.settings-trial.v1", """{"command":null,"confirmed":true,"sha256":null}""")]
    public async Task A_null_where_none_belongs_is_a_record_that_is_not_understood(string type, string members)
    {
        // A whole one, and these members in place of its own.
        var whole = JsonNode.Parse(_gate.Decide().Payload.Span)!["data"]!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(members)!.AsObject())
            whole[name] = value?.DeepClone();
        whole["reasons"] = null;
        whole["flags"] = new JsonArray((JsonNode?)null);
        MqttInbound[] batch = [_gate.Again(1), _gate.Write(type, whole.ToJsonString())];

        Assert.Equal(2, Assert.Single(await _commit.CommitAsync(Intake.Read(batch), CancellationToken.None)).UpTo);
        Assert.Equal(1, await CountAsync("set_aside"));
    }

    [SkippableFact]
    public async Task Half_a_key_is_never_pinned()
    {
        await RunAsync("update gate set pins_first_key = true");
        MqttInbound state = new() { Topic = _gate.Topics.State, Payload = System.Text.Encoding.UTF8.GetBytes($$$"""{"gate":"estate/north","online":true,"signingKey":{"x":"{{{_gate.Key.X}}}","y":null}}""") };

        await _commit.CommitAsync(Intake.Read([state]), CancellationToken.None);

        Assert.Equal(1, Assert.Single(await _commit.CommitAsync(Intake.Read([_gate.Decide()]), CancellationToken.None)).UpTo);
        Assert.Equal(1, await CountAsync("gate where signing_key is null"));
    }

    [SkippableFact]
    public async Task A_name_that_no_index_takes_holds_nobody_up()
    {
        var random = Noise(3000);
        MqttInbound[] batch =
        [
            new() { Topic = $"edgegate/v1/{random}/north/passages", Payload = "{}"u8.ToArray() },
            new() { Topic = $"edgegate/v1/estate/{random}/tally", Payload = "{}"u8.ToArray() },
            _gate.Decide(),
        ];

        Assert.Equal(1, Assert.Single(await CommitAsync(batch)).UpTo);
        Assert.Equal(0, await CountAsync("unknown_gate"));
    }

    [SkippableFact]
    public async Task A_record_that_no_index_takes_is_set_aside_and_holds_nobody_up()
    {
        await RunAsync("create index on record (payload)");

        Assert.Equal(1, (await CommitAsync(_gate.Decide(), _gate.Write("edgegate.of-tomorrow.v1", $$"""{"noise":"{{Noise(6000)}}"}"""))).Max(receipt => receipt.UpTo));

        Assert.Equal(1, await CountAsync("set_aside where reason like '%index row%'"));
    }

    [SkippableFact]
    public async Task What_cannot_even_be_set_aside_is_left_to_its_gate_and_holds_nobody_up()
    {
        await RunAsync("alter table passage add constraint unlucky check (sequence <> 2)");
        await RunAsync("alter table set_aside add constraint full_up check (false)");

        // The clock stands still: what waits for another try waits for ever.
        var receipts = await _commit.CommitAsync(Intake.Read([_gate.Decide(), _gate.Decide(), _gate.Decide()]), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);

        Assert.Equal(1, receipts.Max(receipt => receipt.UpTo));
        Assert.Equal(2, await CountAsync("record"));
    }

    /// <summary>Fails where it would be tried for ever.</summary>
    private async Task<IReadOnlyList<Receipt>> CommitAsync(params MqttInbound[] batch)
    {
        var committing = _commit.CommitAsync(Intake.Read(batch), CancellationToken.None);
        while (!committing.IsCompleted)
        {
            Assert.True(_counters.Failures < 2, _counters.Fault);
            await LetPassAsync();
        }
        return await committing;
    }

    /// <summary>Letters that cannot be packed.</summary>
    private static string Noise(int bytes)
    {
        var noise = new byte[bytes];
        new Random(5).NextBytes(noise);
        return Convert.ToHexString(noise);
    }

    private async Task LetPassAsync()
    {
        _time.Advance(TimeSpan.FromSeconds(0.25));
        await Task.Yield();
    }

    private async Task RunAsync(string sql)
    {
        await using var connection = await _database.OpenConnectionAsync();
        await connection.Sql(sql).RunAsync(CancellationToken.None);
    }

    private async Task<long> CountAsync(string what)
    {
        await using var connection = await _database.OpenConnectionAsync();
        return await connection.Sql("select count(*) from " + what).ScalarAsync<long>(CancellationToken.None);
    }
}
