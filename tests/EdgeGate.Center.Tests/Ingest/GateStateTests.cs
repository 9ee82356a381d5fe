using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Messages.Enrolment;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Testing;
using FsCheck;
using FsCheck.Fluent;
using Npgsql;

namespace EdgeGate.Center.Tests.Ingest;

/// <summary>What is believed of a gate's state, in whatever order the broker gives it.</summary>
[Collection(nameof(CenterDatabase))]
public sealed class GateStateTests(CenterDatabase server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private readonly ManualTime _time = new(Now);
    private readonly SampleGate _gate = new("estate", "north", Now.AddMinutes(-10));
    private NpgsqlDataSource _database = null!;
    private RecordStore _store = null!;

    public async Task InitializeAsync()
    {
        _database = await server.NewAsync();
        _store = new RecordStore(_database, new Partitions(_database, _time), new LaneIds(), new IngestCounters(), _time, keptDays: 180);
        await DoAsync("insert into gate (site, name, added_at) values ('estate', 'north', now())");
    }

    public async Task DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_last_will_that_comes_when_the_gate_is_back_does_not_take_it_off_again()
    {
        await CommitAsync(Online(1, "0.1.0"), Will(1));
        Assert.Equal("False 1 0.1.0", await SeenAsync());
        await CommitAsync(Online(2, "0.2.0"));

        await CommitAsync(Will(1));
        await CommitAsync(Online(1, "0.1.0"));
        Assert.Equal("True 2 0.2.0", await SeenAsync());

        await CommitAsync(Will(2));
        await CommitAsync(Online(2, "0.2.0"));
        Assert.Equal("False 2 0.2.0", await SeenAsync());
    }

    [SkippableFact]
    public async Task The_same_state_once_more_is_no_coming_or_going()
    {
        await CommitAsync(Online(1, "0.1.0"));
        await DoAsync("update gate_report set online_at = timestamptz '2026-11-01 08:00Z'");

        await CommitAsync(Online(1, "0.1.0")); // retained: each login of the center brings it
        Assert.True(await IsFromThenAsync());
        await CommitAsync(Will(1));
        Assert.False(await IsFromThenAsync());

        async Task<bool> IsFromThenAsync()
        {
            await using var connection = await _database.OpenConnectionAsync();
            return await connection.Sql("select online_at = timestamptz '2026-11-01 08:00Z' from gate_report").ScalarAsync<bool>(CancellationToken.None);
        }
    }

    [SkippableFact]
    public void In_any_order_and_however_often_and_in_whatever_batches_the_newest_counts()
    {
        var told =
            from messages in Gen.NonEmptyListOf(from session in Gen.Choose(1, 4) from online in Gen.Elements(true, false) from ends in Gen.Elements(true, false) select (Session: (long)session, Online: online, Ends: ends))
            select messages.ToArray();
        Prop.ForAll(told.ToArbitrary(), messages =>
        {
            DoAsync("delete from gate_report").GetAwaiter().GetResult();
            var batch = new List<MqttInbound>();
            foreach (var (session, online, ends) in messages)
            {
                batch.Add(online ? Online(session, "0.1.0") : Will(session));
                if (!ends)
                    continue;
                CommitAsync([.. batch]).GetAwaiter().GetResult();
                batch.Clear();
            }
            CommitAsync([.. batch]).GetAwaiter().GetResult();
            var newest = messages.Max(message => message.Session);
            var stands = messages.Where(message => message.Session == newest).All(message => message.Online);
            return SeenAsync().GetAwaiter().GetResult()!.StartsWith($"{stands} {newest}", StringComparison.Ordinal);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [SkippableFact]
    public async Task Of_a_gate_that_numbers_nothing_the_last_word_counts()
    {
        await CommitAsync(Online(7, "0.2.0"));
        await CommitAsync(Will(session: null)); // an older program was put back
        await CommitAsync(Online(session: null, "0.1.0"));
        await CommitAsync(Will(session: null));
        Assert.Equal("False  0.1.0", await SeenAsync());
        await CommitAsync(Online(8, "0.2.0"));
        Assert.Equal("True 8 0.2.0", await SeenAsync());
    }

    [SkippableFact]
    public async Task A_gate_that_is_enrolled_anew_counts_anew()
    {
        await CommitAsync(Online(1000, "0.1.0"));
        var ticket = EnrolmentTicket.New();
        await DoAsync($"insert into enrolment (ticket, gate_id, public_key, made_at, expires_at) select '{ticket.Id}', id, '{ticket.PublicKey}', now(), now() + interval '100 years' from gate");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        await CommitAsync(Of(new GateStateMessage { Gate = "north", Online = true, Session = 3, Version = "0.2.0", SigningKey = P256Key.Of(key), Enrolment = ticket.Prove("estate", "north", P256Key.Of(key).Kid) }));

        Assert.Equal("True 3 0.2.0", await SeenAsync());
    }

    private MqttInbound Online(long? session, string version) => Of(new GateStateMessage { Gate = "north", Online = true, Version = version, SigningKey = _gate.Key, Session = session });

    private MqttInbound Will(long? session) => Of(new GateStateMessage { Gate = "north", Online = false, Session = session });

    private MqttInbound Of(GateStateMessage state) => new() { Topic = _gate.Topics.State, Payload = JsonSerializer.SerializeToUtf8Bytes(state, RecordShapes.Default.GateStateMessage) };

    private async Task CommitAsync(params MqttInbound[] messages) => await _store.CommitAsync(Intake.Read(messages), CancellationToken.None);

    private async Task<string?> SeenAsync()
    {
        await using var connection = await _database.OpenConnectionAsync();
        return await connection.Sql("select concat(initcap(online::text), ' ', session, ' ', version) from gate_report").ScalarAsync<string>(CancellationToken.None);
    }

    private async Task DoAsync(string sql)
    {
        await using var connection = await _database.OpenConnectionAsync();
        await connection.Sql(sql).RunAsync(CancellationToken.None);
    }
}
