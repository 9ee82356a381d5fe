using System.Net;
using System.Text.Json;
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
}
