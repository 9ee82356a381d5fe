using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access;
using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Notices;
using EdgeGate.Mqtt;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Kiosk.Notices;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Tests.Passing;
using EdgeGate.Service.Tests.Uplink;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Tests.Kiosk;

/// <summary>What is announced at every gate of a site: who is believed, what stands, and what outlives a restart.</summary>
public sealed class SiteNoticesTests : IAsyncLifetime, IDisposable
{
    private static readonly SiteTopics Topics = new("estate");
    private readonly TemporaryDirectory _directory = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly CommandKeyRing _ring = new();
    private readonly FakeLink _link = new(window: 10);
    private readonly ListLogger<SiteNotices> _log = new();
    private LaneUnderTest _lane = null!;

    public async Task InitializeAsync()
    {
        _lane = await LaneUnderTest.StartAsync();
        _ring.Add(new CommandKey("office", _key.ExportSubjectPublicKeyInfoPem()));
        await StartAsync();
    }

    public async Task DisposeAsync() => await _lane.DisposeAsync();

    public void Dispose()
    {
        _ring.Dispose();
        _key.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Notices_of_the_site_take_turns_on_every_screen()
    {
        await HearAsync(Set(minutesAgo: 0, Notice("今日停水", "No water today"), Notice("周五核酸检测", "Tests on Friday")));

        var seen = new List<string?>();
        for (var beat = 0; beat < 16; beat++)
        {
            seen.Add(await ShownAsync());
            _lane.Time.Advance(KioskEndpoints.Heartbeat);
        }

        Assert.Equal(8, seen.Count(words => words == "No water today"));
        Assert.Equal(8, seen.Count(words => words == "Tests on Friday"));
    }

    [Fact]
    public async Task Each_notice_ends_in_its_time_and_an_empty_set_takes_all_back()
    {
        await HearAsync(Set(minutesAgo: 1, Notice("一", "Soon over", minutes: 5), Notice("二", "Later", minutes: 50)));
        _lane.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("Later", await ShownAsync());

        await HearAsync(Set(minutesAgo: 0));

        Assert.Null(await ShownAsync());
    }

    [Fact]
    public async Task Notices_stand_again_after_a_restart_before_the_broker_has_said_a_word()
    {
        await HearAsync(Set(minutesAgo: 0, Notice("今日停水", "No water today", minutes: 60)));
        _lane.Time.Advance(TimeSpan.FromMinutes(30));

        _lane.Kiosk.Post(NoticeRank.Operator); // a new process knows nothing
        using var service = new NoticeService(Shelf(), _lane.Clock, _lane.Time);
        await service.StartAsync(CancellationToken.None);
        await service.ExecuteTask!.InTime();
        Assert.Equal("No water today", await ShownAsync());

        _lane.Time.Advance(TimeSpan.FromMinutes(30));
        Assert.Null(await ShownAsync());
        await service.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_set_issued_before_the_one_that_stands_here_changes_nothing_not_even_after_a_restart()
    {
        var older = Set(minutesAgo: 5, Notice("旧", "Old"));
        await HearAsync(Set(minutesAgo: 1, Notice("新", "New")));
        await StartAsync();

        await HearAsync(older);

        Assert.Equal("New", await ShownAsync());
        Assert.Contains(_log.Lines, line => line.Contains("issued before", StringComparison.Ordinal));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Of_two_sets_signed_in_the_same_moment_every_gate_shows_the_same_whichever_it_heard_first(bool otherFirst)
    {
        var (one, other) = (Set(minutesAgo: 0, Notice("今日停水", "One")), Set(minutesAgo: 0, Notice("今日停水", "Two")));

        await HearAsync(otherFirst ? other : one);
        await HearAsync(otherFirst ? one : other);
        await StartAsync();
        await HearAsync(otherFirst ? other : one);

        Assert.Equal("Two", await ShownAsync());
    }

    [Fact]
    public void No_publisher_uses_a_stamp_twice_not_even_when_its_clock_was_set_back()
    {
        var standing = new SiteNoticeSet("estate", Now, []);
        Assert.Equal(Now.AddMilliseconds(1), SiteNoticeSet.StampAfter(standing, Now));
        Assert.Equal(Now.AddMilliseconds(1), SiteNoticeSet.StampAfter(standing, Now.AddDays(-1)));
        Assert.Equal(Now.AddSeconds(1), SiteNoticeSet.StampAfter(standing, Now.AddSeconds(1)));
        Assert.Equal(Now, SiteNoticeSet.StampAfter(standing: null, Now));
    }

    [Theory, InlineData("stranger"), InlineData("site"), InlineData("changed"), InlineData("command"), InlineData("noise")]
    public async Task What_nobody_known_signed_for_this_site_is_not_shown(string what)
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var set = new SiteNoticeSet("estate", Now, [Notice("假", "False")]);
        var token = what switch
        {
            "stranger" => set.Sign("office", stranger),
            "site" => (set with { Site = "another" }).Sign("office", _key),
            "changed" => Tampered(set.Sign("office", _key)),
            "command" => CommandToken.Sign(new IdentifyCommand { Gate = "estate/gate-1", Id = "command-1", IssuedAt = Now, Expires = Now.AddSeconds(30) }, "office", _key),
            _ => "no token at all",
        };

        await HearAsync(token);
        await HearAsync(token);

        Assert.Null(await ShownAsync());
        Assert.Single(_log.Lines); // the same twice fills no log
    }

    [Fact]
    public async Task A_broker_that_sends_one_refused_set_and_another_in_turns_fills_no_log()
    {
        var elsewhere = new SiteNoticeSet("another", Now, []).Sign("office", _key);
        for (var turn = 0; turn < 100; turn++)
        {
            await HearAsync("no token at all");
            await HearAsync(elsewhere);
        }
        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public void More_than_a_screen_can_tell_is_not_signed()
    {
        Assert.Throws<InvalidOperationException>(() => Set(0, [.. Enumerable.Repeat(Notice("多", "Many"), SiteNoticeSet.MostNotices + 1)]));
        Assert.Throws<InvalidOperationException>(() => Set(0, Notice(new string('长', NoticeCommand.LongestZh + 1), "Long")));
    }

    [Fact]
    public async Task Before_the_clock_is_set_nothing_is_shown_that_may_be_over()
    {
        await HearAsync(Set(minutesAgo: 0, Notice("今日停水", "No water today")));
        _lane.Kiosk.Post(NoticeRank.Operator);
        var unset = new GateClock(new Testing.ManualTime(new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.Zero)), Guid.Empty, () => false);

        new NoticeShelf(_directory["notices"], new Lanes([_lane.Lane]), unset, _lane.Time, new ListLogger<NoticeShelf>()).Post();

        Assert.Equal(ClockGrade.Unset, unset.Read().Grade);
        Assert.Null(await ShownAsync());
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_said_and_starts_empty()
    {
        await File.WriteAllTextAsync(_directory["notices"], "{ half a");
        var log = new ListLogger<NoticeShelf>();

        new NoticeShelf(_directory["notices"], new Lanes([_lane.Lane]), _lane.Clock, _lane.Time, log).Post();

        Assert.Single(log.Lines);
        Assert.Null(await ShownAsync());
    }

    private DateTimeOffset Now => _lane.Clock.Read().Wall;

    private NoticeShelf Shelf() => new(_directory["notices"], new Lanes([_lane.Lane]), _lane.Clock, _lane.Time, new ListLogger<NoticeShelf>());

    private Task StartAsync() => new SiteNotices(Topics, Shelf(), _ring, _link, _lane.Clock, _log).StartAsync(CancellationToken.None);

    private SiteNotice Notice(string zh, string en, int minutes = 60) => new(zh, en, Now.AddMinutes(minutes));

    private string Set(int minutesAgo, params SiteNotice[] notices) => new SiteNoticeSet("estate", Now.AddMinutes(-minutesAgo), notices).Sign("office", _key);

    private static string Tampered(string token) => token.Split('.') is [var header, var claims, var signature]
        ? $"{header}.{claims[..^1]}{(claims[^1] == 'A' ? 'B' : 'A')}.{signature}" : token;

    private async Task HearAsync(string token) => await _link.Handlers[Topics.Notices](
        new MqttInbound { Topic = Topics.Notices, Payload = Encoding.ASCII.GetBytes(token), Retained = true }, CancellationToken.None);

    private async Task<string?> ShownAsync()
    {
        using var watcher = _lane.Kiosk.TryWatch()!;
        await foreach (var view in watcher.ViewsAsync(Timeout.InfiniteTimeSpan, _lane.Time, CancellationToken.None))
            return view.Notice?.Words.En;
        return null;
    }
}
