using EdgeGate.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Journal.Tests;

/// <summary>Random lives of a journal, compared step by step with a list in memory.</summary>
public sealed class ModelTests
{
    [Fact]
    public void A_journal_behaves_like_a_list_whatever_happens_to_its_process() =>
        Prop.ForAll<byte[], bool>((life, readsFromMemory) => Live(life, readsFromMemory ? 20 : 0).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(30).WithEndSize(40));

    private static async Task Live(byte[] life, int tailRecords)
    {
        var time = new ManualTime();
        var directory = new TemporaryDirectory();
        var records = new List<DateTimeOffset>(); // when record i + 1 was written
        long acknowledged = 0, kept = 1;
        var retention = TimeSpan.FromDays(30);
        DateTimeOffset opened = default, newestThen = default; // for a day the clock is believed to have stood still while the journal was closed
        var journal = await Open();
        try
        {
            foreach (var step in life)
            {
                var amount = step / 8;
                switch (step % 8)
                {
                    case 0 or 1:
                        await journal.AppendTextAsync("alone");
                        records.Add(time.GetUtcNow());
                        break;
                    case 2:
                        var first = records.Count;
                        var numbers = await Task.WhenAll(Enumerable.Range(0, amount).Select(_ => journal.AppendTextAsync("together").AsTask()));
                        Assert.Equal(Enumerable.Range(first + 1, amount).Select(n => (long)n), numbers.Order());
                        records.AddRange(Enumerable.Repeat(time.GetUtcNow(), amount));
                        break;
                    case 3:
                        var upTo = Math.Min(records.Count, acknowledged + amount - 5);
                        journal.Acknowledge(upTo);
                        acknowledged = Math.Max(acknowledged, upTo);
                        break;
                    case 4:
                        await journal.DisposeAsync();
                        journal = await Open();
                        break;
                    case 5: // killed: the cursor may have been lost, nothing else
                        var copy = directory.Copy();
                        await journal.DisposeAsync();
                        directory.Dispose();
                        directory = copy;
                        journal = await Open();
                        Assert.True(journal.AcknowledgedUpTo <= acknowledged);
                        acknowledged = journal.AcknowledgedUpTo;
                        break;
                    case 6:
                        time.Advance(TimeSpan.FromDays(amount) + TimeSpan.FromMinutes(1));
                        await journal.FlushAsync(CancellationToken.None);
                        var believed = time.GetUtcNow() - opened < TimeSpan.FromDays(1) ? newestThen + (time.GetUtcNow() - opened) : time.GetUtcNow();
                        while (kept <= acknowledged && records[(int)kept - 1] <= believed - retention)
                            kept++;
                        break;
                    default:
                        await Assert.ThrowsAsync<FormatException>(async () => await journal.AppendAsync((_, _) => throw new FormatException(), CancellationToken.None));
                        break;
                }
                Assert.Equal(records.Count, journal.LastSequence);
                Assert.Equal(acknowledged, journal.AcknowledgedUpTo);
                Assert.Equal(records.Count - acknowledged, journal.Backlog);
            }
            var all = await journal.ReadAsync(1, 10_000, CancellationToken.None);
            Assert.Equal(records.Count - kept + 1, all.Count);
            Assert.Equal(Enumerable.Range((int)kept, all.Count).Select(n => (long)n), all.Select(record => record.Sequence));
            Assert.All(all, record => Assert.Equal(records[(int)record.Sequence - 1], record.WrittenAt));
            Assert.All(all, record => Assert.StartsWith($"{record.Sequence}:", record.Text(), StringComparison.Ordinal));
            Assert.Null(journal.Status.LastHeal);
            using var reader = JournalReader.Open(directory.Path);
            Assert.Equal(new VerifyReport(all.Count, journal.Head, null), reader.Verify());
        }
        finally
        {
            await journal.DisposeAsync();
            directory.Dispose();
        }

        Task<GateJournal> Open()
        {
            (opened, newestThen) = (time.GetUtcNow(), kept <= records.Count ? records[^1] : time.GetUtcNow());
            return GateJournal.OpenAsync(directory.Options with { Retention = retention, TailRecords = tailRecords }, time, CancellationToken.None);
        }
    }
}
