using System.Net;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Service.GuardPost.Shift;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Tests.Passing;

namespace EdgeGate.Service.Tests.GuardPost;

public sealed class ShiftTests : IAsyncLifetime
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

    private async Task<JsonElement> ShiftAsync()
    {
        using var answer = await _li.GetAsync("shift");
        return await GuardBrowser.JsonOf(answer);
    }

    /// <summary>The summary follows the journal, and nothing tells when it has caught up.</summary>
    private async Task<JsonElement> DayAsync(Func<JsonElement, bool> until)
    {
        while (true)
        {
            Lane.Time.Advance(TimeSpan.FromSeconds(1)); // so that asking is not too fast
            var today = (await ShiftAsync()).GetProperty("today");
            if (until(today))
                return today;
        }
    }

    [Fact]
    public async Task The_day_counts_passages_by_hour_and_what_guards_did()
    {
        await Lane.PresentAsync(People.Card());
        await Lane.SeeAsync(KioskFace.Granted);
        await Lane.PresentAsync(People.Expired with { Number = People.OtherNumber });
        await Lane.SeeAsync(KioskFace.Denied);
        await Lane.PresentAsync(People.WithoutDate);
        await Patience.Until(() => Lane.Lane.Sight.Waiting is not null);
        using var granted = await _li.PostAsync("answer", new { lane = "lane-1", decision = Lane.Lane.Sight.Waiting!.Decision, wish = "granted", reason = "escorted" });
        using var opened = await _li.PostAsync("open", new { lane = "lane-1", reason = "delivery" });

        var today = await DayAsync(day => day.GetProperty("openedByGuards").GetInt32() == 1 && day.GetProperty("in").EnumerateArray().Sum(hour => hour.GetInt32()) == 3);

        Assert.Equal(3, today.GetProperty("in")[Lane.Clock.Read().Wall.Hour].GetInt32()); // by the rules, by the guard, and opened once
        Assert.Equal((1, 1, 1), (today.GetProperty("denied").GetInt32(), today.GetProperty("guardCases").GetInt32(), today.GetProperty("letPassByGuards").GetInt32()));
    }

    [Fact]
    public async Task The_day_comes_as_a_table_too()
    {
        using var answer = await _li.GetAsync("day.csv");
        var lines = (await answer.Content.ReadAsStringAsync()).Split("\r\n");

        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("2022-03-01,00,0,0", lines[1]);
        Assert.Equal("2022-03-01,23,0,0", lines[24]);
    }

    [Fact]
    public async Task A_note_is_there_for_the_next_shift_also_after_a_restart_and_not_in_the_clear_on_disk()
    {
        var form = Guid.NewGuid();
        for (var i = 0; i < 2; i++)
        {
            using var kept = await _li.PostAsync("note", new { form, text = "3-1-502 的测试一明早来取快递" });
            Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
        }

        Assert.Equal("3-1-502 的测试一明早来取快递", Assert.Single((await ShiftAsync()).GetProperty("notes").EnumerateArray()).GetProperty("text").GetString());
        Assert.DoesNotContain("测试一", await File.ReadAllTextAsync(Lane.PathOf("shift-notes")), StringComparison.Ordinal);
        Assert.Single(new ShiftNotes(Lane.PathOf("shift-notes"), new byte[32], new ListLogger<ShiftNotes>()).All);
        Assert.Empty(new ShiftNotes(Lane.PathOf("shift-notes"), [.. Enumerable.Repeat((byte)1, 32)], new ListLogger<ShiftNotes>()).All); // another site's
    }

    [Fact]
    public async Task A_note_that_could_not_be_kept_is_taken_when_it_is_sent_again()
    {
        var form = new { form = Guid.NewGuid(), text = "北门灯坏了" };
        Directory.CreateDirectory(Lane.PathOf("shift-notes")); // no file can take this name
        using var refused = await _li.PostAsync("note", form);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);

        Directory.Delete(Lane.PathOf("shift-notes"));
        using var kept = await _li.PostAsync("note", form);

        Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
        Assert.Single((await ShiftAsync()).GetProperty("notes").EnumerateArray());
    }

    [Fact]
    public async Task Days_of_a_clock_that_ran_ahead_do_not_push_today_out()
    {
        var today = Lane.Time.GetUtcNow();
        for (var day = 1; day <= DayFollower.DaysKept; day++)
            await DeniedAsync(today.AddYears(8).AddDays(day));
        await DeniedAsync(today);

        var summary = await DayAsync(day => day.GetProperty("denied").GetInt32() > 0).InTime();

        Assert.Equal("2022-03-01", summary.GetProperty("day").GetString());

        async Task DeniedAsync(DateTimeOffset at)
        {
            Lane.Time.StepWallClock(at);
            await Lane.PresentAsync(People.Expired);
            await Lane.SeeAsync(KioskFace.Denied);
            await Lane.LetPassAsync(TimeSpan.FromSeconds(4));
            await Lane.SeeAsync(KioskFace.Idle);
        }
    }

    [Fact]
    public void A_note_is_not_forgotten_when_the_gates_clock_is_set()
    {
        var notes = new ShiftNotes(Lane.PathOf("notes-of-1970"), new byte[32], new ListLogger<ShiftNotes>());
        var boot = Guid.NewGuid();
        notes.Add(ShiftNote.Of("li", "写于时钟设定之前", new ClockReading(DateTimeOffset.UnixEpoch, TimeSpan.FromMinutes(5), boot, ClockGrade.Unset)));

        notes.Add(ShiftNote.Of("li", "之后", new ClockReading(Lane.Time.GetUtcNow(), TimeSpan.FromMinutes(6), boot, ClockGrade.Synchronised)));
        Assert.Equal(2, notes.All.Count);

        notes.Add(ShiftNote.Of("li", "八天以后", new ClockReading(Lane.Time.GetUtcNow().AddDays(8), TimeSpan.FromDays(8), boot, ClockGrade.Synchronised)));
        Assert.Single(notes.All);
    }
}
