using System.Security.Cryptography;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Messages.Commands;
using EdgeGate.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EdgeGate.Center.Tests.Ingest;

[Collection(nameof(CenterDatabase))]
public sealed class GapServiceTests(CenterDatabase server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private readonly ManualTime _time = new(Now);
    private readonly SampleGate _gate = new("estate", "north", Now.AddMinutes(-10));
    private NpgsqlDataSource _database = null!;

    public async Task InitializeAsync()
    {
        _database = await server.NewAsync();
        await using var connection = await _database.OpenConnectionAsync();
        await connection.Sql("insert into gate (site, name, added_at) values ('estate', 'north', now())").RunAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
    }

    [SkippableFact]
    public async Task However_many_are_away_everybodys_gap_is_asked_for_in_turn()
    {
        await using (var connection = await _database.OpenConnectionAsync())
        {
            await connection.Sql("insert into gate (site, name, added_at, highest, gap_since) select 'estate', 'gate-' || n, now(), 5, $1 from generate_series(1, 1500) n", Now.AddHours(-1)).RunAsync(CancellationToken.None);
            await connection.Sql("insert into gate (site, name, added_at, highest, gap_since) values ('estate', 'gate-1~20261101', now(), 5, $1)", Now.AddHours(-1)).RunAsync(CancellationToken.None);
            await connection.Sql("insert into gate (site, name, added_at, highest, gap_since, revoked_at, revoked_why) values ('estate', 'stolen', now(), 5, $1, now(), 'stolen')", Now.AddHours(-1)).RunAsync(CancellationToken.None);
        }
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var link = new RecordingLink();
        using var service = new GapService(_database, new CenterOutbox(link, new IngestCounters()), new CommandSigner("center", key), new IngestCounters(), _time, NullLogger<GapService>.Instance);

        for (var look = 0; look < 16; look++)
        {
            await service.LookAsync(CancellationToken.None);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        await using var asking = await _database.OpenConnectionAsync();
        Assert.Equal(0, await asking.Sql("select count(*) from gate where asked_at is null and name ~ '^gate-[0-9]+$'").ScalarAsync<long>(CancellationToken.None));
        Assert.Equal(0, await asking.Sql("select count(*) from gate where asked_at is not null and name !~ '^gate-[0-9]+$'").ScalarAsync<long>(CancellationToken.None)); // nobody answers there any more
    }

    [SkippableFact]
    public async Task A_gap_that_stays_is_asked_for_once_however_many_processes_look_and_the_gate_can_believe_it()
    {
        for (var i = 0; i < 5; i++)
            _gate.Decide();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var link = new RecordingLink();
        var counters = new IngestCounters();
        var store = new RecordStore(_database, new Partitions(_database, _time), new LaneIds(), counters, _time, keptDays: 180);
        await store.CommitAsync(Intake.Read([_gate.Again(1), _gate.Again(5)]), CancellationToken.None);
        var outbox = new CenterOutbox(link, counters);
        using var stop = new CancellationTokenSource(); // ends the outbox only
        var sending = outbox.SendAsync(stop.Token);
        GapService[] processes = [.. Enumerable.Range(0, 2).Select(_ => new GapService(_database, outbox, new CommandSigner("center", key), counters, _time, NullLogger<GapService>.Instance))];
        async Task LookAsync() => await Task.WhenAll(processes.Select(process => process.LookAsync(CancellationToken.None)));

        await LookAsync();
        Assert.Equal(0, counters.Resends); // gates send again by themselves: first they are given time
        _time.Advance(TimeSpan.FromSeconds(11));
        await LookAsync();
        await LookAsync();
        var (topic, token) = await link.Published.Reader.ReadAsync(stop.Token);
        await stop.CancelAsync();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        Assert.Equal("edgegate/v1/estate/north/commands", topic);
        using var ring = new CommandKeyRing();
        ring.Add(new CommandKey("center", key.ExportSubjectPublicKeyInfoPem()));
        var command = Assert.IsType<ResendRangeCommand>(Assert.IsType<CommandReading.Genuine>(ring.Read(token)).Command);
        Assert.Equal(("estate/north", 2, 4), (command.Gate, command.First, command.Last));
        Assert.Equal(1, counters.Resends);
    }
}
