using System.Text;
using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Kiosk;

namespace EdgeGate.Service.Tests.Passing;

public class LaneServiceTests
{
    [Fact]
    public async Task The_decision_is_on_disk_before_the_portal_is_asked_to_open()
    {
        await using var lane = await LaneUnderTest.StartAsync();

        await lane.PresentAsync(People.Card());
        Assert.NotNull((await lane.SeeAsync(KioskFace.Granted)).Record);

        var asked = Assert.Single(lane.Portal.Asked);
        Assert.NotNull(asked.NewestOnDisk);
        Assert.Equal(1, asked.NewestOnDisk.Sequence);
        Assert.Contains("\"outcome\":\"granted\"", Encoding.UTF8.GetString(asked.NewestOnDisk.Payload.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grant_makes_two_records_the_decision_and_what_came_of_it()
    {
        await using var lane = await LaneUnderTest.StartAsync();

        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.Granted);

        var records = lane.Records();
        Assert.Equal([DecidedRecord.Type, PassageRecord.Type], records.Select(record => record.GetProperty("type").GetString()));
        var passage = records[1].GetProperty("data");
        Assert.Equal(1, passage.GetProperty("decision").GetInt64());
        Assert.Equal("opened", passage.GetProperty("portal").GetString());
        Assert.Equal("unobserved", passage.GetProperty("passage").GetString());
    }

    [Fact]
    public async Task Every_record_is_a_whole_cloud_event_that_names_itself()
    {
        await using var lane = await LaneUnderTest.StartAsync();

        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.Granted);

        foreach (var (index, record) in lane.Records().Index())
        {
            Assert.Equal($"estate/gate-1/{index + 1}", record.GetProperty("id").GetString());
            Assert.Equal("synchronised", record.GetProperty("data").GetProperty("clock").GetProperty("grade").GetString());
        }
    }

    public static TheoryData<string, string> WhoMayNotPass => new()
    {
        { "expired", nameof(KioskFace.Denied) }, { "unknown code", nameof(KioskFace.Denied) }, { "wrong check digit", nameof(KioskFace.Denied) },
        { "unreadable", nameof(KioskFace.Denied) }, { "no date", nameof(KioskFace.SeeGuard) },
    };

    [Theory, MemberData(nameof(WhoMayNotPass))]
    public async Task Whoever_is_not_granted_is_on_record_and_never_moves_the_portal(string who, string face)
    {
        Credential credential = who switch
        {
            "expired" => People.Expired,
            "unknown code" => new Credential.Code("SOMEBODY-ELSES"),
            "wrong check digit" => People.Card("999999190001010016"),
            "unreadable" => new Credential.Unreadable("card-refused"),
            _ => People.WithoutDate,
        };
        await using var lane = await LaneUnderTest.StartAsync();

        await lane.PresentAsync(credential);
        await lane.SeeAsync(Enum.Parse<KioskFace>(face));

        Assert.Empty(lane.Portal.Asked);
        Assert.Equal(DecidedRecord.Type, Assert.Single(lane.Records()).GetProperty("type").GetString());
    }

    [Fact]
    public async Task Who_is_overtaken_is_on_record_as_superseded_and_only_the_second_passes()
    {
        await using var lane = await LaneUnderTest.StartAsync(withTemperature: true);

        await lane.PresentAsync(People.Card(name: "测试甲"));
        await lane.PresentAsync(People.Card(People.OtherNumber, "测试乙"));
        lane.Measure(36.5m);
        await lane.SeeAsync(KioskFace.Granted);

        var records = lane.Records();
        Assert.Equal(3, records.Count);
        Assert.Equal("superseded", records[0].GetProperty("data").GetProperty("reasons")[0].GetString());
        Assert.Equal("granted", records[1].GetProperty("data").GetProperty("outcome").GetString());
        Assert.Single(lane.Portal.Asked);
        Assert.False(lane.Opened(records[0]).TryGetProperty("body", out _), "the temperature belongs to the second person only");
    }

    [Fact]
    public async Task A_fever_is_refused()
    {
        await using var lane = await LaneUnderTest.StartAsync(withTemperature: true);

        lane.Measure(38.2m);
        await lane.PresentAsync(People.Card());
        var view = await lane.SeeAsync(KioskFace.Denied);

        Assert.Equal(DenyReason.TemperatureTooHigh, Assert.Single(view.Reasons));
        Assert.Empty(lane.Portal.Asked);
    }

    [Fact]
    public async Task Without_a_temperature_the_window_ends_with_a_refusal()
    {
        await using var lane = await LaneUnderTest.StartAsync(withTemperature: true);

        await lane.PresentAsync(People.Card());
        var gathering = await lane.SeeAsync(KioskFace.Gathering);
        await lane.LetPassAsync(TimeSpan.FromSeconds(10));
        var view = await lane.SeeAsync(KioskFace.Denied);

        Assert.Equal([WantedEvidence.Temperature], gathering.Wanted);
        Assert.Equal(DenyReason.TemperatureMissing, Assert.Single(view.Reasons));
        Assert.Empty(lane.Portal.Asked);
    }

    [Fact]
    public async Task The_answer_goes_away_though_timers_fire_a_moment_early()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.Granted);

        for (var step = 0; step < 1000 && lane.Kiosk.Current.Face is not KioskFace.Idle; step++)
        {
            lane.Time.Advance(TimeSpan.FromMilliseconds(50));
            await Patience.Until(() => lane.Inputs.Reader.Count == 0);
        }

        Assert.Equal(KioskFace.Idle, lane.Kiosk.Current.Face);
    }

    [Fact]
    public async Task The_answer_goes_away_by_itself()
    {
        await using var lane = await LaneUnderTest.StartAsync();

        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.Granted);
        await lane.LetPassAsync(TimeSpan.FromSeconds(2.1));

        await lane.SeeAsync(KioskFace.Idle);
    }

    [Fact]
    public async Task A_portal_that_cannot_be_reached_is_on_record_with_its_cause_and_the_kiosk_does_not_say_go_ahead()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        lane.Portal.Answer = new PortalResult.Unreachable("the relay was unplugged");

        await lane.PresentAsync(People.Card());
        var passage = (await lane.RecordsAsync(atLeast: 2))[1].GetProperty("data");
        await lane.SeeAsync(KioskFace.OutOfService);

        Assert.Equal("unreachable", passage.GetProperty("portal").GetString());
        Assert.Equal("the relay was unplugged", passage.GetProperty("cause").GetString());
        Assert.Equal("not-taken", passage.GetProperty("passage").GetString());

        await lane.LetPassAsync(TimeSpan.FromSeconds(2.1));
        await lane.SeeAsync(KioskFace.Idle);
        lane.Portal.Answer = new PortalResult.Moved();
        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.Granted);
    }

    [Fact]
    public async Task Who_must_see_a_guard_is_told_so_also_after_somebody_whom_the_portal_did_not_open_for()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        lane.Portal.Answer = new PortalResult.Unreachable("the relay was unplugged");
        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.OutOfService);

        await lane.PresentAsync(People.WithoutDate with { Number = People.OtherNumber });
        await Patience.Until(() => lane.Lane.Sight.Waiting is not null);

        Assert.Equal(KioskFace.SeeGuard, lane.Kiosk.Current.Face);
    }

    [Fact]
    public async Task A_grant_that_came_too_late_opens_for_nobody()
    {
        await using var lane = await LaneUnderTest.CreateAsync();
        await lane.PresentAsync(People.Card());
        lane.Time.Advance(TimeSpan.FromSeconds(5.1)); // as if disk or lane had been stuck
        await lane.StartAsync();

        var passage = (await lane.RecordsAsync(atLeast: 2))[1].GetProperty("data");

        Assert.Empty(lane.Portal.Asked);
        Assert.Equal("unreachable", passage.GetProperty("portal").GetString());
        Assert.Contains("too late", passage.GetProperty("cause").GetString(), StringComparison.Ordinal);
        await lane.SeeAsync(KioskFace.OutOfService); // not "please go ahead"
    }

    [Fact]
    public async Task A_clock_that_steps_a_year_makes_no_grant_late()
    {
        await using var lane = await LaneUnderTest.CreateAsync();
        await lane.PresentAsync(People.Pass);
        lane.Time.StepWallClock(new DateTimeOffset(2023, 3, 1, 8, 0, 0, TimeSpan.Zero));
        await lane.StartAsync();

        await lane.SeeAsync(KioskFace.Granted);

        Assert.Single(lane.Portal.Asked);
    }

    [Fact]
    public async Task A_gate_that_is_told_to_stop_carries_a_grant_to_its_end()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        Task? stopping = null;
        lane.Portal.WhenAsked = () => stopping = lane.StopAsync();

        await lane.PresentAsync(People.Card());
        var records = await lane.RecordsAsync(atLeast: 2);
        await stopping!.InTime();

        Assert.Equal("opened", records[1].GetProperty("data").GetProperty("portal").GetString());
    }

    [Fact]
    public async Task When_nothing_can_be_recorded_the_portal_stays_closed_the_kiosk_says_so_and_it_heals_by_itself()
    {
        await using var inTheWay = new JournalInTheWay();
        await using var lane = await LaneUnderTest.CreateAsync(
            beforeJournal: inTheWay.TakeAsync);
        await lane.StartAsync();

        await lane.PresentAsync(People.Card());
        await lane.Log.HearAsync("stays closed");
        await lane.SeeAsync(KioskFace.OutOfService);
        Assert.Empty(lane.Portal.Asked);

        await inTheWay.DisposeAsync();
        lane.Time.Advance(TimeSpan.FromSeconds(5)); // the journal tries again
        await lane.Journal.FlushAsync(CancellationToken.None).InTime();
        await lane.LetPassAsync(TimeSpan.FromSeconds(2));
        await lane.SeeAsync(KioskFace.Idle);
        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.Granted);
        Assert.Equal(1, Assert.Single(lane.Portal.Asked).NewestOnDisk?.Sequence);
    }

    [Fact]
    public async Task When_nothing_can_be_recorded_a_fail_safe_portal_opens_for_grants_only()
    {
        await using var inTheWay = new JournalInTheWay();
        await using var lane = await LaneUnderTest.CreateAsync(
            configure: options => options with { OpenWhenJournalFails = true },
            beforeJournal: inTheWay.TakeAsync);
        await lane.StartAsync();

        await lane.PresentAsync(People.Expired);
        await lane.SeeAsync(KioskFace.Denied);
        Assert.Empty(lane.Portal.Asked);

        await lane.PresentAsync(People.Pass);
        await lane.SeeAsync(KioskFace.Granted);
        Assert.Single(lane.Portal.Asked);
        Assert.Equal(0, inTheWay.LastSequence);
    }

    [Fact]
    public async Task A_portal_that_is_unplugged_shows_at_the_next_tick()
    {
        await using var lane = await LaneUnderTest.StartAsync();

        lane.UnplugPortal();
        lane.Time.Advance(TimeSpan.FromMilliseconds(100));

        await lane.SeeAsync(KioskFace.OutOfService);
    }

    [Fact]
    public async Task A_text_portal_is_told_a_code_as_it_is_and_never_an_id_number()
    {
        await using var lane = await LaneUnderTest.StartAsync();

        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.Granted);
        await lane.PresentAsync(People.Pass);
        await lane.RecordsAsync(atLeast: 4);

        var told = lane.Portal.Asked.Select(opening => opening.Credential).ToArray();
        Assert.NotEqual(People.Number, told[0]);
        Assert.Equal(43, told[0].Length); // base64url of a SHA-256 HMAC
        Assert.Equal(People.Pass.Text, told[1]);
    }

    [Fact]
    public async Task A_code_longer_than_a_record_may_be_opens_nothing_and_the_lane_goes_on()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        await lane.PresentAsync(new Credential.Code("PASS-" + new string('<', 20_000))); // six bytes each in a record
        await lane.Log.HearAsync("could not be recorded, so the portal stays closed");
        Assert.Empty(lane.Portal.Asked);

        await lane.LetPassAsync(TimeSpan.FromSeconds(6));
        await lane.PresentAsync(People.Pass);

        await Patience.Until(() => lane.Portal.Asked.Count == 1);
    }
}
