using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.GuardPost.Http;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Tests.Passing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Service.Tests.GuardPost;

/// <summary>Somebody stands at the lane and a guard must look: what the guard sees, and what an answer does, and to whom.</summary>
public sealed class CaseTests : IAsyncLifetime
{
    private GuardPostHost _host = null!;
    private LaneUnderTest Lane => _host.Lane;

    public async Task InitializeAsync() => _host = await GuardPostHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    /// <summary>Somebody whose card has no date: a guard must look.</summary>
    private async Task<GuardCase> SendSomebodyAsync(string number = People.Number)
    {
        await Lane.PresentAsync(People.WithoutDate with { Number = number });
        var person = Lane.Persons.KeyOfIdNumber(number);
        await Patience.Until(() => Lane.Lane.Sight.Waiting?.Person == person);
        return Lane.Lane.Sight.Waiting!;
    }

    private static object Grant(long decision, string reason = "document-checked") => new { lane = "lane-1", decision, wish = "granted", reason };

    private static async Task<(HttpStatusCode Code, JsonElement Answer)> PostAsync(GuardBrowser browser, string what, object form)
    {
        using var answer = await browser.PostAsync(what, form);
        return (answer.StatusCode, await GuardBrowser.JsonOf(answer));
    }

    [Fact]
    public async Task A_grant_is_on_disk_before_the_portal_moves_and_names_the_decision_it_answers()
    {
        using var li = await _host.SignedInAsync();
        var waiting = await SendSomebodyAsync();

        var (code, answer) = await PostAsync(li, "answer", Grant(waiting.Decision));

        Assert.Equal(HttpStatusCode.OK, code);
        Assert.False(answer.TryGetProperty("notOpened", out _));
        var opening = Assert.Single(Lane.Portal.Asked);
        var action = Assert.Single(_host.Records(GuardActionRecord.Type));
        var record = Lane.Records().Single(record => record.GetProperty("type").GetString() == GuardActionRecord.Type);
        var sequence = long.Parse(record.GetProperty("sequence").GetString()!);
        Assert.Equal(sequence, opening.NewestOnDisk?.Sequence); // the portal moved after the grant was on disk, and before anything else
        Assert.Equal(("grant", waiting.Decision, "document-checked", "li"), (
            action.GetProperty("action").GetString(), action.GetProperty("decision").GetInt64(), action.GetProperty("reason").GetString(), action.GetProperty("guard").GetString()));
        Assert.Equal(sequence, Assert.Single(_host.Records(PassageRecord.Type)).GetProperty("decision").GetInt64());
        Assert.Equal(KioskFace.Granted, Lane.Kiosk.Current.Face);
    }

    [Fact]
    public async Task A_refusal_is_on_record_moves_nothing_and_shows()
    {
        using var li = await _host.SignedInAsync();
        var waiting = await SendSomebodyAsync();

        var (code, _) = await PostAsync(li, "answer", new { lane = "lane-1", decision = waiting.Decision, wish = "denied", reason = "unwell", note = "咳嗽" });

        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Empty(Lane.Portal.Asked);
        await Lane.SeeAsync(KioskFace.Denied);
        var record = Lane.Records().Single(record => record.GetProperty("type").GetString() == GuardActionRecord.Type);
        Assert.DoesNotContain("咳嗽", record.ToString(), StringComparison.Ordinal);
        Assert.Equal("咳嗽", Lane.Opened(record).GetProperty("note").GetString());
    }

    [Fact]
    public async Task Two_guards_answer_and_the_second_is_told_who_was_first()
    {
        using var li = await _host.SignedInAsync();
        using var wang = await _host.SignedInAsync("wang");
        var waiting = await SendSomebodyAsync();

        var answers = await Task.WhenAll(PostAsync(li, "answer", Grant(waiting.Decision)), PostAsync(wang, "answer", Grant(waiting.Decision)));

        var second = Assert.Single(answers, answer => answer.Code is HttpStatusCode.Conflict).Answer;
        Assert.Equal(Lane.Lane.Sight.Ended.Single().By, second.GetProperty("by").GetString());
        Assert.Equal("granted", second.GetProperty("end").GetString());
        Assert.Single(Lane.Portal.Asked);
        Assert.Single(_host.Records(GuardActionRecord.Type));
    }

    [Fact]
    public async Task An_answer_never_goes_to_the_next_person()
    {
        using var li = await _host.SignedInAsync();
        var first = await SendSomebodyAsync();
        var second = await SendSomebodyAsync(People.OtherNumber);

        var (code, answer) = await PostAsync(li, "answer", Grant(first.Decision));

        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Equal("overtaken", answer.GetProperty("end").GetString());
        Assert.Empty(Lane.Portal.Asked);
        Assert.Equal(second.Decision, Lane.Lane.Sight.Waiting?.Decision);
    }

    [Fact]
    public async Task Who_has_waited_too_long_counts_as_gone()
    {
        using var li = await _host.SignedInAsync();
        var waiting = await SendSomebodyAsync();
        await Lane.LetPassAsync(TimeSpan.FromMinutes(2));
        await Patience.Until(() => Lane.Lane.Sight.Waiting is null);

        var (code, answer) = await PostAsync(li, "answer", Grant(waiting.Decision));

        Assert.Equal((HttpStatusCode.Conflict, "left"), (code, answer.GetProperty("end").GetString()));
        Assert.Empty(Lane.Portal.Asked);
    }

    [Fact]
    public async Task The_same_person_may_try_again_when_the_answer_is_no_longer_up()
    {
        var first = await SendSomebodyAsync();
        Lane.Time.Advance(TimeSpan.FromSeconds(3));
        await Lane.PresentAsync(People.WithoutDate);

        await Patience.Until(() => Lane.Lane.Sight.Waiting is { } waiting && waiting.Decision != first.Decision);
        Assert.Equal(CaseEnd.Overtaken, Lane.Lane.Sight.EndOf(first.Decision)?.End);
    }

    [Fact]
    public async Task Nothing_opens_when_the_portal_is_closed_or_the_case_is_made_up()
    {
        using var li = await _host.SignedInAsync();
        var waiting = await SendSomebodyAsync();
        Lane.Mode.Set(PortalMode.Closed);

        Assert.Equal("lane-closed", (await PostAsync(li, "answer", Grant(waiting.Decision))).Answer.GetProperty("error").GetString());
        Assert.Equal("lane-closed", (await PostAsync(li, "open", new { lane = "lane-1", reason = "vehicle" })).Answer.GetProperty("error").GetString());
        Lane.Mode.Set(PortalMode.Normal);
        Assert.Equal("gone", (await PostAsync(li, "answer", Grant(waiting.Decision + 1))).Answer.GetProperty("error").GetString());
        Assert.Empty(Lane.Portal.Asked);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "lane": "lane-9", "decision": 1, "wish": "granted", "reason": "other" }""")]
    [InlineData("""{ "lane": "lane-1", "decision": 1, "wish": "granted", "reason": "because" }""")]
    [InlineData("""{ "lane": "lane-1", "decision": 1, "wish": "left" }""")]
    [InlineData("""{ "lane": "lane-1", "decision": 1, "wish": 0, "reason": "other" }""")]
    [InlineData("""{ "lane": "lane-1", "decision": -1, "wish": "granted", "reason": "other" }""")]
    public async Task A_form_that_asks_for_nothing_that_can_be_done_is_refused(string form)
    {
        using var li = await _host.SignedInAsync();
        using var answer = await li.SendAsync(HttpMethod.Post, "answer", new StringContent(form, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Opening_once_is_on_record_first_and_a_portal_that_does_not_move_is_told()
    {
        using var li = await _host.SignedInAsync();
        var (code, _) = await PostAsync(li, "open", new { lane = "lane-1", reason = "pram-or-wheelchair" });
        Lane.Portal.Answer = new Devices.Portals.PortalResult.Unreachable("unplugged");
        var (_, answer) = await PostAsync(li, "open", new { lane = "lane-1", reason = "vehicle" });

        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equal("unplugged", answer.GetProperty("notOpened").GetString());
        Assert.Equal(["opened", "unreachable"], _host.Records(PassageRecord.Type).Select(passage => passage.GetProperty("portal").GetString()));
    }

    [Fact]
    public async Task Modes_and_the_count_are_a_supervisors()
    {
        using var li = await _host.SignedInAsync();
        using var chen = await _host.SignedInAsync("chen", GuardPostHost.SupervisorPin);
        Lane.Occupancy.Own = new OccupancyMessage("gate-1", 1, 5, 2);

        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(li, "mode", new { lane = "lane-1", mode = "closed" })).Code);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(li, "count", new { inside = 4 })).Code);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(chen, "mode", new { lane = "lane-1", mode = "entry-only" })).Code);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(chen, "count", new { inside = 4 })).Code);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(chen, "count", new { inside = -1 })).Code);

        Assert.Equal(PortalMode.EntryOnly, Lane.Mode.Current);
        Assert.Equal("entry-only", Assert.Single(_host.Records(GuardActionRecord.Type)).GetProperty("mode").GetString());
        Assert.Contains("\"Inside\":4", await File.ReadAllTextAsync(Lane.PathOf("count")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mode_goes_on_record_only_after_the_one_that_is_just_being_set()
    {
        var session = new GuardSession(new Guard("chen", GuardRole.Supervisor, SecretHash.Of("1"), Guid.NewGuid()), "", Lane.Time);
        var between = await Lane.Lane.Mode.TakeTurnAsync(); // somebody's mode is on record and not in force yet
        var set = _host.Services.GetRequiredService<GuardDesk>().SetModeAsync(session, Lane.Lane, PortalMode.ExitOnly);
        await Lane.Keeper.DeviceEventAsync("reader", DeviceEventKind.Tampered, Lane.Clock.Read(), CancellationToken.None); // appended later, and on disk
        Assert.Empty(_host.Records(GuardActionRecord.Type));

        between.Dispose();
        Assert.IsType<DeskAnswer.Done>(await set.InTime());
        Assert.Equal("exit-only", Assert.Single(_host.Records(GuardActionRecord.Type)).GetProperty("mode").GetString());
        Assert.Equal(PortalMode.ExitOnly, Lane.Mode.Current);
    }

    [Fact]
    public async Task Behind_a_mode_that_could_not_be_kept_the_one_in_force_is_on_record()
    {
        using var chen = await _host.SignedInAsync("chen", GuardPostHost.SupervisorPin);
        Directory.CreateDirectory(Lane.PathOf("lane-mode" + DurableFile.Unfinished)); // where the file would be written

        Assert.NotEqual(HttpStatusCode.OK, (await PostAsync(chen, "mode", new { lane = "lane-1", mode = "closed" })).Code);

        Assert.Equal(PortalMode.Normal, Lane.Mode.Current);
        Assert.Equal([true, false], _host.Records(GuardActionRecord.Type).Select(record => record.TryGetProperty("mode", out _))); // closed, and then the lane's hours
    }

    [Fact]
    public async Task A_mode_that_was_set_is_given_back_to_the_lanes_hours_and_both_are_on_record()
    {
        using var chen = await _host.SignedInAsync("chen", GuardPostHost.SupervisorPin);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(chen, "mode", new { lane = "lane-1", mode = "closed" })).Code);
        Assert.False(Lane.Mode.FollowsHours);

        Assert.Equal(HttpStatusCode.OK, (await PostAsync(chen, "mode", new { lane = "lane-1", byHours = true })).Code);

        Assert.True(Lane.Mode.FollowsHours);
        Assert.Equal([true, false], _host.Records(GuardActionRecord.Type).Select(record => record.TryGetProperty("mode", out _)));
        foreach (var unclear in new object[] { new { lane = "lane-1" }, new { lane = "lane-1", mode = "closed", byHours = true }, new { lane = "lane-1", byHours = false } })
            Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(chen, "mode", unclear)).Code);
    }

    [Fact]
    public async Task Who_was_let_pass_by_a_guard_is_counted_and_remembered_like_everybody()
    {
        using var li = await _host.SignedInAsync();
        var waiting = await SendSomebodyAsync();
        await PostAsync(li, "answer", Grant(waiting.Decision));
        var pairing = new PassagePairing();

        var passage = Lane.Records().Select((record, index) => pairing.Take(index + 1, record)).OfType<PairedPassage>().Single();

        Assert.True(passage.Taken);
        Assert.Equal((Direction.Entry, waiting.Person), (passage.Direction, passage.Person.ToString()));
    }

    [Fact]
    public async Task A_stream_tells_the_case_at_once_and_ends_with_the_session()
    {
        using var li = await _host.SignedInAsync();
        using var stream = await li.GetAsync("events");
        await using var body = await stream.Content.ReadAsStreamAsync();
        var heard = SseParser.Create(body).EnumerateAsync().GetAsyncEnumerator();
        await heard.MoveNextAsync().InTime(); // version
        await heard.MoveNextAsync().InTime();
        var waiting = await SendSomebodyAsync();
        JsonElement lane;
        do
        {
            await heard.MoveNextAsync().InTime();
            lane = JsonDocument.Parse(heard.Current.Data).RootElement.GetProperty("lanes")[0];
        }
        while (!lane.TryGetProperty("waiting", out _));

        Assert.Equal(waiting.Decision, lane.GetProperty("waiting").GetProperty("decision").GetInt64());
        Assert.Equal("测**", lane.GetProperty("waiting").GetProperty("name").GetString());
        Assert.DoesNotContain(People.Number, heard.Current.Data, StringComparison.Ordinal);

        using var gone = await li.PostAsync("sign-out", new { });
        bool goesOn;
        do
        {
            var next = heard.MoveNextAsync().AsTask();
            await Patience.Until(() =>
            {
                Lane.Time.Advance(LiveEndpoints.Heartbeat); // the stream may be on its way to its timer
                return next.IsCompleted;
            });
            goesOn = await next;
        }
        while (goesOn);
    }

    [Fact]
    public async Task Streams_are_as_many_as_there_are_places()
    {
        using var li = await _host.SignedInAsync();
        var streams = new List<HttpResponseMessage>();
        for (var i = 0; i <= Service.GuardPost.GuardBoard.MostWatchers; i++)
        {
            Lane.Time.Advance(TimeSpan.FromSeconds(1));
            streams.Add(await li.GetAsync("events"));
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, streams[^1].StatusCode);
        Assert.All(streams[..^1], stream => Assert.Equal(HttpStatusCode.OK, stream.StatusCode));
        streams.ForEach(stream => stream.Dispose());
    }
}

/// <summary>Where a supervisor must agree, and where somebody is measured again.</summary>
public sealed class SupervisedCaseTests
{
    private static async Task<GuardCase> SendAsync(GuardPostHost host, Credential credential)
    {
        await host.Lane.PresentAsync(credential);
        await Patience.Until(() => host.Lane.Lane.Sight.Waiting is not null);
        return host.Lane.Lane.Sight.Waiting!;
    }

    [Fact]
    public async Task A_guard_needs_a_supervisors_pin_where_the_settings_say_so()
    {
        await using var host = await GuardPostHost.StartAsync(supervisorFor: DenyReason.CredentialUnreadable);
        using var li = await host.SignedInAsync();
        var waiting = await SendAsync(host, People.WithoutDate);
        object Form(string? supervisor, string? supervisorSecret) =>
            new { lane = "lane-1", decision = waiting.Decision, wish = "granted", reason = "known-resident", supervisor, supervisorSecret };

        using var alone = await li.PostAsync("answer", Form(null, null));
        using var wrongPin = await li.PostAsync("answer", Form("chen", "00000000"));
        using var aGuards = await li.PostAsync("answer", Form("wang", GuardPostHost.Pin));
        Assert.Empty(host.Lane.Portal.Asked);
        using var approved = await li.PostAsync("answer", Form("chen", GuardPostHost.SupervisorPin));

        Assert.All([alone, wrongPin, aGuards], refused => Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode));
        Assert.Equal(HttpStatusCode.OK, approved.StatusCode);
        Assert.Equal("chen", Assert.Single(host.Records(GuardActionRecord.Type)).GetProperty("approvedBy").GetString());
        Assert.Single(host.Lane.Portal.Asked);
    }

    [Fact]
    public async Task A_stranger_who_guesses_a_supervisors_pin_keeps_no_supervisor_from_approving()
    {
        await using var host = await GuardPostHost.StartAsync(supervisorFor: DenyReason.CredentialUnreadable);
        using var li = await host.SignedInAsync();
        using var stranger = host.NewBrowser();
        for (var i = 0; i < 6; i++)
            using (await stranger.SignInAsync("chen", "00000000")) { }
        var waiting = await SendAsync(host, People.WithoutDate);
        object Form(string secret) => new { lane = "lane-1", decision = waiting.Decision, wish = "granted", reason = "escorted", supervisor = "chen", supervisorSecret = secret };

        using var approved = await li.PostAsync("answer", Form(GuardPostHost.SupervisorPin));
        Assert.Equal(HttpStatusCode.OK, approved.StatusCode);

        for (var i = 0; i < 5; i++) // and a guard does not guess it either
            using (await li.PostAsync("answer", Form("00000000"))) { }
        using var locked = await li.PostAsync("answer", Form(GuardPostHost.SupervisorPin));
        Assert.True((await GuardBrowser.JsonOf(locked)).GetProperty("wait").GetDouble() > 0);
    }

    [Fact]
    public async Task Who_is_measured_again_is_decided_again_with_the_new_temperature_only()
    {
        await using var host = await GuardPostHost.StartAsync(withTemperature: true);
        var lane = host.Lane;
        using var li = await host.SignedInAsync();
        lane.Measure(36.6m);
        var waiting = await SendAsync(host, People.WithoutDate);

        using var answer = await li.PostAsync("answer", new { lane = "lane-1", decision = waiting.Decision, wish = "measured-again" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await lane.SeeAsync(KioskFace.Gathering);
        lane.Measure(36.8m);
        await Patience.Until(() => lane.Lane.Sight.Waiting is not null);

        Assert.NotEqual(waiting.Decision, lane.Lane.Sight.Waiting!.Decision);
        Assert.Equal(Celsius.From(36.8m), lane.Lane.Sight.Waiting.Temperature);
    }
}
