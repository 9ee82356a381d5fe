using System.Security.Cryptography;
using System.Text;
using EdgeGate.Testing;
using Microsoft.Data.Sqlite;

namespace EdgeGate.Journal.Tests;

public sealed class ChainTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_hash_is_the_documented_one()
    {
        byte[] input = [0, 2, .. "g1"u8, 0, 0, 0, 0, 0, 0, 0, 7, .. new byte[32], .. "payload"u8];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(input)), ChainHash.Next("g1", 7, default, "payload"u8).ToString());
    }

    [Fact]
    public void The_checksum_is_CRC_32C() => Assert.Equal(0xE3069283u, RecordFrame.Crc32C("123456789"u8));

    private async Task<ChainHead> Write(int records)
    {
        await using var journal = await GateJournal.OpenAsync(_directory.Options, new ManualTime(), CancellationToken.None);
        for (var i = 0; i < records; i++)
            await journal.AppendTextAsync("x");
        return journal.Head;
    }

    private void Change(string sql, byte[]? frame = null)
    {
        using var connection = new SqliteConnection($"Data Source={_directory.Store};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$frame", frame ?? []);
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    private VerifyReport Verify(ChainHead? head = null)
    {
        using var reader = JournalReader.Open(_directory.Path);
        return reader.Verify(head);
    }

    [Fact]
    public async Task A_record_rewritten_with_a_good_checksum_is_named()
    {
        await Write(20);
        JournalRecord old;
        using (var reader = JournalReader.Open(_directory.Path))
            old = reader.Read(13, 1)[0];
        Change("update record set frame=$frame where sequence=13",
            RecordFrame.Encode(FrameKind.Record, 13, old.WrittenAt, old.Hash, Encoding.UTF8.GetBytes("13:forged")));
        Assert.Equal((13, ChainFaultKind.Altered), (Verify().Fault!.Sequence, Verify().Fault!.Kind));
    }

    [Fact]
    public async Task A_record_rewritten_together_with_its_hash_shows_at_the_next_one()
    {
        await Write(20);
        JournalRecord before, old;
        using (var reader = JournalReader.Open(_directory.Path))
            (before, old) = (reader.Read(12, 1)[0], reader.Read(13, 1)[0]);
        var forged = Encoding.UTF8.GetBytes("13:forged");
        Change("update record set frame=$frame where sequence=13",
            RecordFrame.Encode(FrameKind.Record, 13, old.WrittenAt, ChainHash.Next("gate-1", 13, before.Hash, forged), forged));
        Assert.Equal((14, ChainFaultKind.Altered), (Verify().Fault!.Sequence, Verify().Fault!.Kind));
    }

    [Fact]
    public async Task A_removed_record_is_named()
    {
        await Write(20);
        Change("delete from record where sequence=7");
        Assert.Equal((7, ChainFaultKind.Missing), (Verify().Fault!.Sequence, Verify().Fault!.Kind));
    }

    [Fact]
    public async Task A_broken_record_is_named()
    {
        await Write(20);
        Change("update record set frame=substr(frame, 1, 61) || x'00' || substr(frame, 63) where sequence=9");
        Assert.Equal((9, ChainFaultKind.Broken), (Verify().Fault!.Sequence, Verify().Fault!.Kind));
    }

    [Fact]
    public async Task A_cut_off_tail_shows_against_the_head_that_the_far_end_knows()
    {
        var head = await Write(20);
        Change("delete from record where sequence=20");
        Assert.Null(Verify().Fault);
        Assert.Equal((20, ChainFaultKind.CutOff), (Verify(head).Fault!.Sequence, Verify(head).Fault!.Kind));
    }

    [Fact]
    public async Task Numbers_that_were_left_out_are_accounted_for_and_never_given()
    {
        await Write(3);
        await using (var journal = await GateJournal.OpenAsync(_directory.Options, new ManualTime(), CancellationToken.None))
        {
            await journal.RaiseNextAsync(11, CancellationToken.None);
            Assert.Equal([new VoidRange(4, 10, VoidCause.Unknown)], journal.Status.VoidRanges);
            Assert.Equal(11, await journal.AppendTextAsync("x"));
            await journal.RaiseNextAsync(21, CancellationToken.None);
            Assert.Equal(21, await journal.AppendTextAsync("x"));
            Assert.Equal(5, journal.Backlog);
            Assert.Equal([1L, 2, 3, 11, 21], (await journal.ReadAsync(1, 10, CancellationToken.None)).Select(record => record.Sequence));
        }
        Assert.Null(Verify().Fault);
        await using var again = await GateJournal.OpenAsync(_directory.Options, new ManualTime(), CancellationToken.None);
        Assert.Null(again.Status.LastHeal);
        Assert.Equal(21, again.LastSequence);
    }
}
