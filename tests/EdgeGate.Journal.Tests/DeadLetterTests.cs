using EdgeGate.Testing;

namespace EdgeGate.Journal.Tests;

public sealed class DeadLetterTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _directory.Dispose();

    private Task<GateJournal> Open() => GateJournal.OpenAsync(_directory.Options, _time, CancellationToken.None);

    private async Task<GateJournal> OpenWith(int records)
    {
        var journal = await Open();
        for (var i = 0; i < records; i++)
            await journal.AppendTextAsync("text");
        return journal;
    }

    [Fact]
    public async Task A_refused_record_stays_set_aside_over_a_restart()
    {
        await using (var journal = await OpenWith(5))
            Assert.True(await journal.SetAsideAsync(3, "packet too large", CancellationToken.None));

        await using var again = await Open();
        var letter = Assert.Single(again.Status.DeadLetters);
        Assert.Equal(new DeadLetter(3, "packet too large", _time.GetUtcNow()), letter);
        Assert.Equal(5, (await again.ReadAsync(1, 10, CancellationToken.None)).Count); // it is kept like every other
    }

    [Fact]
    public async Task Setting_aside_twice_counts_once()
    {
        await using var journal = await OpenWith(1);
        await journal.SetAsideAsync(1, "first", CancellationToken.None);
        Assert.True(await journal.SetAsideAsync(1, "second", CancellationToken.None));
        Assert.Equal("first", Assert.Single(journal.Status.DeadLetters).Reason);
    }

    [Fact]
    public async Task A_far_end_that_refuses_everything_cannot_set_everything_aside()
    {
        await using var journal = await OpenWith(DeadLetter.Most + 1);
        for (var sequence = 1; sequence <= DeadLetter.Most; sequence++)
            Assert.True(await journal.SetAsideAsync(sequence, "no", CancellationToken.None));
        Assert.False(await journal.SetAsideAsync(DeadLetter.Most + 1, "no", CancellationToken.None));
        Assert.Equal(DeadLetter.Most, journal.Status.DeadLetters.Count);
    }

    [Fact]
    public async Task What_was_taken_after_all_is_no_dead_letter_any_more()
    {
        await using var journal = await OpenWith(9);
        foreach (var sequence in (long[])[2, 5, 8])
            await journal.SetAsideAsync(sequence, "no", CancellationToken.None);
        await journal.TakeBackAsync(5, CancellationToken.None);
        Assert.Equal([2, 8], journal.Status.DeadLetters.Select(letter => letter.Sequence));
    }

    [Fact]
    public async Task A_heal_keeps_the_dead_letters_whose_records_it_found()
    {
        await using (var journal = await OpenWith(5))
            await journal.SetAsideAsync(3, "no", CancellationToken.None);
        var store = Path.Combine(_directory.Path, "journal.db");
        await using (var file = new FileStream(store, FileMode.Open))
            file.Write(new byte[100]); // SQLite's own header

        await using var healed = await Open();
        Assert.NotNull(healed.Status.LastHeal);
        Assert.Equal(3, Assert.Single(healed.Status.DeadLetters).Sequence);
    }

    [Fact]
    public async Task A_dead_letter_deleted_at_its_age_is_counted_as_dropped()
    {
        await using var journal = await GateJournal.OpenAsync(_directory.Options with { Retention = TimeSpan.FromDays(1) }, _time, CancellationToken.None);
        await journal.AppendTextAsync("text");
        await journal.SetAsideAsync(1, "no", CancellationToken.None);
        journal.Acknowledge(1);
        _time.Advance(TimeSpan.FromDays(2));
        await journal.FlushAsync(CancellationToken.None);
        Assert.Equal(1, journal.Status.PurgedUpTo);
        Assert.Empty(journal.Status.DeadLetters);
        Assert.Equal(1, journal.Status.Dropped); // nobody ever had it
    }
}
