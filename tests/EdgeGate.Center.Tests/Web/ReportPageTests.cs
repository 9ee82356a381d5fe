using EdgeGate.Access;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Tests.Ingest;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Reports;
using EdgeGate.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Center.Tests.Web;

/// <summary>The daily sheet, on records that came in as real ones do.</summary>
[Collection(nameof(CenterDatabase))]
public sealed class ReportPageTests(CenterDatabase server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Day = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);
    private readonly ManualTime _time = new(Day.AddHours(20));
    private CenterSite _site = null!;

    public async Task InitializeAsync()
    {
        var database = await server.NewAsync();
        await using var connection = await database.OpenConnectionAsync();
        await connection.Sql("insert into gate (site, name, added_at) values ('estate', 'north', now()), ('other', 'north', now())").RunAsync(CancellationToken.None);
        _site = await CenterSite.StartAsync(database, _time);
    }

    public async Task DisposeAsync()
    {
        if (_site is not null)
            await _site.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_day_counts_what_happened_in_it_at_this_estate_only()
    {
        var (gate, other) = (new SampleGate("estate", "north", Day), new SampleGate("other", "north", Day));
        await CommitAsync(
            gate.Decide(person: 1, at: Day.AddMinutes(-1)), // the day before
            gate.Decide(person: 2, at: Day.AddHours(7)), gate.Decide(person: 3, at: Day.AddHours(7.5)),
            gate.Decide(person: 4, Outcome.Denied, Day.AddHours(8), reasons: [DenyReason.TemperatureTooHigh, DenyReason.NotRegistered]),
            gate.Decide(person: 5, Outcome.Guard, Day.AddHours(9), reasons: [DenyReason.NotRegistered]),
            gate.ForcedOpen(), other.Decide(person: 6, at: Day.AddHours(7)));

        var report = await _site.Services.GetRequiredService<DailyReports>().ReadAsync("estate", new DateOnly(2026, 11, 22), Day, Day.AddDays(1), CancellationToken.None);

        Assert.Equal((2, 2, 0), (report.In[7], report.In.Sum(), report.Out.Sum()));
        Assert.Equal((4, 1, 1, 1), (report.Decisions, report.Denied, report.ToGuard, report.Fevers));
        Assert.Equal([(DenyReason.NotRegistered, 2), (DenyReason.TemperatureTooHigh, 1)], report.Denials);
        Assert.Equal((3, 1), (report.VisitorsInside, report.Alarms));
    }

    [SkippableFact]
    public async Task Who_lives_there_and_came_in_by_pass_is_no_visitor_inside()
    {
        await using (var connection = await _site.Database.OpenConnectionAsync())
        {
            await connection.Sql("insert into register (site, name, version, issued_at, persons) values ('estate', 'residents', 1, now(), 1), ('estate', 'passes', 1, now(), 2)").RunAsync(CancellationToken.None);
            foreach (var (register, person, status) in ((string, int, string)[])[("residents", 1, ""), ("passes", 2, "resident"), ("passes", 3, "visitor")])
            {
                await connection.Sql("insert into register_entry (site, register, person, masked_name, unit, terms) values ('estate', $1, $2, '测**', '3-1-502', $3)", register, SampleGate.Person(person), $"{status};;;;")
                    .RunAsync(CancellationToken.None);
            }
        }
        var gate = new SampleGate("estate", "north", Day);
        await CommitAsync([.. Enumerable.Range(1, 4).Select(person => gate.Decide(person, at: Day.AddHours(7)))]);

        var report = await _site.Services.GetRequiredService<DailyReports>().ReadAsync("estate", new DateOnly(2026, 11, 22), Day, Day.AddDays(1), CancellationToken.None);

        Assert.Equal(2, report.VisitorsInside); // the announced one, and one whom nobody knows
    }

    [SkippableFact]
    public async Task The_sheet_and_its_csv_say_the_same()
    {
        var gate = new SampleGate("estate", "north", Day);
        await CommitAsync(gate.Decide(person: 2, at: Day.AddHours(7)), gate.Decide(person: 4, Outcome.Denied, Day.AddHours(8), reasons: [DenyReason.TemperatureTooHigh]));
        using var browser = await _site.SignedInAsync(Role.Manager);

        var page = await browser.ReadAsync("/reports?site=estate&day=2026-11-22");
        var csv = await browser.ReadAsync("/reports/daily.csv?site=estate&day=2026-11-22");

        Assert.Contains("体温过高", page, StringComparison.Ordinal);
        Assert.Contains("<svg class=\"chart\"", page, StringComparison.Ordinal);
        Assert.Contains("estate,2026-11-22,reason,temperature-too-high,1\r\n", csv, StringComparison.Ordinal);
        Assert.Contains("estate,2026-11-22,fevers,,1\r\n", csv, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_should_have_been_done_and_was_not_stands_there()
    {
        await using (var connection = await _site.Database.OpenConnectionAsync())
        {
            await connection.Sql("insert into register (site, name, version, issued_at, persons) values ('estate', 'residents', 1, now(), 2)").RunAsync(CancellationToken.None);
            await connection.Sql(
                "insert into register_entry (site, register, person, masked_name, unit, terms) values ('estate', 'residents', sha256('1'), '测**', '3-1-502', ''), ('estate', 'residents', sha256('2'), '测**', '4-1-101', '')")
                .RunAsync(CancellationToken.None);
            await connection.Sql("insert into round (gate_id, sequence, site, building, place, task, at) values (1, 1, 'estate', '3', 'hall', 'disinfection', $1), (1, 2, 'estate', '4', 'hall', 'patrol', $1)", Day.AddHours(9))
                .RunAsync(CancellationToken.None);
            await connection.Sql(
                "insert into person_file (site, person, masked_name, unit, kind, state, opened_at, opened_by, until) values ('estate', sha256('1'), '测**', '3-1-502', 0, 1, $1, 'officer', $2)", Day.AddDays(-2), Day.AddDays(9))
                .RunAsync(CancellationToken.None);
            await connection.Sql("insert into measure_reminder (file_id, due, told_at) select id, $1, $1 from person_file", Day.AddHours(10)).RunAsync(CancellationToken.None);
        }

        var report = await _site.Services.GetRequiredService<DailyReports>().ReadAsync("estate", new DateOnly(2026, 11, 22), Day, Day.AddDays(1), CancellationToken.None);

        Assert.Equal([("4", null)], report.OverdueDisinfection);
        Assert.Equal(1, report.OverdueMeasures);
    }

    [SkippableFact]
    public async Task A_day_is_that_of_the_people_there_and_the_sheet_says_by_which_clock()
    {
        await _site.DisposeAsync();
        var database = await server.NewAsync();
        _site = await CenterSite.StartAsync(database, new TimeIn(_time, TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(8), "test", "test")));
        await using var connection = await _site.Database.OpenConnectionAsync();
        await connection.Sql("insert into gate (site, name, added_at) values ('estate', 'north', now())").RunAsync(CancellationToken.None);
        await CommitAsync(new SampleGate("estate", "north", Day).Decide(person: 2, at: Day.AddHours(-7))); // one o'clock at night there
        using var browser = await _site.SignedInAsync(Role.Manager);

        Assert.Contains("UTC+08:00", System.Net.WebUtility.HtmlDecode(await browser.ReadAsync("/reports?site=estate&day=2026-11-22")), StringComparison.Ordinal);
        Assert.Contains("estate,2026-11-22,in,01:00,1\r\n", await browser.ReadAsync("/reports/daily.csv?site=estate&day=2026-11-22"), StringComparison.Ordinal);
    }

    private sealed class TimeIn(TimeProvider time, TimeZoneInfo zone) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => zone;

        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
    }

    [Fact]
    public void Every_reason_a_gate_may_give_has_words_for_the_sheet() => Assert.Empty(Enum.GetValues<DenyReason>().Except(ReasonWords.Known));

    private async Task CommitAsync(params EdgeGate.Mqtt.MqttInbound[] messages) =>
        await new RecordStore(_site.Database, new Partitions(_site.Database, _time), new LaneIds(), new IngestCounters(), _time, keptDays: 180).CommitAsync(Intake.Read(messages), CancellationToken.None);
}
