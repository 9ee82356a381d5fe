using System.Net;
using System.Text.Json;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Rounds;
using EdgeGate.Service.Tests.Passing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Service.Tests.GuardPost;

/// <summary>Patrol and disinfection rounds: a code at a place, a task, and what is overdue.</summary>
public sealed class RoundTests : IAsyncLifetime
{
    private GuardPostHost _host = null!;
    private GuardBrowser _li = null!;
    private LaneUnderTest Lane => _host.Lane;

    public async Task InitializeAsync()
    {
        _host = await GuardPostHost.StartAsync();
        _li = await _host.SignedInAsync();
    }

    public async Task DisposeAsync()
    {
        _li.Dispose();
        await _host.DisposeAsync();
    }

    private async Task<HttpStatusCode> DoneAsync(string place, string task, Guid? form = null, string? note = null, int? minutesAgo = null)
    {
        using var answer = await _li.PostAsync("round", new { form = form ?? Guid.NewGuid(), place, task, note, enteredAt = PhoneClock.SaysMinutesAgo(minutesAgo), sentAt = PhoneClock.SaysMinutesAgo(0) });
        return answer.StatusCode;
    }

    private async Task<JsonElement> DutyAsync(string place, string task)
    {
        using var answer = await _li.GetAsync("rounds");
        return (await GuardBrowser.JsonOf(answer)).GetProperty("duties").EnumerateArray()
            .Single(duty => duty.GetProperty("place").GetString() == place && duty.GetProperty("task").GetString() == task);
    }

    [Fact]
    public async Task A_scanned_place_and_a_task_are_a_record_with_the_building_and_the_note_sealed()
    {
        Assert.Equal(HttpStatusCode.OK, await DoneAsync("EGR1:estate/b3-lobby", "disinfection", note: "测试一家门口有水"));

        var round = Assert.Single(_host.Records(RoundRecord.Type));
        Assert.Equal(("li", "b3-lobby", "3", "disinfection"), (
            round.GetProperty("guard").GetString(), round.GetProperty("place").GetString(), round.GetProperty("building").GetString(), round.GetProperty("task").GetString()));
        Assert.DoesNotContain("测试一", round.ToString(), StringComparison.Ordinal);
        var sealedNote = Lane.Opened(Lane.Records().Single(record => record.GetProperty("type").GetString() == RoundRecord.Type));
        Assert.Equal("测试一家门口有水", sealedNote.GetProperty("note").GetString());
    }

    [Fact]
    public async Task What_was_not_done_in_time_is_overdue_and_stands_first()
    {
        Assert.True((await DutyAsync("b3-lobby", "patrol")).GetProperty("isOverdue").GetBoolean()); // never done
        Assert.False((await DutyAsync("north-wall", "patrol")).GetProperty("isOverdue").GetBoolean()); // nobody says how often

        await DoneAsync("b3-lobby", "patrol");
        Lane.Time.Advance(TimeSpan.FromMinutes(230));
        _li.Dispose();
        _li = await _host.SignedInAsync(); // the session is over
        var soon = await DutyAsync("b3-lobby", "patrol");
        Assert.Equal((10, false), (soon.GetProperty("dueIn").GetInt32(), soon.GetProperty("isOverdue").GetBoolean()));

        Lane.Time.Advance(TimeSpan.FromMinutes(25));
        Assert.Equal(-15, (await DutyAsync("b3-lobby", "patrol")).GetProperty("dueIn").GetInt32());
        using var all = await _li.GetAsync("rounds");
        Assert.True((await GuardBrowser.JsonOf(all)).GetProperty("duties")[0].GetProperty("isOverdue").GetBoolean());
    }

    [Fact]
    public async Task A_round_that_is_sent_again_before_the_first_was_answered_is_one_record()
    {
        var form = Guid.NewGuid();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => DoneAsync("b3-lobby", "patrol", form)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer));
        Assert.Single(_host.Records(RoundRecord.Type));
    }

    [Theory]
    [InlineData("EGR1:estate/nowhere")]
    [InlineData("EGR1:other-estate/b3-lobby")]
    [InlineData("EGP1:eyJhbGciOiJFUzI1NiJ9")]
    [InlineData("../../etc/passwd")]
    public async Task A_code_of_no_place_here_is_refused_and_nothing_is_on_record(string code)
    {
        Assert.Equal(HttpStatusCode.Conflict, await DoneAsync(code, "patrol"));
        Assert.Empty(_host.Records(RoundRecord.Type));
    }

    [Fact]
    public async Task A_round_that_is_sent_again_is_one_round()
    {
        var form = Guid.NewGuid();
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, await DoneAsync("b3-lobby", "patrol", form));

        Assert.Single(_host.Records(RoundRecord.Type));
    }

    [Fact]
    public async Task A_round_told_late_counts_from_when_it_was_done_and_takes_nothing_back()
    {
        Lane.Time.Advance(TimeSpan.FromMinutes(20));
        await DoneAsync("b3-lobby", "patrol", minutesAgo: 10);
        Assert.Equal(230, (await DutyAsync("b3-lobby", "patrol")).GetProperty("dueIn").GetInt32());

        await DoneAsync("b3-lobby", "patrol", minutesAgo: 15); // another phone, earlier
        Assert.Equal(230, (await DutyAsync("b3-lobby", "patrol")).GetProperty("dueIn").GetInt32());
        await DoneAsync("b3-lobby", "disinfection", minutesAgo: -60); // a clock that is wrong
        Assert.Equal(24 * 60, (await DutyAsync("b3-lobby", "disinfection")).GetProperty("dueIn").GetInt32());
    }

    [Fact]
    public async Task What_was_done_last_is_known_after_a_restart()
    {
        await DoneAsync("b3-lobby", "disinfection");

        var again = ActivatorUtilities.CreateInstance<RoundDesk>(_host.Services, "estate", GuardPostHost.Places, Lane.PathOf("rounds.json"));

        var duty = again.Duties.Single(duty => duty is { Place.Id: "b3-lobby", Task: RoundTask.Disinfection });
        Assert.Equal(("li", TimeSpan.FromDays(1)), (duty.Last?.By, duty.DueIn));
    }
}
