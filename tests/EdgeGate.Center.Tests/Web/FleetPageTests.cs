using System.Net;
using System.Text;
using System.Text.Json;
using EdgeGate.Center.Database;
using EdgeGate.Center.Fleet;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Tests.Ingest;
using EdgeGate.Center.Web;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGate.Center.Tests.Web;

/// <summary>The fleet over HTTP, on records that came in as real ones do.</summary>
[Collection(nameof(CenterDatabase))]
public sealed class FleetPageTests(CenterDatabase server) : IAsyncLifetime
{
    private const string Passphrase = "a passphrase of the test";
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private static readonly (string ClosedPem, string PublicPem) Key = OperatorKey.New(Passphrase); // slow on purpose: once for all tests
    private readonly ManualTime _time = new(Now);
    private readonly SampleGate _gate = new("estate", "north", Now.AddMinutes(-10));
    private readonly string _keyFile = Path.GetTempFileName();
    private CenterSite _site = null!;
    private RecordStore _store = null!;

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_keyFile, Key.ClosedPem);
        var database = await server.NewAsync();
        await using (var connection = await database.OpenConnectionAsync())
        {
            await connection.Sql(
                "insert into gate (site, name, added_at, signing_key) values ('estate', 'north', now(), $1::jsonb)", JsonSerializer.Serialize(new { _gate.Key.X, _gate.Key.Y })).RunAsync(CancellationToken.None);
        }
        _site = await CenterSite.StartAsync(database, _time, CenterSite.Settings with { OperatorKey = new("operators", _keyFile) });
        _store = new RecordStore(database, new Partitions(database, _time), new LaneIds(), new IngestCounters(), _time, keptDays: 180);
    }

    public async Task DisposeAsync()
    {
        if (_site is not null)
            await _site.DisposeAsync();
        File.Delete(_keyFile);
    }

    [SkippableFact]
    public async Task A_gates_missing_records_stand_in_the_list_until_they_are_here()
    {
        for (var i = 0; i < 5; i++)
            _gate.Decide();
        await _store.CommitAsync(Intake.Read([_gate.Again(1), _gate.Again(5), _gate.Signed(_gate.Tally())]), CancellationToken.None);
        var board = _site.Services.GetRequiredService<FleetBoard>();

        var behind = Assert.Single(await board.GatesAsync(CancellationToken.None));
        await _store.CommitAsync(Intake.Read([_gate.Again(2), _gate.Again(3), _gate.Again(4)]), CancellationToken.None);
        var complete = Assert.Single(await board.GatesAsync(CancellationToken.None));

        Assert.Equal((5, 2, 3, "synchronised"), (behind.Made, behind.Here, behind.Missing, behind.Clock));
        Assert.Equal(Now.AddMinutes(-10), behind.Backlog!.Since);
        Assert.Equal((5, 0), (complete.Here, complete.Missing));
        Assert.Null(complete.Backlog);
    }

    [SkippableFact]
    public async Task What_lies_aside_stands_on_the_page_with_its_reason_until_it_is_understood()
    {
        using var auditor = await _site.SignedInAsync(Role.Auditor);
        Assert.DoesNotContain("搁置的消息</h2>", await auditor.ReadAsync("/fleet"), StringComparison.Ordinal);

        await _store.CommitAsync(Intake.Read([_gate.Newer(), _gate.Newer(), new MqttInbound { Topic = _gate.Topics.Passages, Payload = "<b>no JSON"u8.ToArray() }]), CancellationToken.None);
        var page = await auditor.ReadAsync("/fleet");

        Assert.Contains("""<dt>搁置的消息</dt><dd class="bad">3</dd>""", page, StringComparison.Ordinal);
        Assert.Contains("""none that this center knows: it may be newer than the center</th><td class="number">2</td><td class="number">1</td>""", page, StringComparison.Ordinal);
        Assert.Contains("""it is no JSON</th><td class="number">1</td>""", page, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_lies_aside_is_counted_as_it_comes_changes_and_goes()
    {
        await using var connection = await _site.Database.OpenConnectionAsync();
        var damaged = Enumerable.Range(0, 5).Select(number => new MqttInbound { Topic = _gate.Topics.Passages, Payload = Encoding.UTF8.GetBytes($"no JSON {number % 4}") }).ToArray();
        await _store.CommitAsync(Intake.Read([_gate.Newer(), _gate.Newer(), .. damaged]), CancellationToken.None);
        await _store.CommitAsync(Intake.Read(damaged), CancellationToken.None); // the same again
        Assert.Equal("it is no JSON 4 1", await CountedAsync("it is no JSON"));

        foreach (var change in (string[])
        [
            "update set_aside set reason = 'another' where reason = 'it is no JSON' and digest > '\\x80'",
            "update set_aside set reason = repeat('long', 1000) || digest where sequence = 1",
            "delete from set_aside where digest < '\\x80'",
            "insert into set_aside (site, gate, digest, reason, first_at, last_at) select 'estate', 'g' || n % 3, sha256(int4send(n)), 'made up', now(), now() from generate_series(1, 100) n",
            "delete from set_aside where gate <> 'g1'",
        ])
        {
            await connection.Sql(change).RunAsync(CancellationToken.None);
            const string Rows = "select string_agg(x::text, ' ' order by x::text) from ";
            Assert.Equal(
                await connection.Sql(Rows + "(select site, gate, left(reason, 200), count(*) from set_aside group by 1, 2, 3) x").ScalarAsync<string>(CancellationToken.None),
                await connection.Sql(Rows + "(select site, gate, reason, messages from set_aside_count) x").ScalarAsync<string>(CancellationToken.None));
        }

        async Task<string> CountedAsync(string reason) =>
            (await _site.Services.GetRequiredService<FleetBoard>().AsideAsync(CancellationToken.None)).Where(item => item.Reason == reason).Select(item => $"{item.Reason} {item.Messages} {item.Gates}").Single();
    }

    [SkippableFact]
    public async Task Of_one_gate_no_more_is_set_aside_than_has_room_and_what_is_there_only_counts()
    {
        await using var connection = await _site.Database.OpenConnectionAsync();
        await connection.Sql(
            "insert into set_aside (site, gate, digest, reason, first_at, last_at) select 'estate', 'north', sha256(int4send(n)), 'made up', now(), now() from generate_series(1, 9998) n").RunAsync(CancellationToken.None);
        await connection.Sql("insert into gate (site, name, added_at) values ('estate', 'south', now())").RunAsync(CancellationToken.None);
        var damaged = Enumerable.Range(0, 5).SelectMany(number => ((string[])["north", "south"]).Select(gate => new MqttInbound { Topic = $"edgegate/v1/estate/{gate}/passages", Payload = Encoding.UTF8.GetBytes($"no JSON {number}") })).ToArray();

        await _store.CommitAsync(Intake.Read([.. damaged, damaged[0]]), CancellationToken.None);

        Assert.Equal(10_000, await connection.Sql("select count(*) from set_aside where gate = 'north'").ScalarAsync<long>(CancellationToken.None));
        Assert.Equal(5, await connection.Sql("select count(*) from set_aside where gate = 'south'").ScalarAsync<long>(CancellationToken.None));
    }

    [SkippableFact]
    public async Task The_fleet_page_reads_no_message_that_lies_aside_and_a_gates_page_nothing_of_other_gates()
    {
        await using (var connection = await _site.Database.OpenConnectionAsync())
        {
            foreach (var fill in (string[])
            [
                "insert into gate (site, name, added_at) select 'estate', 'gate-' || n, now() from generate_series(1, 2000) n",
                "insert into gate_report (gate_id, online) select id, true from gate", "insert into gate_place (gate_id, x, y) select id, 1, 1 from gate",
                "insert into alarm (gate_id, sequence, at, word) select id, n, now(), 'forced-open' from gate, generate_series(1, 20) n",
                "insert into missing (gate_id, first, last, cause, is_letter, chain_before, chain, noted_at) select id, n, n, '', false, '', '', now() from gate, generate_series(1, 20) n",
                "insert into gate_device (gate_id, device, state, since) select id, 'device-' || n, 'connected', now() from gate, generate_series(1, 20) n",
                "insert into set_aside (site, gate, digest, reason, first_at, last_at) select 'estate', 'gate-' || n % 2000, sha256(int4send(n)), 'made up ' || n % 10, now(), now() from generate_series(1, 100000) n",
                "analyze",
            ])
                await connection.Sql(fill).RunAsync(CancellationToken.None);
        }

        var aside = await QueryPlan.OfAsync(_site.Database, FleetBoard.AsideSql, 20, new[] { "estate" });
        Assert.False(QueryPlan.ReadWhole(aside, "set_aside").Any() || aside.Contains("set_aside_", StringComparison.Ordinal) && !aside.Contains("set_aside_count", StringComparison.Ordinal), aside);
        var gate = await QueryPlan.OfAsync(_site.Database, FleetBoard.GateSql, "estate", "gate-7");
        Assert.False(QueryPlan.ReadWhole(gate, "gate g", "alarm", "missing", "gate_device", "gate_report r", "gate_place p").Any(), gate);
    }

    [SkippableFact]
    public async Task When_the_last_record_happened_is_looked_up_once_while_nothing_moves()
    {
        await _store.CommitAsync(Intake.Read([_gate.Decide(), _gate.Decide(), _gate.Decide()]), CancellationToken.None);
        await _store.CommitAsync(Intake.Read([_gate.Signed(_gate.Tally())]), CancellationToken.None);
        await using var connection = await _site.Database.OpenConnectionAsync();
        await connection.Sql("update gate set highest = 9").RunAsync(CancellationToken.None); // six are on their way
        var board = _site.Services.GetRequiredService<FleetBoard>();
        var since = Assert.Single(await board.GatesAsync(CancellationToken.None)).Backlog!.Since;

        await connection.Sql("update record set at = at + interval '5 s'").RunAsync(CancellationToken.None);

        Assert.Equal(since, Assert.Single(await board.GatesAsync(CancellationToken.None)).Backlog!.Since);
        await _store.CommitAsync(Intake.Read([_gate.Decide()]), CancellationToken.None);
        Assert.True(Assert.Single(await board.GatesAsync(CancellationToken.None)).Backlog!.Since > since);
    }

    [SkippableFact]
    public async Task Gates_of_which_nothing_is_here_take_nobodys_turn_to_be_looked_up()
    {
        await _store.CommitAsync(Intake.Read([_gate.Decide()]), CancellationToken.None);
        await using var connection = await _site.Database.OpenConnectionAsync();
        await connection.Sql("update gate set highest = 9").RunAsync(CancellationToken.None);
        await connection.Sql("insert into gate (site, name, added_at, highest) select 'estate', 'a-' || n, now(), 9 from generate_series(1, 150) n").RunAsync(CancellationToken.None); // before it in the order of names
        var board = _site.Services.GetRequiredService<FleetBoard>();

        await board.GatesAsync(CancellationToken.None);

        Assert.Equal(Now.AddMinutes(-10), (await board.GatesAsync(CancellationToken.None)).Single(gate => gate.Name.Gate == "north").Backlog!.Since);
    }

    [Theory]
    [InlineData(100, 100, 200, 100.0)] // a hundred a hundred seconds: one a second
    [InlineData(100, 200, 100, null)] // it grows
    [InlineData(100, 100, 100, null)]
    public void A_backlogs_end_is_foretold_from_the_two_newest_tallies(long missing, long then, long before, double? seconds) =>
        Assert.Equal(seconds, FleetBoard.DrainsIn(missing, then, Now, before, Now.AddSeconds(-100))?.TotalSeconds);

    [SkippableFact]
    public async Task An_alarm_is_open_until_one_person_has_acknowledged_it()
    {
        var alarm = await MakeAlarmAsync();
        using var browser = await _site.SignedInAsync(Role.Manager);
        using var other = await _site.SignedInAsync(Role.Operator);
        Assert.Contains("强行打开", await browser.ReadAsync("/fleet"), StringComparison.Ordinal);

        using var done = await browser.PostAsync($"/fleet/estate/north/alarms/{alarm}", new() { ["note"] = "looked at it" });
        using var late = await other.PostAsync($"/fleet/estate/north/alarms/{alarm}", new() { ["note"] = "too late" });

        Assert.Equal("/fleet?said=done", done.Headers.Location!.ToString());
        Assert.DoesNotContain("强行打开", await browser.ReadAsync("/fleet"), StringComparison.Ordinal);
        var gate = await browser.ReadAsync("/fleet/estate/north");
        Assert.Contains("looked at it", gate, StringComparison.Ordinal);
        Assert.DoesNotContain("too late", gate, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_gate_that_cries_without_end_hides_no_other_gates_alarm()
    {
        await using (var connection = await _site.Database.OpenConnectionAsync())
        {
            await connection.Sql("insert into gate (site, name, added_at) values ('estate', 'quiet', now())").RunAsync(CancellationToken.None);
            await connection.Sql("insert into alarm (gate_id, sequence, at, word) select 1, n, $1::timestamptz + n * interval '1 s', 'forced-open' from generate_series(1, 300) n", Now).RunAsync(CancellationToken.None);
            await connection.Sql("insert into alarm (gate_id, sequence, at, word) values (2, 1, $1, 'duress')", Now.AddDays(-1)).RunAsync(CancellationToken.None);
        }
        var board = _site.Services.GetRequiredService<FleetBoard>();

        var open = await board.AlarmsAsync(gate: null, CancellationToken.None);

        Assert.Equal("quiet", open[^1].Gate.Gate);
        Assert.Equal(300, open[0].Sequence);
        Assert.True(open.Count < 100);
        Assert.Equal(200, (await board.AlarmsAsync(gate: 1, CancellationToken.None)).Count);
    }

    [SkippableFact]
    public async Task An_order_is_signed_with_the_operators_key_on_record_before_it_is_sent_and_its_answer_is_shown()
    {
        using var browser = await _site.SignedInAsync(Role.Operator);
        using var sent = await browser.PostAsync("/fleet/estate/north/open-once", new() { ["lane"] = "lane-1", ["reason"] = "a pram", ["passphrase"] = Passphrase });
        Assert.Equal("/fleet/estate/north?said=sent", sent.Headers.Location!.ToString());

        using var stop = new CancellationTokenSource(); // ends the outbox only
        var sending = _site.Services.GetRequiredService<CenterOutbox>().SendAsync(stop.Token);
        var (topic, token) = await _site.Services.GetRequiredService<RecordingLink>().Published.Reader.ReadAsync(stop.Token);
        await stop.CancelAsync();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.Equal("edgegate/v1/estate/north/commands", topic);
        using var ring = new CommandKeyRing();
        ring.Add(new CommandKey("operators", Key.PublicPem));
        var command = Assert.IsType<OpenOnceCommand>(Assert.IsType<CommandReading.Genuine>(ring.Read(token)).Command);
        Assert.Equal(("estate/north", "lane-1", "operator: a pram"), (command.Gate, command.Lane, command.Reason));
        Assert.Contains("等待应答", await browser.ReadAsync("/fleet/estate/north"), StringComparison.Ordinal);

        await HearAsync("replies", JsonSerializer.SerializeToUtf8Bytes(new CommandReply(command.Id, CommandOutcome.Taken, null, "opened", 7), RecordShapes.Default.CommandReply));
        var page = await browser.ReadAsync("/fleet/estate/north");
        Assert.Contains("已执行", page, StringComparison.Ordinal);
        Assert.Contains("opened", page, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Without_the_passphrase_nothing_is_signed_and_guessing_it_is_slowed_down()
    {
        using var browser = await _site.SignedInAsync(Role.Operator);
        var answers = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            using var refused = await browser.PostAsync("/fleet/estate/north/notice", new() { ["zh"] = "测试", ["en"] = "test", ["minutes"] = "5", ["passphrase"] = "guessed" });
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            answers.Add(await refused.Content.ReadAsStringAsync());
        }

        Assert.All(answers.Take(5), answer => Assert.Contains("口令不对", answer, StringComparison.Ordinal));
        Assert.Contains("试错太多", answers[5], StringComparison.Ordinal);
        await using var connection = await _site.Database.OpenConnectionAsync();
        Assert.Equal(0, await connection.Sql("select count(*) from gate_command").ScalarAsync<long>(CancellationToken.None));
    }

    [SkippableFact]
    public async Task An_order_that_no_gate_would_understand_is_refused_here()
    {
        using var browser = await _site.SignedInAsync(Role.Operator);
        using var refused = await browser.PostAsync("/fleet/estate/north/open-once", new() { ["lane"] = "lane-1", ["reason"] = "", ["passphrase"] = Passphrase });
        using var nowhere = await browser.PostAsync("/fleet/estate/nobody/notice", new() { ["zh"] = "测试", ["en"] = "test", ["minutes"] = "5", ["passphrase"] = Passphrase });

        Assert.Contains("the reason must be", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);
    }

    [SkippableFact]
    public async Task Settings_on_trial_end_confirmed_or_reverted_by_the_gates_own_record()
    {
        using var browser = await _site.SignedInAsync(Role.Operator);
        using var sent = await browser.PostAsync("/fleet/estate/north/apply-settings", new() { ["settings"] = "{}", ["within"] = "30", ["passphrase"] = Passphrase });
        await using var connection = await _site.Database.OpenConnectionAsync();
        var command = await connection.Sql("select id from gate_command").ScalarAsync<string>(CancellationToken.None);
        await HearAsync("replies", JsonSerializer.SerializeToUtf8Bytes(new CommandReply(command, CommandOutcome.Taken, null, "on trial", 7), RecordShapes.Default.CommandReply));
        Assert.Contains("试用中", await browser.ReadAsync("/fleet/estate/north"), StringComparison.Ordinal);

        await _store.CommitAsync(Intake.Read([_gate.TrialEnded(command!, confirmed: false, "the thermometer did not answer")]), CancellationToken.None);

        var page = await browser.ReadAsync("/fleet/estate/north");
        Assert.Contains("已退回旧设置", page, StringComparison.Ordinal);
        Assert.Contains("the thermometer did not answer", page, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_device_in_trouble_stands_there_with_its_cause_and_what_no_gate_says_does_no_harm()
    {
        await HearAsync("devices/scanner", JsonSerializer.SerializeToUtf8Bytes(new DeviceStateMessage("scanner", "disconnected", "unplugged <b>", Now), RecordShapes.Default.DeviceStateMessage));
        await HearAsync("devices/other", "{"u8.ToArray());
        await HearAsync("devices/zero", Encoding.UTF8.GetBytes("""{"id":"zero","state":"a\u0000b","since":"2026-11-22T08:00:00Z"}"""));
        using var browser = await _site.SignedInAsync(Role.Auditor);

        var page = await browser.ReadAsync("/fleet/estate/north");

        Assert.Contains("unplugged &lt;b&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"passphrase\"", page, StringComparison.Ordinal); // an auditor is offered no orders
    }

    [SkippableFact]
    public async Task Neither_long_names_nor_ever_new_devices_nor_what_the_database_refuses_cost_anybody_theirs()
    {
        await using var connection = await _site.Database.OpenConnectionAsync();
        await connection.Sql("alter table gate_device add constraint unlucky check (device <> 'unlucky')").RunAsync(CancellationToken.None);
        static MqttInbound Said(string device, string state = "connected", string gate = "estate/north") => new()
        {
            Topic = $"edgegate/v1/{gate}/devices/{device}",
            Payload = JsonSerializer.SerializeToUtf8Bytes(new DeviceStateMessage(device, state, null, Now), RecordShapes.Default.DeviceStateMessage),
        };
        var tooLong = new string('a', 500);

        await HearAsync(Said(tooLong + "1"), Said(tooLong + "2"), Said("scanner"), Said("unlucky"), Said("printer"), Said("scanner", gate: $"{tooLong}/{tooLong}"));
        await HearAsync([.. Enumerable.Range(0, 300).Select(number => Said($"made-up-{number}"))]);
        await HearAsync(Said("made-up-new"), Said("scanner", "disconnected"));

        Assert.Equal(200, await connection.Sql("select count(*) from gate_device").ScalarAsync<long>(CancellationToken.None));
        var kept = await connection.Sql("select device || ' ' || state from gate_device where device not like 'made-up-%' order by 1").ListAsync(row => row.GetString(0), CancellationToken.None);
        Assert.Equal(["printer connected", "scanner disconnected"], kept);
    }

    [SkippableFact]
    public async Task A_number_no_gate_can_have_reached_is_damaged_and_the_pages_still_answer()
    {
        var south = new SampleGate("estate", "south", Now.AddMinutes(-10));
        await using var connection = await _site.Database.OpenConnectionAsync();
        await connection.Sql("insert into gate (site, name, added_at) values ('estate', 'south', now())").RunAsync(CancellationToken.None);
        static MqttInbound Numbered(SampleGate gate, string number) => new()
        {
            Topic = gate.Topics.Passages,
            Payload = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(gate.Decide().Payload.Span)
                .Replace("\"sequence\":\"1\"", $"\"sequence\":\"{number}\"", StringComparison.Ordinal).Replace($"\"id\":\"{gate.Name}/1\"", $"\"id\":\"{gate.Name}/{number}\"", StringComparison.Ordinal)),
        };

        await _store.CommitAsync(
            Intake.Read([Numbered(_gate, "9223372036854775807"), Numbered(south, "9223372036854775807"), _gate.Signed(_gate.Tally() with { Made = long.MaxValue })]), CancellationToken.None);

        using var auditor = await _site.SignedInAsync(Role.Auditor);
        Assert.Contains("its sequence number is higher than any gate can have reached", await auditor.ReadAsync("/fleet"), StringComparison.Ordinal);
        Assert.Equal((0, null), await HealthAsync());
        await _store.CommitAsync(Intake.Read([_gate.Signed(_gate.Tally() with { Made = long.MinValue })]), CancellationToken.None);
        await auditor.ReadAsync("/fleet");
        Assert.Equal(0, await connection.Sql("select count(*) from gate_report where tally is not null").ScalarAsync<long>(CancellationToken.None));

        async Task<(long? Missing, string? Fault)> HealthAsync()
        {
            var (fleet, fault) = await HealthPage.CountAsync(_site.Database, _time, CancellationToken.None);
            return (fleet?.Missing, fault);
        }
    }

    [SkippableFact]
    public async Task What_a_gate_owes_that_was_revoked_or_retired_is_missing_nowhere()
    {
        await using var connection = await _site.Database.OpenConnectionAsync();
        await connection.Sql(
            """
            insert into gate (site, name, added_at, highest, gap_since, fault, revoked_at, revoked_why) values
                ('estate', 'stolen', now(), 40, $1, 'its chain is wrong', now(), 'stolen'), ('estate', 'north~20261101', now(), 40, $1, 'its chain is wrong', null, null)
            """,
            Now.AddHours(-1)).RunAsync(CancellationToken.None);

        var (fleet, _) = await HealthPage.CountAsync(_site.Database, _time, CancellationToken.None);

        Assert.Equal((0, 0, 0), (fleet!.Missing, fleet.Waiting, fleet.Faulty));
    }

    [SkippableTheory]
    [InlineData("iVBORw0KGgoAAAAA", HttpStatusCode.SeeOther), InlineData("PGh0bWw+", HttpStatusCode.BadRequest)]
    public async Task A_plan_is_a_picture_by_its_bytes_and_nothing_in_it_runs(string picture, HttpStatusCode expected)
    {
        using var browser = await _site.SignedInAsync(Role.Manager);
        using var form = new MultipartFormDataContent { { new StringContent(browser.FormToken!), "token" }, { new ByteArrayContent(Convert.FromBase64String(picture)), "picture", "plan.png" } };
        using var uploaded = await browser.PostAsync("/plan/estate/picture", change: request => request.Content = form);
        Assert.Equal(expected, uploaded.StatusCode);
        if (expected is not HttpStatusCode.SeeOther)
            return;

        using var shown = await browser.GetAsync("/plan/estate/picture");
        using var placed = await browser.PostAsync("/plan/estate/place", new() { ["gate"] = "north", ["x"] = "500", ["y"] = "250" });

        Assert.Equal("image/png", shown.Content.Headers.ContentType!.MediaType);
        Assert.Contains("sandbox", Assert.Single(shown.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Contains("translate(500 140)", await browser.ReadAsync("/fleet"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_picture_of_a_site_that_has_no_gates_is_not_kept()
    {
        using var browser = await _site.SignedInAsync(Role.Manager);
        using var form = new MultipartFormDataContent { { new StringContent(browser.FormToken!), "token" }, { new ByteArrayContent(Convert.FromBase64String("iVBORw0KGgoAAAAA")), "picture", "plan.png" } };

        using var uploaded = await browser.PostAsync("/plan/made-up/picture", change: request => request.Content = form);

        Assert.Equal(HttpStatusCode.NotFound, uploaded.StatusCode);
        await using var connection = await _site.Database.OpenConnectionAsync();
        Assert.Equal(0, await connection.Sql("select count(*) from site_plan").ScalarAsync<long>(CancellationToken.None));
    }

    [SkippableFact]
    public async Task Of_two_who_place_a_gate_at_once_the_later_is_shown_where_it_stands_keeps_what_was_typed_and_undoes_nothing()
    {
        using var first = await _site.SignedInAsync(Role.Manager);
        using var second = await _site.SignedInAsync(Role.Operator);
        static Dictionary<string, string> Place(string gate, string x) => new() { ["gate"] = gate, ["x"] = x, ["y"] = "250" };

        using var placed = await first.PostAsync("/plan/estate/place", Place("north", "500"));
        using var twice = await first.PostAsync("/plan/estate/place", Place("north", "500")); // a button touched twice
        using var stale = await second.PostAsync("/plan/estate/place", Place("north", "700"));
        var page = await stale.Content.ReadAsStringAsync();

        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.SeeOther, HttpStatusCode.Conflict), (placed.StatusCode, twice.StatusCode, stale.StatusCode));
        Assert.Contains("没有摆放：您打开本页后，别人已摆放 north", page, StringComparison.Ordinal);
        Assert.Contains("translate(500 140)", page, StringComparison.Ordinal);
        Assert.Contains("value=\"700\"", page, StringComparison.Ordinal);
        Assert.Contains("<option value=\"north 500 250\" selected>", page, StringComparison.Ordinal);
        using var again = await second.PostAsync("/plan/estate/place", Place("north 500 250", "700"));
        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
        Assert.Contains("translate(700 140)", await second.ReadAsync("/fleet"), StringComparison.Ordinal);
        using var late = await first.PostAsync("/plan/estate/place", Place("north 500 250", "900"));
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
    }

    private async Task<long> MakeAlarmAsync()
    {
        await _store.CommitAsync(Intake.Read([_gate.ForcedOpen()]), CancellationToken.None);
        return _gate.Made;
    }

    private Task HearAsync(string topic, byte[] payload) => HearAsync(new MqttInbound { Topic = "edgegate/v1/estate/north/" + topic, Payload = payload });

    private async Task HearAsync(params MqttInbound[] messages)
    {
        await using var link = new MqttLink(CenterSettingsFile.LinkOptions(CenterSite.Settings), _time); // never started
        var listener = new FleetListener(link, _site.Database, _time, NullLogger<FleetListener>.Instance);
        await listener.HearAsync(messages, CancellationToken.None);
    }
}
