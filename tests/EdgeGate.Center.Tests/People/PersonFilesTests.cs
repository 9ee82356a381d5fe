using EdgeGate.Access;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.People;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Tests.Ingest;
using EdgeGate.Mqtt;
using EdgeGate.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGate.Center.Tests.People;

[Collection(nameof(CenterDatabase))]
public sealed class PersonFilesTests(CenterDatabase server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Morning = new(2026, 11, 22, 6, 0, 0, TimeSpan.Zero);
    private readonly ManualTime _time = new(Morning);
    private PeopleDesk _desk = null!;

    public async Task InitializeAsync() => _desk = PeopleDesk.Over(await server.NewAsync(), _time);

    public async Task DisposeAsync()
    {
        if (_desk is not null)
            await _desk.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_file_is_opened_measured_extended_and_released_and_its_history_says_so()
    {
        var id = (await _desk.OpenFileAsync())!.Value;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await _desk.Files.MeasureAsync(id, new MeasureWords(37.6m, "coughs"), "officer-1", MeasureSource.Officer, household: null, CancellationToken.None));
        Assert.True(await _desk.Files.ExtendAsync(id, (await _desk.Files.ReadAsync(id, PeopleDesk.Officer, CancellationToken.None))!.Summary.Until, _time.GetUtcNow().AddDays(20), "still coughs", PeopleDesk.Officer, CancellationToken.None));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await _desk.Files.ReleaseAsync(id, "healthy", PeopleDesk.Officer, CancellationToken.None));

        var file = (await _desk.Files.ReadAsync(id, PeopleDesk.Officer, CancellationToken.None))!;

        Assert.Equal(("测试一", FileState.Released), (file.Details!.Name, file.Summary.State));
        Assert.Equal((37.6m, "coughs", true), (file.Measures[0].Celsius, file.Measures[0].Note, file.Measures[0].IsFever));
        Assert.Equal([FileEventKind.Released, FileEventKind.Extended, FileEventKind.Opened], file.Events.Select(item => item.Kind));
        Assert.False(await _desk.Files.MeasureAsync(id, new MeasureWords(36.5m, ""), "officer-1", MeasureSource.Officer, household: null, CancellationToken.None));
    }

    [SkippableFact]
    public async Task One_person_has_one_file_for_one_cause_and_a_second_after_the_first_is_closed()
    {
        var first = (await _desk.OpenFileAsync())!.Value;

        Assert.Null(await _desk.OpenFileAsync());
        Assert.NotNull(await _desk.OpenFileAsync(kind: FileKind.Fever));
        await _desk.Files.ReleaseAsync(first, "", PeopleDesk.Officer, CancellationToken.None);
        Assert.NotNull(await _desk.OpenFileAsync());
    }

    [SkippableFact]
    public async Task Every_reading_of_a_file_is_on_record_also_of_one_that_does_not_exist()
    {
        var id = (await _desk.OpenFileAsync())!.Value;

        await _desk.Files.ReadAsync(id, PeopleDesk.Officer, CancellationToken.None);
        await _desk.Files.ReadAsync(999, PeopleDesk.Officer, CancellationToken.None);
        await _desk.Files.ListAsync(PeopleDesk.Site, PeopleDesk.Officer, CancellationToken.None);

        Assert.Equal("open-file 1, read-file 1, read-file 0, list-files 1", await _desk.AskAsync<string>("select string_agg(action || ' ' || answers, ', ' order by id) from audit where asked_by = 'officer-1'"));
    }

    [SkippableFact]
    public async Task Names_numbers_temperatures_and_words_are_nowhere_in_the_database_in_the_clear()
    {
        var id = (await _desk.OpenFileAsync())!.Value;
        await _desk.Files.MeasureAsync(id, new MeasureWords(38.7m, "secret-word"), "officer-1", MeasureSource.Officer, household: null, CancellationToken.None);
        await _desk.Files.NoteAsync(id, "secret-word", PeopleDesk.Officer, CancellationToken.None);

        var everything = await _desk.AskAsync<string>(
            "select string_agg(t, ' ') from (select f::text t from person_file f union all select m::text from person_measure m union all select e::text from person_file_event e union all select a::text from audit a) x");

        foreach (var secret in (string[])["测试一", "13800009999", "came from elsewhere", "secret-word", "38.7"])
        {
            Assert.DoesNotContain(secret, everything, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(secret)), everything, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task What_a_gate_saw_is_proposed_once_and_not_again_after_it_was_turned_down()
    {
        var gate = await GateAsync();
        var store = _desk.NewStore();
        await _desk.ListAsync((7, "3-1-502"));
        await PeopleDesk.CommitAsync(
            store, gate.Decide(person: 7, Outcome.Denied, reasons: [DenyReason.TemperatureTooHigh]), gate.Decide(person: 7, Outcome.Denied, reasons: [DenyReason.TemperatureTooHigh]),
            gate.Flag(8, Outcome.Granted, "arrival-from-outside"), gate.Flag(9, Outcome.Denied, "alarm-quarantine-exit"), gate.Flag(10, Outcome.Granted, "medicine"), gate.Decide(person: 11));

        var proposed = await ListAsync();

        Assert.Equal([FileKind.Fever, FileKind.Arrival, FileKind.Quarantine, FileKind.Medicine], proposed.OrderBy(file => file.Id).Select(file => file.Kind));
        Assert.All(proposed, file => Assert.Equal(FileState.Proposed, file.State));
        var fever = proposed.Single(file => file.Kind is FileKind.Fever);
        Assert.Equal("3-1-502", fever.Unit);
        Assert.True(await _desk.Files.DismissAsync(fever.Id, "had run to the gate", PeopleDesk.Officer, CancellationToken.None));
        await PeopleDesk.CommitAsync(store, gate.Decide(person: 7, Outcome.Denied, reasons: [DenyReason.TemperatureTooHigh]));
        Assert.Equal(4, (await ListAsync()).Count);
    }

    [SkippableFact]
    public async Task A_proposal_becomes_a_file_by_a_persons_decision()
    {
        var gate = await GateAsync();
        await PeopleDesk.CommitAsync(_desk.NewStore(), gate.Decide(person: 1, Outcome.Denied, reasons: [DenyReason.TemperatureTooHigh]));
        var id = Assert.Single(await ListAsync()).Id;

        Assert.False(await _desk.Files.MeasureAsync(id, new MeasureWords(36.5m, ""), "officer-1", MeasureSource.Officer, household: null, CancellationToken.None));
        Assert.True(await _desk.Files.AcceptAsync(id, "3-1-502", Morning.AddDays(14), new FileDetails("测试一", "", ""), PeopleDesk.Officer, CancellationToken.None));
        Assert.False(await _desk.Files.AcceptAsync(id, "3-1-502", Morning.AddDays(14), new FileDetails("测试一", "", ""), PeopleDesk.Officer, CancellationToken.None));

        var file = (await _desk.Files.ReadAsync(id, PeopleDesk.Officer, CancellationToken.None))!;
        Assert.Equal((FileState.Open, "测试一", "3-1-502"), (file.Summary.State, file.Details!.Name, file.Summary.Unit));
    }

    [SkippableFact]
    public async Task A_door_is_told_in_the_file_it_is_bound_to_and_in_no_other_and_not_from_before()
    {
        var (bound, other) = ((await _desk.OpenFileAsync(1))!.Value, (await _desk.OpenFileAsync(2))!.Value);
        await _desk.Files.BindContactAsync(bound, null, "door-17", PeopleDesk.Officer, CancellationToken.None);
        var gate = await GateAsync();

        await PeopleDesk.CommitAsync(
            _desk.NewStore(), gate.Write("edgegate.door-contact.v1", """{"contact":"door-17","open":true}""", Morning.AddDays(-1)),
            gate.Write("edgegate.door-contact.v1", """{"contact":"door-17","open":true}""", Morning.AddHours(1)), gate.Write("edgegate.door-contact.v1", """{"contact":"door-18","open":true}""", Morning.AddHours(1)));

        var events = (await _desk.Files.ReadAsync(bound, PeopleDesk.Officer, CancellationToken.None))!.Events;
        Assert.Equal(Morning.AddHours(1), Assert.Single(events, item => item.Kind is FileEventKind.DoorOpened).At);
        Assert.DoesNotContain((await _desk.Files.ReadAsync(other, PeopleDesk.Officer, CancellationToken.None))!.Events, item => item.Kind is FileEventKind.DoorOpened);
        Assert.True((await ListAsync()).Single(file => file.Id == bound).DoorIsOpen);
    }

    [SkippableFact]
    public async Task What_a_door_did_before_it_was_bound_to_a_file_is_not_told_in_it()
    {
        var (wasBound, isBound) = ((await _desk.OpenFileAsync(1))!.Value, (await _desk.OpenFileAsync(2))!.Value);
        await _desk.Files.BindContactAsync(wasBound, null, "door-17", PeopleDesk.Officer, CancellationToken.None);
        var gate = await GateAsync();
        _time.Advance(TimeSpan.FromDays(10));
        await _desk.Files.BindContactAsync(wasBound, "door-17", null, PeopleDesk.Officer, CancellationToken.None);
        await _desk.Files.BindContactAsync(isBound, null, "door-17", PeopleDesk.Officer, CancellationToken.None);

        await PeopleDesk.CommitAsync(_desk.NewStore(), gate.Write("edgegate.door-contact.v1", """{"contact":"door-17","open":true}""", Morning.AddDays(5))); // late

        Assert.DoesNotContain((await _desk.Files.ReadAsync(isBound, PeopleDesk.Officer, CancellationToken.None))!.Events, item => item.Kind is FileEventKind.DoorOpened);
    }

    [SkippableFact]
    public async Task A_door_that_is_never_still_pushes_no_note_out_of_the_file()
    {
        var id = (await _desk.OpenFileAsync())!.Value;
        _time.Advance(TimeSpan.FromMinutes(1));
        await _desk.Files.NoteAsync(id, "coughs", PeopleDesk.Officer, CancellationToken.None);
        await _desk.DoAsync("insert into person_file_event (file_id, at, kind, by_whom) select $1, $2::timestamptz + n * interval '1 s', 5 + n % 2, 'estate/north' from generate_series(1, 700) n", id, Morning.AddMinutes(2));
        _time.Advance(TimeSpan.FromHours(1));
        await _desk.Files.NoteAsync(id, "coughs less", PeopleDesk.Officer, CancellationToken.None);

        var events = (await _desk.Files.ReadAsync(id, PeopleDesk.Officer, CancellationToken.None))!.Events;

        Assert.Equal(["coughs less", "coughs"], events.Where(item => item.Kind is FileEventKind.Note).Select(item => item.Words));
        Assert.Equal(FileEventKind.Opened, events[^1].Kind);
        Assert.Equal(Morning.AddMinutes(2).AddSeconds(700), events[1].At); // doors among them, in the order of time
        Assert.True(events.Count < 700);
    }

    [SkippableFact]
    public async Task A_measure_that_is_missing_is_told_once_in_the_file_and_by_a_notice_and_stays_until_there_is_one()
    {
        var (quiet, measured) = ((await _desk.OpenFileAsync(1))!.Value, (await _desk.OpenFileAsync(2))!.Value);
        await using var link = new FakeBroker();
        var outbox = new CenterOutbox(link, new IngestCounters());
        using var watch = new MeasureWatch(_desk.Database, new MeasurePlan([new(10, 0), new(20, 0)], TimeZoneInfo.Utc), outbox, _time, NullLogger<MeasureWatch>.Instance);
        _time.Advance(TimeSpan.FromHours(1));
        await _desk.Files.MeasureAsync(measured, new MeasureWords(36.5m, ""), "officer-1", MeasureSource.Officer, household: null, CancellationToken.None);
        _time.Advance(TimeSpan.FromHours(4)); // 11:00

        await watch.LookAsync(CancellationToken.None);
        _time.Advance(MeasureWatch.Claim);
        await watch.LookAsync(CancellationToken.None); // it waits for the broker already

        using var ended = new CancellationTokenSource();
        var sending = outbox.SendAsync(ended.Token);
        var (topic, notice) = await link.Published.Reader.ReadAsync(CancellationToken.None);
        await watch.Answered;
        await ended.CancelAsync();
        await sending.ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.Equal("edgegate/v1/estate/reminders", topic);
        Assert.Contains("\"data\":{\"due\":\"2026-11-22T10:00:00+00:00\",\"missing\":1}", System.Text.Encoding.UTF8.GetString(notice), StringComparison.Ordinal);
        Assert.False(link.Published.Reader.TryRead(out _));

        var files = await ListAsync();
        Assert.Equal(Morning.AddHours(4), files.Single(file => file.Id == quiet).MissingSince);
        Assert.Null(files.Single(file => file.Id == measured).MissingSince);
        Assert.Single((await _desk.Files.ReadAsync(quiet, PeopleDesk.Officer, CancellationToken.None))!.Events, item => item.Kind is FileEventKind.MeasureMissing);
        await _desk.Files.MeasureAsync(quiet, new MeasureWords(36.5m, ""), "officer-1", MeasureSource.Guard, household: null, CancellationToken.None);
        Assert.Null((await ListAsync()).Single(file => file.Id == quiet).MissingSince);
    }

    [SkippableFact]
    public async Task A_notice_that_a_crash_or_a_refusal_kept_from_the_broker_is_told_later_by_whoever_runs_then_and_once()
    {
        await _desk.OpenFileAsync(1);
        _time.Advance(TimeSpan.FromHours(5)); // 11:00
        await using var link = new FakeBroker();
        using (var crashed = Watch(new CenterOutbox(link, new IngestCounters()))) // it posts, and nothing leaves its memory
            await crashed.LookAsync(CancellationToken.None);
        var outbox = new CenterOutbox(link, new IngestCounters());
        using var next = Watch(outbox);
        using var ended = new CancellationTokenSource();
        var sending = outbox.SendAsync(ended.Token);
        await next.LookAsync(CancellationToken.None);
        Assert.False(link.Published.Reader.TryRead(out _)); // the other process may be about to

        link.Answer = MqttReason.NotAuthorized;
        _time.Advance(MeasureWatch.Claim);
        await next.LookAsync(CancellationToken.None);
        await next.Answered;
        Assert.True(link.Published.Reader.TryRead(out _));

        link.Answer = MqttReason.Success;
        _time.Advance(MeasureWatch.Claim);
        await next.LookAsync(CancellationToken.None);
        await next.Answered;
        Assert.True(link.Published.Reader.TryRead(out var told));
        Assert.Contains("\"missing\":1}", System.Text.Encoding.UTF8.GetString(told.Payload), StringComparison.Ordinal);
        _time.Advance(MeasureWatch.Claim);
        await next.LookAsync(CancellationToken.None);
        await ended.CancelAsync();
        await sending.ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.False(link.Published.Reader.TryRead(out _));

        MeasureWatch Watch(CenterOutbox to) => new(_desk.Database, new MeasurePlan([new(10, 0), new(20, 0)], TimeZoneInfo.Utc), to, _time, NullLogger<MeasureWatch>.Instance);
    }

    [SkippableFact]
    public async Task An_observation_ends_by_itself_and_nothing_of_it_is_left_after_its_retention()
    {
        var id = (await _desk.OpenFileAsync(days: 2))!.Value;
        await _desk.Files.MeasureAsync(id, new MeasureWords(36.5m, ""), "officer-1", MeasureSource.Officer, household: null, CancellationToken.None);
        var gate = await GateAsync();
        await PeopleDesk.CommitAsync(_desk.NewStore(), gate.Decide(person: 5, Outcome.Denied, reasons: [DenyReason.TemperatureTooHigh]));
        await using var link = new FakeBroker();
        using var watch = new MeasureWatch(_desk.Database, new MeasurePlan([new(10, 0)], TimeZoneInfo.Utc), new CenterOutbox(link, new IngestCounters()), _time, NullLogger<MeasureWatch>.Instance);

        _time.Advance(TimeSpan.FromDays(2));
        await watch.LookAsync(CancellationToken.None);
        Assert.Equal(FileState.Released, (await ListAsync()).Single(file => file.Id == id).State);

        _time.Advance(TimeSpan.FromDays(new RetentionSettings().FileDays) - TimeSpan.FromMinutes(1));
        await _desk.Retention.EnforceAsync(CancellationToken.None);
        Assert.Single(await ListAsync()); // the proposal nobody took up went long before
        _time.Advance(TimeSpan.FromMinutes(2));
        await _desk.Retention.EnforceAsync(CancellationToken.None);
        Assert.Equal(0, await _desk.AskAsync<long>("select (select count(*) from person_file) + (select count(*) from person_measure) + (select count(*) from person_file_event) + (select count(*) from measure_reminder)"));
    }

    private Task<IReadOnlyList<FileSummary>> ListAsync() => _desk.Files.ListAsync(PeopleDesk.Site, PeopleDesk.Officer, CancellationToken.None);

    private async Task<SampleGate> GateAsync()
    {
        await _desk.DoAsync("insert into gate (site, name, added_at) values ('estate', 'north', now())");
        return new SampleGate(PeopleDesk.Site, "north", Morning);
    }
}
