using System.Runtime.CompilerServices;

namespace EdgeGate.Service.Kiosk;

/// <summary>
/// The one picture the lane shows now. Nothing is queued for anybody: who watches takes the current view whenever it is
/// ready for one, so a slow browser skips pictures and can never hold the lane up.
/// </summary>
internal sealed class KioskBoard
{
    /// <summary>More screens than any gate has; bounds what a stranger on the local network can make us hold open.</summary>
    public const int MaxWatchers = 50;

    private readonly Lock _posting = new();

    // Until the lane shows its first view nobody can pass, and the screen must not invite them.
    private Picture _current = new(new KioskView(KioskFace.OutOfService), new KioskNotice?[Enum.GetValues<NoticeRank>().Length]);
    private int _watchers;

    public KioskView Current => Volatile.Read(ref _current).View;

    /// <summary>Replaces the picture. Never blocks; of several threads the last one wins.</summary>
    public void Show(KioskView view) => Replace(before => new Picture(view, before.Notices));

    /// <summary>Stands, whatever the lane shows, until it ends or another one of its sort takes its place: there is never more than one of each.</summary>
    public void Post(KioskNotice notice) => Replace(before =>
    {
        KioskNotice?[] notices = [.. before.Notices];
        notices[(int)notice.Rank] = notice;
        return new Picture(before.View, notices);
    });

    /// <summary>Takes a place among the watchers, given back by Dispose; null when all are taken.</summary>
    public Watcher? TryWatch()
    {
        if (Interlocked.Increment(ref _watchers) <= MaxWatchers)
            return new Watcher(this);
        Interlocked.Decrement(ref _watchers);
        return null;
    }

    internal sealed class Watcher(KioskBoard board) : IDisposable
    {
        private int _left;

        /// <summary>
        /// The current view at once, then the newest one at each change, and the same again whenever
        /// <paramref name="repeatAfter"/> went by without a change. Ends, without throwing, when cancelled.
        /// </summary>
        public async IAsyncEnumerable<KioskView> ViewsAsync(
            TimeSpan repeatAfter, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var picture = Volatile.Read(ref board._current);
                yield return picture.At(time.GetTimestamp()); // a notice that has ended is gone at the next beat
                await picture.Replaced.Task.WaitAsync(repeatAfter, time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                Interlocked.Decrement(ref board._watchers);
        }
    }

    private void Replace(Func<Picture, Picture> next)
    {
        Picture before;
        lock (_posting) // two threads may post; nobody waits longer than for the other's assignment
        {
            before = _current;
            Volatile.Write(ref _current, next(before));
        }
        before.Replaced.SetResult();
    }

    /// <param name="Notices">One of each rank.</param>
    private sealed record Picture(KioskView View, IReadOnlyList<KioskNotice?> Notices)
    {
        public KioskView At(long timestamp) =>
            Notices.LastOrDefault(notice => timestamp < notice?.EndsAt) is { } standing ? View with { Notice = standing } : View;

        // Asynchronous, or the lane's thread would itself write to every browser inside Show.
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
