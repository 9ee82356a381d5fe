using EdgeGate.Testing;

namespace EdgeGate.Journal.Tests;

public sealed class JournalTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _directory.Dispose();

    private Task<GateJournal> Open() => GateJournal.OpenAsync(_directory.Options, _time, CancellationToken.None);

    [Fact]
    public async Task Records_come_back_in_order_with_the_number_they_were_given()
    {
        await using var journal = await Open();
        Assert.Equal(0, journal.LastSequence);
        Assert.Equal(1, await journal.AppendTextAsync("first"));
        Assert.Equal(2, await journal.AppendTextAsync("second"));

        var records = await journal.ReadAsync(1, 10, CancellationToken.None);
        Assert.Equal(["1:first", "2:second"], records.Select(record => record.Text()));
        Assert.Equal([1L, 2L], records.Select(record => record.Sequence));
        Assert.All(records, record => Assert.Equal(_time.GetUtcNow(), record.WrittenAt));
        Assert.Equal(new ChainHead(2, records[1].Hash), journal.Head);
        Assert.Equal(ChainHash.Next("gate-1", 2, records[0].Hash, records[1].Payload.Span), records[1].Hash);
    }

    [Fact]
    public async Task What_followers_get_from_memory_is_what_lies_on_disk()
    {
        await using var journal = await GateJournal.OpenAsync(_directory.Options with { TailRecords = 10 }, _time, CancellationToken.None);
        for (var i = 0; i < 25; i++)
            await journal.AppendTextAsync($"record {i}");
        using var disk = JournalReader.Open(_directory.Path);
        for (var from = 1; from <= 26; from++)
        {
            var followed = await journal.ReadAsync(from, 7, CancellationToken.None);
            Assert.Equal(
                disk.Read(from, 7).Select(record => (record.Sequence, record.WrittenAt, record.Hash, record.Text())),
                followed.Select(record => (record.Sequence, record.WrittenAt, record.Hash, record.Text())));
        }
        Assert.True(journal.ReadAsync(16, 1, CancellationToken.None).AsTask().IsCompletedSuccessfully); // from memory
    }

    [Fact]
    public async Task Numbers_go_on_without_a_gap_after_every_restart()
    {
        for (var start = 0; start < 5; start++)
        {
            await using var journal = await Open();
            Assert.Equal(start * 3, journal.LastSequence);
            for (var i = 1; i <= 3; i++)
                Assert.Equal(start * 3 + i, await journal.AppendTextAsync("x"));
        }
        using var reader = JournalReader.Open(_directory.Path);
        var report = reader.Verify();
        Assert.Null(report.Fault);
        Assert.Equal(15, report.Records);
    }

    [Fact]
    public async Task Sixty_four_concurrent_writers_get_contiguous_numbers_and_share_flushes()
    {
        await using var journal = await Open();
        var numbers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            var mine = new List<long>();
            for (var i = 0; i < 20; i++)
                mine.Add(await journal.AppendTextAsync("x"));
            return mine;
        })));
        Assert.All(numbers, mine => Assert.Equal(mine.Order(), mine));
        Assert.Equal(Enumerable.Range(1, 1280).Select(n => (long)n), numbers.SelectMany(n => n).Order());
        Assert.InRange(journal.Status.Commits, 1, 640);
    }

    [Fact]
    public async Task A_writer_that_throws_fails_only_its_own_append_and_uses_no_number()
    {
        await using var journal = await Open();
        var appends = Enumerable.Range(0, 30).Select(i => i % 3 == 1
            ? journal.AppendAsync((_, _) => throw new FormatException("mine"), CancellationToken.None).AsTask()
            : journal.AppendTextAsync("good").AsTask()).ToArray();
        for (var i = 0; i < appends.Length; i++)
            if (i % 3 == 1)
                await Assert.ThrowsAsync<FormatException>(() => appends[i]);
            else
                await appends[i];
        Assert.Equal(20, journal.LastSequence);
        Assert.Equal(20, (await journal.ReadAsync(1, 100, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task A_payload_over_the_limit_is_refused_and_uses_no_number()
    {
        await using var journal = await Open();
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await journal.AppendAsync((_, payload) => payload.Advance(payload.GetSpan(70_000).Length), CancellationToken.None));
        Assert.Equal(1, await journal.AppendTextAsync("small"));
    }

    [Fact]
    public async Task An_append_cancelled_before_it_was_queued_leaves_nothing()
    {
        await using var journal = await Open();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await journal.AppendAsync((_, _) => { }, new CancellationToken(canceled: true)));
        Assert.Equal(1, await journal.AppendTextAsync("x"));
    }

    [Fact]
    public async Task An_append_after_closing_says_that_the_journal_is_closed()
    {
        var journal = await Open();
        await journal.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await journal.AppendTextAsync("late"));
    }

    [Fact]
    public async Task Appends_queued_before_closing_are_all_on_disk()
    {
        var journal = await Open();
        var appends = Enumerable.Range(0, 100).Select(_ => journal.AppendTextAsync("x").AsTask()).ToArray();
        await journal.DisposeAsync();
        Assert.Equal(Enumerable.Range(1, 100).Select(n => (long)n), await Task.WhenAll(appends));
        using var reader = JournalReader.Open(_directory.Path);
        Assert.Equal(100, reader.Read(1, 1000).Count);
    }

    [Fact]
    public async Task Waiting_for_a_record_ends_when_it_is_there_and_at_once_when_it_already_is()
    {
        await using var journal = await Open();
        var waiting = journal.WaitForAppendAsync(1, CancellationToken.None);
        await journal.AppendTextAsync("1");
        Assert.False(waiting.IsCompleted);
        await journal.AppendTextAsync("2");
        await waiting;
        await journal.WaitForAppendAsync(0, CancellationToken.None);
    }

    [Fact]
    public async Task Pages_are_bounded_by_count_and_by_bytes()
    {
        await using var journal = await Open();
        for (var i = 0; i < 100; i++)
            await journal.AppendAsync((_, payload) => { payload.GetSpan(60_000)[..60_000].Clear(); payload.Advance(60_000); }, CancellationToken.None);
        Assert.Equal(10, (await journal.ReadAsync(5, 10, CancellationToken.None)).Count);
        var page = await journal.ReadAsync(1, 1000, CancellationToken.None);
        Assert.InRange(page.Count, 60, 80); // 4 MiB
        Assert.Equal(page.Count + 1, (await journal.ReadAsync(page.Count + 1, 1, CancellationToken.None))[0].Sequence);
    }

    [Fact]
    public async Task A_second_journal_in_the_same_directory_is_refused()
    {
        await using var journal = await Open();
        await using var second = await Open();
        Assert.Equal(JournalFailure.InUse, second.Status.Failure?.Cause);
        var refused = await Assert.ThrowsAsync<JournalException>(async () => await second.AppendTextAsync("x"));
        Assert.Equal(JournalFailure.InUse, refused.Cause);
        Assert.Equal(1, await journal.AppendTextAsync("x"));
    }

    [Fact]
    public async Task Another_gates_store_is_left_alone()
    {
        await using (var journal = await Open())
            await journal.AppendTextAsync("x");
        await using var other = await GateJournal.OpenAsync(_directory.Options with { GateId = "gate-2" }, _time, CancellationToken.None);
        Assert.Equal(JournalFailure.WrongGate, other.Status.Failure?.Cause);
    }

    [Fact]
    public async Task Whoever_waits_while_the_journal_closes_is_told()
    {
        var journal = await Open();
        var waiting = journal.WaitForAppendAsync(0, CancellationToken.None);
        await journal.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await journal.AppendTextAsync("x"));
    }

    [Fact]
    public async Task Options_that_cannot_be_meant_are_refused_by_name()
    {
        await RefusedAsync(_directory.Options with { QueueLength = 0 }, nameof(JournalOptions.QueueLength));
        await RefusedAsync(_directory.Options with { CursorFlushAfter = TimeSpan.FromHours(2) }, nameof(JournalOptions.CursorFlushAfter));
        await RefusedAsync(_directory.Options with { GateId = "" }, "GateId.Length");

        async Task RefusedAsync(JournalOptions options, string named) =>
            Assert.Equal(named, (await Assert.ThrowsAnyAsync<ArgumentException>(() => GateJournal.OpenAsync(options, _time, CancellationToken.None))).ParamName);
    }

    [Fact]
    public void Records_whose_appenders_were_told_of_a_failure_can_be_taken_back()
    {
        JournalStore.Create(_directory.Store, "gate-1", _time.GetUtcNow());
        using var store = JournalStore.Open(_directory.Store, _time, walFrames: 0);
        ChainHead head = default;
        for (var n = 1; n <= 3; n++)
        {
            head = new ChainHead(n, ChainHash.Next("gate-1", n, head.Hash, []));
            store.Commit([(n, RecordFrame.Encode(FrameKind.Record, n, _time.GetUtcNow(), head.Hash, []))], head, acknowledged: 0);
        }
        store.RemoveAfter(2);
        Assert.Equal(2, store.LastSequence);
        Assert.Equal(2, store.Head.Sequence);
    }
}
