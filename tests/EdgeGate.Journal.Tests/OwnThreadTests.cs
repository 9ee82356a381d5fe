using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using EdgeGate.Testing;

namespace EdgeGate.Journal.Tests;

/// <summary>A caller with a thread of its own writes its record itself, when nobody else is writing.</summary>
public sealed class OwnThreadTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private GateJournal _journal = null!;

    public async Task InitializeAsync() => _journal = await GateJournal.OpenAsync(_directory.Options, new ManualTime(), CancellationToken.None);

    public async Task DisposeAsync() => await _journal.DisposeAsync();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Who_has_a_thread_of_its_own_need_not_wait_for_another()
    {
        var (wroteOn, wasDone) = (0, false);

        await OnOwnThread(() =>
        {
            var appended = _journal.AppendAsync((_, _) => wroteOn = Environment.CurrentManagedThreadId, CancellationToken.None);
            wasDone = appended.IsCompletedSuccessfully && wroteOn == Environment.CurrentManagedThreadId;
        });

        Assert.True(wasDone);
        Assert.Equal(1, _journal.LastSequence);
    }

    [Fact]
    public async Task What_need_not_be_on_disk_before_the_caller_goes_on_is_never_written_on_the_callers_thread()
    {
        var (caller, writers) = (0, new ConcurrentBag<int>());
        var appended = new List<Task<long>>();

        await OnOwnThread(() =>
        {
            caller = Environment.CurrentManagedThreadId;
            for (var i = 0; i < 50; i++)
                appended.Add(_journal.AppendBehindAsync((_, _) => writers.Add(Environment.CurrentManagedThreadId), CancellationToken.None).AsTask());
        });

        await Task.WhenAll(appended);
        Assert.Equal(50, writers.Count);
        Assert.DoesNotContain(caller, writers);
    }

    [Fact]
    public async Task Damage_that_a_line_meets_with_its_own_record_is_healed_on_the_writers_thread_and_the_record_is_kept()
    {
        var (line, healer) = (0, 0);
        var options = _directory.Options with { Directory = Path.Combine(_directory.Path, "other"), WriteHealRecord = (_, _, _) => healer = Environment.CurrentManagedThreadId };
        await using var journal = await GateJournal.OpenAsync(options, new ManualTime(), CancellationToken.None);
        await journal.AppendAsync((_, _) => { }, CancellationToken.None);
        TakeNumber(options, 2);
        long number = 0;

        await OnOwnThread(() =>
        {
            line = Environment.CurrentManagedThreadId;
            number = journal.AppendAsync((_, _) => { }, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        });

        Assert.NotEqual(0, healer);
        Assert.NotEqual(line, healer);
        Assert.Equal((number, null), (journal.LastSequence, journal.Status.Failure));
    }

    [Fact]
    public async Task What_a_line_left_to_the_writer_comes_before_what_was_asked_for_after_it()
    {
        var options = _directory.Options with { Directory = Path.Combine(_directory.Path, "other") };
        var queue = Channel.CreateBounded<WriterJob>(8);
        var (writer, _) = Writer(options, new ManualTime(), queue, () => { });
        AppendJob[] jobs = [.. Enumerable.Range(0, 4).Select(_ => new AppendJob((_, _) => { }))];
        TakeNumber(options, 1);

        queue.Writer.TryWrite(jobs[0]);
        Assert.True(writer.TryAppendHere(jobs[1]));
        Assert.False(jobs[1].Done.Task.IsCompleted);
        Assert.False(writer.TryAppendHere(jobs[2]));
        queue.Writer.TryWrite(jobs[2]);
        queue.Writer.TryWrite(jobs[3]);
        queue.Writer.Complete();
        writer.Run();

        var given = await Task.WhenAll(jobs.Select(job => job.Done.Task));
        Assert.Equal(Enumerable.Range(0, 4).Select(place => given[0] + place), given);
    }

    [Fact]
    public async Task What_a_line_left_to_the_writer_is_kept_though_the_journal_closes()
    {
        var options = _directory.Options with { Directory = Path.Combine(_directory.Path, "other") };
        var queue = Channel.CreateBounded<WriterJob>(8);
        var (writer, store) = Writer(options, new ManualTime(), queue, () => { });
        var job = new AppendJob((_, _) => { });
        TakeNumber(options, 1);

        queue.Writer.Complete();
        Assert.True(writer.TryAppendHere(job));
        writer.Run();

        Assert.Equal(store.Status.LastSequence, await job.Done.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System));
    }

    private static (JournalWriter Writer, StoreKeeper Store) Writer(JournalOptions options, ManualTime time, Channel<WriterJob> queue, Action tell)
    {
        var store = new StoreKeeper(options, time, queue, new Announcer(time, tell));
        store.EnsureOpen();
        return (new JournalWriter(store, queue), store);
    }

    private (JournalWriter Writer, StoreKeeper Store, ManualTime Time, Func<int> Told) Writer(Channel<WriterJob>? queue = null)
    {
        var (told, time) = (0, new ManualTime());
        var options = _directory.Options with { Directory = Path.Combine(_directory.Path, "other"), DiskBudgetBytes = 1024 * 1024 };
        var (writer, store) = Writer(options, time, queue ?? Channel.CreateBounded<WriterJob>(8), () => told++);
        told = 0;
        return (writer, store, time, () => told);
    }

    private static void Append(JournalWriter writer, bool isAhead) => Assert.True(writer.TryAppendHere(new AppendJob((_, _) => { }) { IsAhead = isAhead }));

    /// <summary>Damage that only the next record meets: its number is there already.</summary>
    private static void TakeNumber(JournalOptions options, long number)
    {
        using var store = StoreConnection.OpenWriter(new JournalFiles(options.Directory).Store);
        store.Execute($"insert into record values ({number}, x'00')");
    }

    [Fact]
    public void Who_follows_is_told_of_a_record_and_of_the_one_that_comes_right_behind_it_together()
    {
        var (writer, store, _, told) = Writer();

        Append(writer, isAhead: true);
        Assert.Equal((1, 0), (store.Status.LastSequence, told()));
        Append(writer, isAhead: false);
        Assert.Equal((2, 1), (store.Status.LastSequence, told()));
    }

    [Fact]
    public void Who_follows_is_told_though_records_with_another_to_come_never_cease()
    {
        var (writer, _, time, told) = Writer();

        for (var i = 0; i < 100; i++)
        {
            Append(writer, isAhead: true);
            time.Advance(TimeSpan.FromMilliseconds(20));
        }

        Assert.InRange(told(), 100 * 20 / 100, 100 * 20 / 50);
    }

    [Fact]
    public void Who_follows_is_told_within_a_second_though_what_was_to_follow_never_comes()
    {
        var (writer, _, time, told) = Writer();

        foreach (var round in Enumerable.Range(1, 3))
        {
            Append(writer, isAhead: true);
            Assert.Equal(round - 1, told());
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(round, told());
        }
    }

    [Fact]
    public void That_there_is_room_again_is_told_at_once()
    {
        var queue = Channel.CreateBounded<WriterJob>(8);
        var (writer, store, _, told) = Writer(queue);
        for (var i = 0; i < 30 && store.Status.Failure is null; i++)
        {
            store.EnsureOpen().Checkpoint(); // a long log is for the writer's own thread
            Assert.True(writer.TryAppendHere(new AppendJob((_, payload) => payload.Write(new byte[60_000])) { IsAhead = true }));
        }
        Assert.NotNull(store.Status.Failure);
        var before = told();

        store.Cursor.MoveTo(store.Status.LastSequence);
        queue.Writer.Complete();
        writer.Run();

        Assert.Null(store.Status.Failure);
        Assert.Equal(before + 1, told());
    }

    [Fact]
    public async Task What_need_not_be_on_disk_before_the_caller_goes_on_keeps_its_place()
    {
        var numbers = new List<Task<long>>();

        await OnOwnThread(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                numbers.Add(_journal.AppendBehindAsync((_, _) => { }, CancellationToken.None).AsTask());
                numbers.Add(AppendAsync("ahead"));
            }
        });

        IEnumerable<long> given = await Task.WhenAll(numbers);
        Assert.Equal(Enumerable.Range(1, 100).Select(number => (long)number), given);
    }

    [Fact]
    public async Task What_nobody_waits_for_waits_a_moment_for_company_but_not_for_ever()
    {
        var began = TimeProvider.System.GetTimestamp();

        await _journal.AppendBehindAsync((_, _) => { }, CancellationToken.None);

        Assert.True(TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromMilliseconds(40));
    }

    [Fact]
    public async Task What_waits_for_company_shares_the_flush_of_what_comes_behind_it()
    {
        const int Pairs = 40;
        var before = _journal.Status.Commits;

        for (var i = 0; i < Pairs; i++)
        {
            var waiting = _journal.AppendBehindAsync((_, _) => { }, CancellationToken.None).AsTask();
            await Task.Run(() => AppendAsync("queued too"));
            await waiting;
        }

        // A test that is held up for longer than the record waits gives it a flush of its own: some may.
        Assert.InRange(_journal.Status.Commits - before, Pairs, Pairs + (Pairs / 2));
    }

    [Fact]
    public async Task A_pool_thread_is_never_made_to_wait_for_the_disk()
    {
        var (asker, writer) = (0, 0);

        await Task.Run(async () =>
        {
            asker = Environment.CurrentManagedThreadId;
            await _journal.AppendAsync((_, _) => writer = Environment.CurrentManagedThreadId, CancellationToken.None);
        });

        Assert.NotEqual(asker, writer);
    }

    [Fact]
    public async Task What_queued_before_goes_before_and_other_work_is_left_to_the_writer()
    {
        var options = _directory.Options with { Directory = Path.Combine(_directory.Path, "other") };
        var queue = Channel.CreateBounded<WriterJob>(8);
        var (writer, _) = Writer(options, new ManualTime(), queue, () => { });
        AppendJob[] jobs = [.. Enumerable.Range(0, 5).Select(_ => new AppendJob((_, _) => { }))];
        var other = new ControlJob(_ => { });

        queue.Writer.TryWrite(jobs[0]);
        queue.Writer.TryWrite(jobs[1]);
        Assert.True(writer.TryAppendHere(jobs[2]));
        queue.Writer.TryWrite(jobs[3]);
        queue.Writer.TryWrite(other);
        Assert.False(writer.TryAppendHere(jobs[4]));
        queue.Writer.TryWrite(jobs[4]);
        queue.Writer.Complete();
        writer.Run();

        IEnumerable<long> given = await Task.WhenAll(jobs.Select(job => job.Done.Task));
        Assert.Equal([1, 2, 3, 4, 5], given);
        Assert.True(other.Done.Task.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_record_that_is_appended_while_another_is_made_comes_behind_it()
    {
        Task<long> second = null!;
        long first = 0;
        var made = 0;

        await OnOwnThread(() => first = _journal.AppendAsync(
            (_, _) =>
            {
                if (made++ == 0)
                    second = AppendAsync("second");
            },
            CancellationToken.None).AsTask().GetAwaiter().GetResult());

        Assert.Equal((1, 2, 1), (first, await second, made));
    }

    [Fact]
    public async Task Many_at_once_of_both_kinds_get_numbers_without_a_gap_and_each_in_its_own_order()
    {
        const int Threads = 4, Each = 200;
        var numbers = new ConcurrentDictionary<int, List<Task<long>>>();
        var asking = Enumerable.Range(0, 2 * Threads).Select(who => who < Threads ? OnOwnThread(() => Ask(who)) : Task.Run(() => Ask(who))).ToArray();
        await Task.WhenAll(asking);

        foreach (var mine in numbers.Values)
        {
            IEnumerable<long> given = await Task.WhenAll(mine);
            Assert.Equal(given.Order(), given);
        }
        Assert.Equal(2 * Threads * Each, _journal.LastSequence);
        var kept = new List<JournalRecord>();
        while (kept.Count < 2 * Threads * Each)
            kept.AddRange(await _journal.ReadAsync(kept.Count + 1, 500, CancellationToken.None));
        Assert.Equal(Enumerable.Range(1, kept.Count).Select(number => (long)number), kept.Select(record => record.Sequence));
        using var reader = JournalReader.Open(_directory.Path);
        Assert.Null(reader.Verify().Fault);

        void Ask(int who) => numbers[who] = [.. Enumerable.Range(0, Each).Select(i => AppendAsync($"{who} {i}"))];
    }

    [Fact]
    public async Task A_closed_journal_takes_nothing_from_anybody()
    {
        await _journal.DisposeAsync();

        await OnOwnThread(() => Assert.ThrowsAsync<ObjectDisposedException>(() => AppendAsync("late")).GetAwaiter().GetResult());
    }

    private Task<long> AppendAsync(string text) => _journal.AppendAsync((_, to) => to.Write(Encoding.UTF8.GetBytes(text)), CancellationToken.None).AsTask();

    private static Task OnOwnThread(Action run)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                run();
                done.SetResult();
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        })
        { IsBackground = true }.Start();
        return done.Task;
    }
}
