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

    /// <summary>Seconds, of one of several notices: time to read both languages.</summary>
    private const long ShownFor = 8;

    private readonly Lock _posting = new();

    // Until the lane shows its first view nobody can pass, and the screen must not invite them.
    private Picture _current = new(new KioskView(KioskFace.OutOfService), []);
    private int _watchers;

    public KioskView Current => Volatile.Read(ref _current).View;

    /// <summary>Replaces the picture. Never blocks; of several threads the last one wins.</summary>
    public void Show(KioskView view) => Replace(before => new Picture(view, before.Notices));

    public void Post(KioskNotice notice) => Post(notice.Rank, notice);

    /// <summary>Stand, whatever the lane shows, until they end or others of their rank take their place. Several of one rank take turns.</summary>
    public void Post(NoticeRank rank, params IReadOnlyList<KioskNotice> notices) =>
        Replace(before => new Picture(before.View, [.. before.Notices.Where(other => other.Rank != rank), .. notices]));

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
                yield return picture.At(time); // a notice that has ended is gone at the next beat
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

    private sealed record Picture(KioskView View, IReadOnlyList<KioskNotice> Notices)
    {
        /// <summary>Of the notices that stand those of the highest rank, one after the other.</summary>
        public KioskView At(TimeProvider time)
        {
            if (Notices.Count == 0)
                return View;
            var now = time.GetTimestamp();
            var standing = Notices.Where(notice => now < notice.EndsAt).ToArray();
            if (standing.Length == 0)
                return View;
            var highest = Array.FindAll(standing, notice => notice.Rank == standing.Max(other => other.Rank));
            return View with { Notice = highest[now / (ShownFor * time.TimestampFrequency) % highest.Length] };
        }

        // Asynchronous, or the lane's thread would itself write to every browser inside Show.
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
