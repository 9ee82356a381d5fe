using EdgeGate.Access.Registers;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Passing;

namespace EdgeGate.Service.Tests.Registers;

public sealed class ListAgeNoticesTests : IAsyncLifetime
{
    private LaneUnderTest _lane = null!;

    public async Task InitializeAsync() => _lane = await LaneUnderTest.StartAsync();

    public async Task DisposeAsync() => await _lane.DisposeAsync();

    [Theory]
    [InlineData(10, null), InlineData(21.9, null), InlineData(22.5, "名单 90 分钟后过期"), InlineData(23.5, "名单 30 分钟后过期"), InlineData(25, "名单已过期，请联系管理员")]
    public void Two_hours_before_a_list_is_too_old_the_countdown_begins(double hoursOld, string? words)
    {
        using var notices = Notices(hoursOld);

        Assert.Equal(words, notices.Words()?.Zh);
    }

    [Fact]
    public async Task The_countdown_is_on_the_kiosk()
    {
        using var notices = Notices(hoursOld: 23.5);
        await notices.StartAsync(CancellationToken.None);

        using var watcher = _lane.Kiosk.TryWatch()!;
        using var limit = new CancellationTokenSource(Patience.Limit, TimeProvider.System);
        await foreach (var view in watcher.ViewsAsync(Timeout.InfiniteTimeSpan, _lane.Time, limit.Token))
        {
            if (view.Notice?.Words.En == "List expires in 30 min")
                break;
        }

        Assert.False(limit.IsCancellationRequested);
        await notices.StopAsync(CancellationToken.None);
    }

    private ListAgeNotices Notices(double hoursOld)
    {
        _lane.Registers.Put(new Register("residents", 1, _lane.Clock.Read().Wall.AddHours(-hoursOld), PersonTable.Empty));
        return new([new ListAgeSettings { List = "residents", MaxAge = TimeSpan.FromHours(24) }], _lane.Registers, new Lanes([_lane.Lane]), _lane.Clock, _lane.Time);
    }
}
