using EdgeGate.Access;
using EdgeGate.Service.Kiosk;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Kiosk;

public sealed class KioskBoardTests : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // a broken board fails the test instead of hanging it

    private readonly KioskBoard _board = new();
    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _leaving = new();

    public void Dispose() => _leaving.Dispose();

    [Fact]
    public void Before_the_lane_shows_anything_nobody_is_invited() =>
        Assert.Equal(KioskFace.OutOfService, _board.Current.Face);

    [Fact]
    public async Task A_new_watcher_gets_the_current_view_at_once()
    {
        _board.Show(new KioskView(KioskFace.Granted));
        await using var views = Watch();

        Assert.Equal(KioskFace.Granted, await NextAsync(views));
    }

    [Fact]
    public async Task A_change_arrives_without_the_clock_moving()
    {
        await using var views = Watch();
        await NextAsync(views);
        var next = NextAsync(views);
        Assert.False(next.IsCompleted);

        _board.Show(new KioskView(KioskFace.Reading));

        Assert.Equal(KioskFace.Reading, await next);
    }

    [Fact]
    public async Task A_slow_watcher_skips_to_the_newest_view()
    {
        await using var views = Watch();
        await NextAsync(views);

        _board.Show(new KioskView(KioskFace.Reading));
        _board.Show(new KioskView(KioskFace.Granted));
        _board.Show(new KioskView(KioskFace.Idle));

        Assert.Equal(KioskFace.Idle, await NextAsync(views));
        Assert.False(NextAsync(views).IsCompleted);
        await _leaving.CancelAsync();
    }

    [Fact]
    public async Task Every_watcher_gets_the_same_change()
    {
        await using var one = Watch();
        await using var other = Watch();
        await NextAsync(one);
        await NextAsync(other);

        _board.Show(new KioskView(KioskFace.Denied));

        Assert.Equal(KioskFace.Denied, await NextAsync(one));
        Assert.Equal(KioskFace.Denied, await NextAsync(other));
    }

    [Fact]
    public async Task A_view_that_stays_is_repeated_at_each_beat()
    {
        await using var views = Watch();
        await NextAsync(views);

        for (var beat = 0; beat < 3; beat++)
        {
            var next = NextAsync(views);
            _time.Advance(Beat - TimeSpan.FromMilliseconds(1));
            Assert.False(next.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(KioskFace.OutOfService, await next);
        }
    }

    [Fact]
    public async Task Waiting_for_hours_leaves_no_timers_behind()
    {
        await using var views = Watch();
        for (var beat = 0; beat < 10_000; beat++)
        {
            var next = NextAsync(views);
            _time.Advance(Beat);
            await next;
        }

        Assert.InRange(_time.WaitingTimers, 0, 1);
    }

    [Fact]
    public async Task Cancelling_ends_the_stream_without_an_error()
    {
        await using var views = Watch();
        await NextAsync(views);
        var next = views.MoveNextAsync();

        await _leaving.CancelAsync();

        Assert.False(await next.AsTask().WaitAsync(Patience, TimeProvider.System, CancellationToken.None));
    }

    [Fact]
    public void Watchers_are_limited_and_a_place_given_back_can_be_taken_again()
    {
        var watchers = Enumerable.Range(0, KioskBoard.MaxWatchers).Select(_ => _board.TryWatch()).ToList();
        Assert.All(watchers, Assert.NotNull);
        Assert.Null(_board.TryWatch());

        watchers[0]!.Dispose();
        watchers[0]!.Dispose(); // twice gives one place back, not two

        Assert.NotNull(_board.TryWatch());
        Assert.Null(_board.TryWatch());
    }

    [Fact]
    public async Task Of_many_threads_showing_at_once_the_watcher_ends_on_what_the_board_holds()
    {
        await using var views = Watch();
        await NextAsync(views);

        await Parallel.ForEachAsync(Enumerable.Range(3500, 500), _leaving.Token, (hundredths, _) =>
        {
            _board.Show(new KioskView(KioskFace.Granted) { Temperature = new Celsius(hundredths) });
            return ValueTask.CompletedTask;
        });

        await NextAsync(views);
        Assert.Same(_board.Current, views.Current);
    }

    private IAsyncEnumerator<KioskView> Watch() =>
        _board.TryWatch()!.ViewsAsync(Beat, _time, _leaving.Token).GetAsyncEnumerator(CancellationToken.None);

    private static async Task<KioskFace> NextAsync(IAsyncEnumerator<KioskView> views)
    {
        Assert.True(await views.MoveNextAsync().AsTask().WaitAsync(Patience, TimeProvider.System));
        return views.Current.Face;
    }
}
