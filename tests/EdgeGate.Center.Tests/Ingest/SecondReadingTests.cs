using EdgeGate.Access;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Mqtt;
using EdgeGate.Testing;
using FsCheck;
using FsCheck.Fluent;
using Npgsql;
using Outcome = EdgeGate.Access.Outcome;

namespace EdgeGate.Center.Tests.Ingest;

/// <summary>An older center kept what it did not know; this one reads it again.</summary>
[Collection(nameof(CenterDatabase))]
public sealed class SecondReadingTests(CenterDatabase server)
{
    private const string OlderReason = "type is none that this center knows: it may be newer than the center";
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private readonly ManualTime _time = new(Now);

    /// <summary>Everything that one reading leaves in the database, but for what stands aside. Of a proposal not which passage of several led to it.</summary>
    private static readonly string[] Kept =
    [
        "select to_jsonb(g) - 'id' from gate g", "select to_jsonb(r) from record r", "select to_jsonb(p) - 'lane_id' || jsonb_build_object('lane', l.name) from passage p join lane l on l.id = p.lane_id",
        "select to_jsonb(c) from clock_step c", "select to_jsonb(a) from alarm a", "select to_jsonb(r) from gate_register r", "select to_jsonb(r) from round r", "select to_jsonb(d) from delivery d",
        "select to_jsonb(m) from missing m", "select to_jsonb(a) from ahead a", "select jsonb_build_object('person', person, 'kind', kind, 'state', state) from person_file",
    ];

    [SkippableFact]
    public void Whatever_an_older_center_did_not_understand_is_in_the_end_as_if_this_one_had_read_it_at_once()
    {
        Skip.If(server.Postgres is null, PrivatePostgres.NotInstalled);
        Prop.ForAll(Days().ToArbitrary(), day => HoldsAsync(day).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(15));
    }

    [SkippableFact]
    public async Task A_second_reading_finds_nothing_more_to_do_and_receipts_stay_as_they_were()
    {
        await using var database = await NewAsync();
        var gate = new SampleGate("estate", "north", Now.AddMinutes(-5));
        var before = await CommitAsync(database, day: [gate.Decide(1), gate.Newer(), gate.Decide(2)], isOlder: _ => true);
        var reading = new SecondReading(database, new LaneIds(), _time);

        var (first, second) = ((await ReadAsync(reading))!, (await ReadAsync(reading))!);

        Assert.Equal([(OlderReason, 2L)], first.Understood.Select(item => (item.Key, item.Value)));
        Assert.Equal([("type edgegate.access-decided.v9 is none that this center knows: it may be newer than the center", 1L)], first.StillAside.Select(item => (item.Key, item.Value)));
        Assert.Equal((0, 1L), (second.Understood.Count, second.Total));
        Assert.Equal(["1", "3"], await ListAsync(database, "select sequence::text from passage order by 1"));
        Assert.Equal(["type edgegate.access-decided.v9 is none that this center knows: it may be newer than the center"], await ListAsync(database, "select reason from set_aside"));
        var again = await CommitAsync(database, [gate.Again(1), gate.Again(3)], isOlder: _ => false);
        Assert.Equal(before, again);
        Assert.Equal(2, (await ListAsync(database, "select 1::text from passage")).Count);
    }

    [SkippableFact]
    public async Task Several_at_once_read_each_record_once_while_more_come()
    {
        await using var database = await NewAsync();
        var gate = new SampleGate("estate", "north", Now.AddMinutes(-5));
        await CommitAsync(database, [.. Enumerable.Range(1, 450).Select(person => gate.Decide(person))], isOlder: _ => true);

        var readings = Enumerable.Range(0, 3).Select(_ => ReadAsync(new SecondReading(database, new LaneIds(), _time))).ToArray();
        for (var batch = 0; batch < 5; batch++)
            await CommitAsync(database, [gate.Decide(1), gate.Decide(2)], isOlder: _ => false);
        await Task.WhenAll(readings);
        await ReadAsync(new SecondReading(database, new LaneIds(), _time));

        Assert.Equal(["460 460"], await ListAsync(database, "select count(*) || ' ' || count(distinct sequence) from passage"));
        Assert.Equal(["0"], await ListAsync(database, "select count(*)::text from record where kind = 0"));
    }

    [SkippableFact]
    public async Task One_that_the_database_does_not_take_costs_the_others_nothing()
    {
        await using var database = await NewAsync();
        var gate = new SampleGate("estate", "north", Now.AddMinutes(-5));
        await CommitAsync(database, [gate.Decide(1), gate.Decide(2, lane: "unlucky"), gate.Decide(3)], isOlder: _ => true);
        await DoAsync(database, "alter table lane add check (name <> 'unlucky')");

        var report = (await ReadAsync(new SecondReading(database, new LaneIds(), _time)))!;

        Assert.Equal((2L, 1L), (report.Understood.Values.Sum(), report.StillAside.Values.Sum()));
        Assert.Equal(["1", "3"], await ListAsync(database, "select sequence::text from passage order by 1"));
        Assert.StartsWith("the database does not take it:", Assert.Single(await ListAsync(database, "select reason from set_aside")), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_was_never_counted_goes_when_it_has_come_and_else_keeps_its_newest_reason()
    {
        await using var database = await NewAsync();
        var (gate, revoked) = (new SampleGate("estate", "north", Now.AddMinutes(-5)), new SampleGate("estate", "south", Now.AddMinutes(-5)));
        await DoAsync(database, "insert into gate (site, name, added_at) values ('estate', 'south', now())");
        var (here, away) = (gate.Decide(1), gate.Decide(2));
        await CommitAsync(database, [here], isOlder: _ => false);
        await AsideAsync(database, gate, here.Payload, "it has no time");
        await AsideAsync(database, gate, away.Payload, "it has no time");
        await AsideAsync(database, gate, "\0{not json"u8.ToArray(), "an older reason");
        await AsideAsync(database, revoked, revoked.Decide(1).Payload, "the gate was revoked");
        await DoAsync(database, "update gate set revoked_at = now(), revoked_why = 'stolen' where name = 'south'");

        var report = (await ReadAsync(new SecondReading(database, new LaneIds(), _time)))!;

        Assert.Equal((0, 1L), (report.Understood.Count, report.Arrived));
        string[] still = ["it can be read now: its gate has no receipt for it and sends it again", "it is no JSON", "the gate was revoked"];
        Assert.Equal(still, report.StillAside.Keys);
        Assert.Equal(still, await ListAsync(database, "select reason from set_aside order by 1"));
        Assert.Single(await ListAsync(database, "select 1::text from record"));
    }

    [SkippableFact]
    public async Task After_an_update_the_center_reads_again_by_itself_and_once()
    {
        await using var database = await NewAsync();
        var gate = new SampleGate("estate", "north", Now.AddMinutes(-5));
        await CommitAsync(database, [gate.Decide(1)], isOlder: _ => true);
        var reading = new SecondReading(database, new LaneIds(), TimeProvider.System);
        using var service = new SecondReadingService(reading, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<SecondReadingService>.Instance);

        Assert.False(await reading.IsDoneAsync(CancellationToken.None));
        await service.StartAsync(CancellationToken.None);
        await service.ExecuteTask!;

        Assert.True(await reading.IsDoneAsync(CancellationToken.None));
        Assert.Equal(["1"], await ListAsync(database, "select sequence::text from passage"));
    }

    private async Task HoldsAsync(Day day)
    {
        await using var older = await NewAsync();
        await using var newer = await NewAsync();
        var messages = day.Make(new SampleGate("estate", "north", Now.AddMinutes(-5)));
        foreach (var (batch, from) in messages.Chunk(7).Index().Select(item => (item.Item, item.Index * 7)))
        {
            await CommitAsync(older, batch, index => day.NotUnderstood.Contains(from + index));
            await CommitAsync(newer, batch, isOlder: _ => false);
        }

        await ReadAsync(new SecondReading(older, new LaneIds(), _time));

        foreach (var sql in Kept)
            Assert.Equal(await ListAsync(newer, $"select x::text from ({sql}) as kept(x) order by 1"), await ListAsync(older, $"select x::text from ({sql}) as kept(x) order by 1"));
        Assert.Equal(await ListAsync(newer, "select reason from set_aside order by 1"), await ListAsync(older, "select reason from set_aside order by 1"));
    }

    /// <param name="NotUnderstood">Which of the messages the older center did not know.</param>
    private sealed record Day(int[] Kinds, int[] NotUnderstood)
    {
        public List<MqttInbound> Make(SampleGate gate) => [.. Kinds.Select((kind, index) => kind switch
        {
            0 or 1 => gate.Decide(index % 5, lane: $"lane-{index % 2}"),
            2 => gate.Decide(index % 5, Outcome.Denied, reasons: [DenyReason.TemperatureTooHigh]),
            3 => gate.NotTaken(Math.Max(1, gate.Made - (index % 4))),
            4 => gate.Stepped(1, 3, TimeSpan.FromSeconds(index)),
            5 => gate.ListInForce("residents", index),
            6 => gate.ForcedOpen(),
            7 => gate.Write("edgegate.round.v1", $$"""{"building":"{{index % 3}}-","place":"stairs","task":"disinfection"}"""),
            8 => gate.Write("edgegate.delivery.v1", $$"""{"delivery":"d{{index % 3}}","building":"3","slot":{{index}},"state":"arrived"}"""),
            _ => gate.Newer(),
        })];
    }

    private static Gen<Day> Days() =>
        from kinds in Gen.Choose(0, 9).ArrayOf(30)
        from missed in Gen.Choose(0, 29).ArrayOf()
        select new Day(kinds, missed);

    private async Task<NpgsqlDataSource> NewAsync()
    {
        var database = await server.NewAsync();
        await DoAsync(database, "insert into gate (site, name, added_at) values ('estate', 'north', '2026-11-01T00:00:00Z')");
        return database;
    }

    /// <param name="isOlder">By its place in the batch: whether a center read it that does not know its type.</param>
    private async Task<IReadOnlyList<(long UpTo, string Chain)>> CommitAsync(NpgsqlDataSource database, IReadOnlyList<MqttInbound> day, Func<int, bool> isOlder)
    {
        var store = new RecordStore(database, new Partitions(database, _time), new LaneIds(), new IngestCounters(), _time, keptDays: 180);
        var intake = Intake.Read(day);
        var receipts = await store.CommitAsync(intake with { Records = [.. intake.Records.Select((record, index) => isOlder(index) ? Unknown(record) : record)] }, CancellationToken.None);
        return [.. receipts.Select(receipt => (receipt.UpTo, Convert.ToHexString(receipt.Chain)))];
    }

    private static IncomingRecord Unknown(IncomingRecord record) =>
        record with { Kind = RecordKind.NotUnderstood, NotUnderstood = OlderReason, Seen = null, NotTaken = null, Step = null, Trial = null, Fact = null };

    private static Task<ReadingReport?> ReadAsync(SecondReading reading) => reading.ReadAsync(TimeSpan.Zero, CancellationToken.None);

    private static Task AsideAsync(NpgsqlDataSource database, SampleGate gate, ReadOnlyMemory<byte> payload, string reason) => DoAsync(
        database, "insert into set_aside (site, gate, digest, reason, payload, first_at, last_at) values ($1, $2, sha256($3), $4, $3, now(), now())", gate.Name.Site, gate.Name.Gate, payload.ToArray(), reason);

    private static async Task DoAsync(NpgsqlDataSource database, string sql, params object?[] arguments)
    {
        await using var connection = await database.OpenConnectionAsync();
        await connection.Sql(sql, arguments).RunAsync(CancellationToken.None);
    }

    private static async Task<List<string>> ListAsync(NpgsqlDataSource database, string sql)
    {
        await using var connection = await database.OpenConnectionAsync();
        return await connection.Sql(sql).ListAsync(row => row.GetString(0), CancellationToken.None);
    }
}
