using EdgeGate.Testing;

namespace EdgeGate.Journal.Tests;

public sealed class OutboxTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _directory.Dispose();

    private Task<GateJournal> Open() => GateJournal.OpenAsync(_directory.Options, _time, CancellationToken.None);

    private long CursorOnDisk()
    {
        using var reader = JournalReader.Open(_directory.Path);
        return reader.ReadAcknowledgedUpTo();
    }

    [Fact]
    public async Task The_cursor_moves_in_memory_and_rides_on_the_next_record()
    {
        await using var journal = await Open();
        for (var i = 0; i < 10; i++)
            await journal.AppendTextAsync("x");
        Assert.Equal(10, journal.Backlog);
        journal.Acknowledge(7);
        Assert.Equal(7, journal.AcknowledgedUpTo);
        Assert.Equal(3, journal.Backlog);
        Assert.Equal(0, CursorOnDisk());
        await journal.AppendTextAsync("x");
        Assert.Equal(7, CursorOnDisk());
    }

    [Fact]
    public async Task A_record_carries_the_cursor_once_a_second_at_most()
    {
        await using var journal = await Open();
        await journal.AppendTextAsync("x");
        journal.Acknowledge(1);
        await journal.AppendTextAsync("x");
        journal.Acknowledge(2);

        _time.Advance(TimeSpan.FromSeconds(0.9));
        await journal.AppendTextAsync("x");
        Assert.Equal(1, CursorOnDisk());

        _time.Advance(TimeSpan.FromSeconds(0.1));
        await journal.AppendTextAsync("x");
        Assert.Equal(2, CursorOnDisk());
    }

    [Fact]
    public async Task The_cursor_never_moves_back_nor_beyond_the_last_record()
    {
        await using var journal = await Open();
        await journal.AppendTextAsync("x");
        await journal.AppendTextAsync("x");
        journal.Acknowledge(2);
        journal.Acknowledge(1);
        Assert.Equal(2, journal.AcknowledgedUpTo);
        journal.Acknowledge(99);
        Assert.Equal(2, journal.AcknowledgedUpTo);
    }

    [Fact]
    public async Task The_cursor_reaches_the_disk_by_itself_when_no_record_comes()
    {
        await using var journal = await Open();
        await journal.AppendTextAsync("x");
        journal.Acknowledge(1);
        _time.Advance(TimeSpan.FromSeconds(5));
        await journal.FlushAsync(CancellationToken.None); // stands behind the timer's flush in the queue
        Assert.Equal(1, CursorOnDisk());
    }

    [Fact]
    public async Task The_cursor_survives_a_clean_close()
    {
        await using (var journal = await Open())
        {
            await journal.AppendTextAsync("x");
            await journal.AppendTextAsync("x");
            journal.Acknowledge(1);
        }
        await using var again = await Open();
        Assert.Equal(1, again.AcknowledgedUpTo);
        Assert.Equal(1, again.Backlog);
    }

    [Fact]
    public async Task Another_process_can_read_while_records_are_written()
    {
        await using var journal = await Open();
        using var reader = Open1();
        for (var i = 1; i <= 50; i++)
        {
            await journal.AppendTextAsync("x");
            Assert.Equal(i, reader.ReadStatus().LastSequence);
        }
        var all = new List<long>();
        await foreach (var record in reader.ReadAllAsync(11, 40))
            all.Add(record.Sequence);
        Assert.Equal(Enumerable.Range(11, 30).Select(n => (long)n), all);

        JournalReader Open1() => JournalReader.Open(_directory.Path);
    }
}
