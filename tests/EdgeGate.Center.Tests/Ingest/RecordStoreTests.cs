using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EdgeGate.Center.Tests.Ingest;

/// <summary>What a batch does to the database, on a real PostgreSQL.</summary>
[Collection(nameof(CenterDatabase))]
public sealed class RecordStoreTests(CenterDatabase server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private readonly ManualTime _time = new(Now);
    private readonly IngestCounters _counters = new();
    private readonly SampleGate _gate = new("estate", "north", Now.AddMinutes(-10));
    private NpgsqlDataSource _database = null!;
    private Partitions _partitions = null!;
    private RecordStore _store = null!;

    public async Task InitializeAsync()
    {
        _database = await server.NewAsync();
        _partitions = new Partitions(_database, _time);
        _store = NewStore();
        await AddAsync(_gate);
    }

    public async Task DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
    }

    [SkippableFact]
    public async Task What_came_in_order_is_here_once_and_the_receipt_carries_the_gates_own_chain()
    {
        var receipt = Assert.Single(await CommitAsync(_gate.Decide(), _gate.Decide(), _gate.Decide()));

        Assert.Equal((3, _gate.ChainAt(3)), (receipt.UpTo, Convert.ToHexStringLower(receipt.Chain)));
        Assert.Equal([1, 2, 3], await NumbersAsync("record"));
        Assert.Equal([1, 2, 3], await NumbersAsync("passage"));
    }

    [SkippableFact]
    public async Task The_same_again_changes_nothing_and_is_confirmed_again()
    {
        var first = await CommitAsync(_gate.Decide(), _gate.Decide());
        var again = await CommitAsync(_gate.Again(1), _gate.Again(2), _gate.Again(2));

        Assert.Equal(first[0].UpTo, again[0].UpTo);
        Assert.Equal([1, 2], await NumbersAsync("record"));
        Assert.Equal(3, _counters.Repeated);
    }

    [SkippableFact]
    public async Task Records_behind_a_gap_are_kept_at_once_and_confirmed_when_it_closes()
    {
        Make(5);
        Assert.Empty(await CommitAsync(_gate.Again(4), _gate.Again(2)));
        Assert.Equal([2, 4], await NumbersAsync("passage"));
        Assert.Empty(await CommitAsync(_gate.Again(4), _gate.Again(5)));

        Assert.Equal(2, Assert.Single(await CommitAsync(_gate.Again(1))).UpTo);
        var last = Assert.Single(await CommitAsync(_gate.Again(3)));

        Assert.Equal((5, _gate.ChainAt(5)), (last.UpTo, Convert.ToHexStringLower(last.Chain)));
        Assert.Equal([1, 2, 3, 4, 5], await NumbersAsync("record"));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from ahead"));
        Assert.Equal(0, await ScalarAsync<int>("select ahead from gate"));
    }

    [SkippableFact]
    public async Task In_whatever_order_and_however_often_records_come_each_is_here_once()
    {
        var random = new Random(7);
        Make(1200); // more than one chunk is read back when the first one comes last
        var order = Enumerable.Range(2, 1199).Concat(Enumerable.Range(2, 300)).ToArray();
        random.Shuffle(order);
        foreach (var batch in order.Chunk(97))
            Assert.Empty(await CommitAsync([.. batch.Select(sequence => _gate.Again(sequence))]));

        var receipt = Assert.Single(await CommitAsync(_gate.Again(1)));

        Assert.Equal((1200, _gate.ChainAt(1200)), (receipt.UpTo, Convert.ToHexStringLower(receipt.Chain)));
        Assert.Equal(1200, await ScalarAsync<long>("select count(*) from record"));
        Assert.Equal(1200, await ScalarAsync<long>("select count(distinct sequence) from passage"));
    }

    [SkippableFact]
    public async Task Several_processes_share_a_gates_records_and_none_is_lost_or_doubled()
    {
        var other = new SampleGate("estate", "south", Now.AddMinutes(-10));
        await AddAsync(other);
        Make(600);
        for (var i = 0; i < 600; i++)
            other.Decide(person: i);
        RecordStore[] processes = [_store, NewStore(), NewStore()];
        var dealt = Enumerable.Range(1, 600).SelectMany(number => new[] { _gate.Again(number), other.Again(number) }).Chunk(40).ToArray();

        await Task.WhenAll(processes.Select((process, index) => Task.Run(async () =>
        {
            foreach (var batch in dealt.Where((_, number) => number % 3 == index))
                await process.CommitAsync(Intake.Read(batch), CancellationToken.None);
        })));

        Assert.Equal(1200, await ScalarAsync<long>("select count(*) from record"));
        Assert.Equal([_gate.ChainAt(600), other.ChainAt(600)], await ListAsync("select encode(chain, 'hex') from gate order by name", row => row.GetString(0)));
    }

    [SkippableFact]
    public async Task A_gap_is_passed_over_only_on_the_gates_own_signed_word()
    {
        Make(6);
        await CommitAsync(_gate.Again(1), _gate.Again(2), _gate.Again(5), _gate.Again(6));
        var tally = _gate.Tally(new VoidNumbers(3, 3, "damaged", _gate.ChainAt(5)), new VoidNumbers(4, 4, "dropped", _gate.ChainAt(5)));
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Equal(2, Assert.Single(await CommitAsync(_gate.Signed(tally, stranger))).UpTo);
        var receipt = Assert.Single(await CommitAsync(_gate.Signed(tally)));

        Assert.Equal((6, _gate.ChainAt(6)), (receipt.UpTo, Convert.ToHexStringLower(receipt.Chain)));
        Assert.Equal(["3-4 damaged, dropped"], await ListAsync("select first || '-' || last || ' ' || cause from missing", row => row.GetString(0)));
    }

    [SkippableFact]
    public async Task Void_numbers_wait_until_the_record_behind_them_is_here()
    {
        Make(3);
        await CommitAsync(_gate.Again(1));
        Assert.Equal(1, Assert.Single(await CommitAsync(_gate.Signed(_gate.Tally(new VoidNumbers(2, 2, "damaged", _gate.ChainAt(3)))))).UpTo);

        Assert.Equal(3, Assert.Single(await CommitAsync(_gate.Again(3))).UpTo);
    }

    [SkippableFact]
    public async Task A_dead_letter_is_passed_over_and_taken_when_it_comes_after_all()
    {
        Make(4);
        await CommitAsync(_gate.Again(1), _gate.Again(3), _gate.Again(4));
        var tally = _gate.Tally() with { DeadLetters = [new DeadLetterNumber(2, "PacketTooLarge", Now, _gate.ChainAt(2))] };
        var receipt = Assert.Single(await CommitAsync(_gate.Signed(tally)));
        Assert.Equal((4, _gate.ChainAt(4)), (receipt.UpTo, Convert.ToHexStringLower(receipt.Chain)));
        Assert.Equal([1, 3, 4], await NumbersAsync("record"));

        await CommitAsync(_gate.Again(2), _gate.Again(2));

        Assert.Equal([1, 2, 3, 4], await NumbersAsync("record"));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from missing"));
    }

    [SkippableFact]
    public async Task A_dead_letter_that_comes_after_all_is_the_decision_that_led_to_no_passage_it_always_was()
    {
        _gate.Decide();
        _gate.NotTaken(1);
        await CommitAsync(_gate.Again(2));
        await CommitAsync(_gate.Signed(_gate.Tally() with { DeadLetters = [new DeadLetterNumber(1, "PacketTooLarge", Now, _gate.ChainAt(1))] }));

        await CommitAsync(_gate.Again(1));

        Assert.False(await ScalarAsync<bool>("select taken from passage where sequence = 1"));
    }

    [SkippableFact]
    public async Task What_comes_when_its_day_is_not_kept_any_more_counts_and_puts_nobody_at_the_gate_today()
    {
        var receipt = Assert.Single(await CommitAsync(_gate.Decide(at: Now.AddDays(-181)), _gate.Decide(at: Now.AddDays(-179))));

        Assert.Equal(2, receipt.UpTo);
        Assert.Equal([1, 2], await NumbersAsync("record"));
        Assert.Equal([2], await NumbersAsync("passage"));
    }

    [SkippableFact]
    public async Task A_record_before_its_turn_whose_day_was_dropped_is_taken_when_it_comes_again()
    {
        _gate.Decide(at: Now.AddDays(-3));
        _gate.Decide(at: Now.AddDays(-40));
        _gate.Decide(at: Now.AddDays(-2));
        await CommitAsync(_gate.Again(2), _gate.Again(3));
        await _partitions.DropBeforeAsync(new DateOnly(2026, 11, 1), CancellationToken.None);
        _store = NewStore(); // which knows of no day

        Assert.Equal(1, Assert.Single(await CommitAsync(_gate.Again(1))).UpTo);
        var receipt = Assert.Single(await CommitAsync(_gate.Again(2)));

        Assert.Equal((3, _gate.ChainAt(3)), (receipt.UpTo, Convert.ToHexStringLower(receipt.Chain)));
        Assert.Equal((0, 0L), (await ScalarAsync<int>("select ahead from gate"), await ScalarAsync<long>("select count(*) from ahead")));
    }

    [SkippableFact]
    public async Task A_record_before_its_turn_that_a_clock_step_moves_is_still_found_when_its_turn_comes()
    {
        _gate.Decide();
        _gate.Decide(at: DateTimeOffset.UnixEpoch);
        _gate.Decide();
        await CommitAsync(_gate.Again(2), _gate.Again(3));
        await RunAsync($"insert into clock_step select id, 1000, 2, 2, timestamptz '{Now.AddHours(-30):O}' - timestamptz '1970-01-01 00:00Z' from gate"); // as a second reading finds one
        await PutClocksRightAsync();

        Assert.Equal(3, Assert.Single(await CommitAsync(_gate.Again(1))).UpTo);
    }

    [SkippableFact]
    public async Task What_is_damaged_or_unknown_is_set_aside_with_the_reason_and_holds_nobody_up()
    {
        var other = new SampleGate("estate", "south", Now);
        var good = _gate.Decide();
        var foreign = new MqttInbound { Topic = _gate.Topics.Passages, Payload = other.Decide().Payload };
        var noise = new MqttInbound { Topic = _gate.Topics.Passages, Payload = "\0{not json"u8.ToArray() };
        var receipt = Assert.Single(await CommitAsync(noise, good, foreign, _gate.Newer(), _gate.Decide(), noise));

        Assert.Equal(3, receipt.UpTo); // one of a newer type counts, or its gate could never go on
        Assert.Equal(
            ["it is no JSON 2", "its source or id is not that of the gate and number it came for 1", "type edgegate.access-decided.v9 is none that this center knows: it may be newer than the center 1"],
            await ListAsync("select reason || ' ' || times from set_aside order by 1", row => row.GetString(0)));
        Assert.Equal([1, 3], await NumbersAsync("passage"));
    }

    [SkippableFact]
    public async Task A_gate_that_nobody_added_is_counted_and_its_records_stay_with_it()
    {
        var stranger = new SampleGate("estate", "unheard-of", Now);

        Assert.Empty(await CommitAsync(stranger.Decide(), stranger.Decide()));

        Assert.Equal(["unheard-of 2"], await ListAsync("select name || ' ' || messages from unknown_gate", row => row.GetString(0)));
        Assert.Empty(await NumbersAsync("record"));
    }

    [SkippableFact]
    public async Task A_portal_that_did_not_open_takes_the_passage_back_even_if_the_decision_comes_later()
    {
        _gate.Decide();
        _gate.NotTaken(decision: 1);

        await CommitAsync(_gate.Again(2));
        await CommitAsync(_gate.Again(1));

        Assert.False(await ScalarAsync<bool>("select taken from passage"));
    }

    [SkippableFact]
    public async Task What_the_first_record_behind_void_numbers_says_about_earlier_ones_counts_too()
    {
        _gate.Decide();
        _gate.Decide();
        _gate.NotTaken(decision: 1);
        await CommitAsync(_gate.Again(1), _gate.Again(3));

        await CommitAsync(_gate.Signed(_gate.Tally(new VoidNumbers(2, 2, "damaged", _gate.ChainAt(3)))));

        Assert.False(await ScalarAsync<bool>("select taken from passage"));
    }

    [SkippableFact]
    public async Task Stamps_of_a_clock_that_was_never_set_are_put_right_by_the_gates_own_word()
    {
        var truly = Now.AddHours(-30); // another day: the rows move to another partition
        var step = truly - DateTimeOffset.UnixEpoch;
        var atFirst = _gate.Decide(at: DateTimeOffset.UnixEpoch);
        await CommitAsync(atFirst);
        Assert.Equal(Now, await ScalarTimeAsync("select at from passage"));

        await CommitAsync(_gate.Stepped(1, 1, step));
        await PutClocksRightAsync();

        Assert.Equal(truly, await ScalarTimeAsync("select at from passage"));
        Assert.Equal(truly, await ScalarTimeAsync("select at from record where sequence = 1"));
    }

    [SkippableFact]
    public async Task A_clock_step_that_makes_no_sense_moves_nothing_and_stops_nobody()
    {
        var at = Now.AddMinutes(-10);
        await CommitAsync(_gate.Decide(at: at));
        await CommitAsync(
            _gate.Stepped(1, 1, TimeSpan.FromSeconds(3e11)), _gate.Stepped(1, 1, TimeSpan.FromSeconds(-3e11)), // thousands of years
            _gate.Stepped(1, 9_000_000_000_000_000_000, TimeSpan.FromHours(1)), _gate.Stepped(0, 1, TimeSpan.FromHours(1)), _gate.Stepped(3, 1, TimeSpan.FromHours(1)), // numbers not before it
            _gate.Stepped(1, 1, TimeSpan.FromDays(365 * 50)), _gate.Stepped(1, 1, -TimeSpan.FromDays(365 * 50))); // may be, for another stamp
        await RunAsync("insert into clock_step select id, 1000, 1, 1000000000000, interval '3000000 days' from gate"); // from a center before this one

        await PutClocksRightAsync();

        Assert.Equal(at, await ScalarTimeAsync("select at from passage"));
        Assert.Equal(8, (await NumbersAsync("record")).Count);
        Assert.Equal(["its data are not of the form of edgegate.clock-stepped.v1 that this center knows 5"], await ListAsync("select reason || ' ' || count(*) from set_aside group by reason", row => row.GetString(0)));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from clock_step"));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from pg_class where relname like 'passage\\_%' and relname not like 'passage\\_20261%' and relkind = 'r'"));
    }

    [SkippableFact]
    public async Task A_clock_step_that_the_database_refuses_does_not_hold_up_the_others()
    {
        await CommitAsync(_gate.Decide(at: Now.AddHours(-30)), _gate.Decide(at: Now.AddHours(-30)));
        await CommitAsync(_gate.Stepped(1, 1, TimeSpan.FromHours(1)), _gate.Stepped(2, 2, TimeSpan.FromHours(1)));
        await RunAsync("alter table passage add constraint unlucky check (sequence <> 1) not valid");

        await PutClocksRightAsync();

        Assert.Equal([Now.AddHours(-30), Now.AddHours(-29)], await ListAsync("select at from passage order by sequence", row => row.GetFieldValue<DateTimeOffset>(0)));
        Assert.Equal([Now.AddHours(-30), Now.AddHours(-29)], await ListAsync("select at from record where sequence <= 2 order by sequence", row => row.GetFieldValue<DateTimeOffset>(0)));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from clock_step"));
    }

    [SkippableFact]
    public async Task A_gate_that_makes_up_lanes_gets_no_more_than_some_and_loses_no_passage()
    {
        for (var batch = 0; batch < 3; batch++)
            await CommitAsync([.. Enumerable.Range(0, 100).Select(lane => _gate.Decide(lane: $"lane-{batch}-{lane}"))]);
        await CommitAsync(_gate.Decide(lane: "lane-0-1"), _gate.Decide(lane: "lane-2-1"));

        Assert.Equal(LaneIds.MostOfOneGate + 1, await ScalarAsync<long>("select count(*) from lane"));
        Assert.Equal(302, await ScalarAsync<long>("select count(*) from passage"));
        Assert.Equal(101, await ScalarAsync<long>($"select count(*) from passage p join lane l on l.id = p.lane_id where l.name = '{LaneIds.Others}'"));
        Assert.Equal(2, await ScalarAsync<long>("select count(*) from passage p join lane l on l.id = p.lane_id where l.name = 'lane-0-1'"));

        await CommitAsync(_gate.NotTaken(decision: 302, lane: "lane-2-1"));
        Assert.Equal(1, await ScalarAsync<long>($"select count(*) from passage p join lane l on l.id = p.lane_id where l.name = '{LaneIds.Others}' and not p.taken"));
    }

    [SkippableFact]
    public async Task A_passage_that_was_not_taken_asks_no_days_but_those_around_it()
    {
        await _partitions.MakeAsync([.. Enumerable.Range(-30, 33).Select(day => Partitions.DayOf(Now).AddDays(day))], CancellationToken.None);
        await CommitAsync(_gate.Decide());
        var gate = await ScalarAsync<int>("select id from gate");
        await using var prepares = NpgsqlDataSource.Create(_database.ConnectionString + ";Max Auto Prepare=40;Auto Prepare Min Usages=2"); // as the center's own does
        await using var connection = await prepares.OpenConnectionAsync();
        var days = 0L;
        for (var i = 0; i < 20; i++)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await RecordRows.MarkNotTakenAsync(connection, [new NotTakenPassage(gate, "lane-1", 1, Now)], CancellationToken.None);
            days = Math.Max(days, await connection.Sql(
                "select count(*) from pg_locks l join pg_class c on c.oid = l.relation where l.pid = pg_backend_pid() and c.relkind = 'r' and c.relname ~ '^(record|passage)_2'").ScalarAsync<long>(CancellationToken.None));
            await transaction.CommitAsync();
        }

        Assert.InRange(days, 2, 6); // of two tables
        Assert.False(await ScalarAsync<bool>("select taken from passage"));
    }

    [SkippableFact]
    public async Task A_passage_whose_decision_stands_under_quite_another_day_is_taken_back_too()
    {
        _gate.Decide(at: Now.AddDays(-20));
        _gate.Decide(at: Now.AddDays(-5));
        _gate.NotTaken(decision: 1);
        await CommitAsync(_gate.Again(1), _gate.Again(2), _gate.Again(3));

        Assert.Equal([false, true], await ListAsync("select taken from passage order by sequence", row => row.GetBoolean(0)));
    }

    [SkippableFact]
    public async Task A_record_altered_on_its_way_shows_at_the_next_tally()
    {
        var altered = Encoding.UTF8.GetString(_gate.Decide().Payload.Span).Replace("lane-1", "lane-2", StringComparison.Ordinal);
        await CommitAsync(new MqttInbound { Topic = _gate.Topics.Passages, Payload = Encoding.UTF8.GetBytes(altered) });
        await CommitAsync(_gate.Signed(_gate.Tally()));

        Assert.Contains("altered", await ScalarAsync<string>("select fault from gate"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_gate_that_began_anew_is_a_fault_and_not_a_silent_loss()
    {
        await CommitAsync(_gate.Decide(), _gate.Decide(), _gate.Decide());
        await CommitAsync(_gate.Signed(_gate.Tally()));
        await CommitAsync(_gate.Signed(_gate.Tally() with { Made = 1, Head = 1 }));

        Assert.Contains("began anew", await ScalarAsync<string>("select fault from gate"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Records_that_the_gate_deleted_after_our_receipts_and_that_are_not_here_are_a_fault()
    {
        await CommitAsync(_gate.Decide());
        Make(5);
        await CommitAsync(_gate.Signed(_gate.Tally() with { PurgedUpTo = 4 }));

        Assert.Contains("restored from a copy", await ScalarAsync<string>("select fault from gate"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_tally_that_the_broker_kept_or_that_records_overtook_is_no_fault()
    {
        _gate.Decide();
        var (early, kept) = (_gate.Tally(), _gate.Tally());
        await CommitAsync(_gate.Again(1), _gate.Decide(), _gate.Decide());

        await CommitAsync(_gate.Signed(early));
        Assert.Null(await ScalarAsync<string>("select fault from gate"));
        await CommitAsync(_gate.Signed(kept, retained: true));
        await CommitAsync(_gate.Signed(_gate.Tally()));
        await CommitAsync(_gate.Signed(early));

        Assert.Null(await ScalarAsync<string>("select fault from gate"));
    }

    [SkippableFact]
    public async Task Days_are_made_as_records_need_them_and_dropped_when_their_time_is_over()
    {
        await CommitAsync(_gate.Decide(at: Now.AddDays(-40)), _gate.Decide(at: Now.AddDays(-3)), _gate.Decide());

        Assert.Equal(["record_20261013", "passage_20261013"], (await _partitions.DropBeforeAsync(new DateOnly(2026, 11, 1), CancellationToken.None)).OrderDescending(StringComparer.Ordinal));

        Assert.Equal([2, 3], await NumbersAsync("record"));
        Assert.Equal(3, Assert.Single(await CommitAsync(_gate.Again(1))).UpTo); // it was here: the row of the gate knows
        Assert.Equal([2, 3], await NumbersAsync("record"));
    }

    private RecordStore NewStore() => new(_database, new Partitions(_database, _time), new LaneIds(), _counters, _time, keptDays: 180);

    private void Make(int records)
    {
        for (var i = 0; i < records; i++)
            _gate.Decide(person: i, outcome: i % 5 == 0 ? Outcome.Denied : Outcome.Granted);
    }

    private Task<IReadOnlyList<Receipt>> CommitAsync(params MqttInbound[] messages) => _store.CommitAsync(Intake.Read(messages), CancellationToken.None);

    private Task PutClocksRightAsync() => new ClockCorrection(_database, _partitions, keptDays: 180, _time, NullLogger.Instance).ApplyAsync(CancellationToken.None);

    private async Task RunAsync(string sql)
    {
        await using var connection = await _database.OpenConnectionAsync();
        await connection.Sql(sql).RunAsync(CancellationToken.None);
    }

    private async Task AddAsync(SampleGate gate)
    {
        await using var connection = await _database.OpenConnectionAsync();
        await connection.Sql(
            "insert into gate (site, name, added_at, signing_key) values ($1, $2, $3, $4::jsonb)",
            gate.Name.Site, gate.Name.Gate, Now, $$"""{"X":"{{gate.Key.X}}","Y":"{{gate.Key.Y}}"}""").RunAsync(CancellationToken.None);
    }

    private Task<List<long>> NumbersAsync(string table) => ListAsync($"select sequence from {table} order by 1", row => row.GetInt64(0));

    private async Task<DateTimeOffset> ScalarTimeAsync(string sql) => Assert.Single(await ListAsync(sql, row => row.GetFieldValue<DateTimeOffset>(0)));

    private async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = await _database.OpenConnectionAsync();
        return await connection.Sql(sql).ScalarAsync<T>(CancellationToken.None);
    }

    private async Task<List<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> row)
    {
        await using var connection = await _database.OpenConnectionAsync();
        return await connection.Sql(sql).ListAsync(row, CancellationToken.None);
    }
}
