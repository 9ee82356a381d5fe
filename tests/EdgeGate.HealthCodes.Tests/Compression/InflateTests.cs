using System.IO.Compression;
using EdgeGate.HealthCodes.Compression;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.HealthCodes.Tests.Compression;

public class InflateTests
{
    private const int Limit = 64 * 1024;
    private static readonly byte[] Sample = [.. Enumerable.Range(0, 3000).Select(i => (byte)((i * i / 7) ^ (i % 11)))];

    [Fact]
    public void Whatever_the_framework_packs_comes_out_again()
    {
        Prop.ForAll<byte[], int>((bytes, level) =>
        {
            // Repeats make back references, and noise makes stored blocks.
            byte[] content = [1, .. bytes, .. bytes, .. bytes.Reverse(), .. Enumerable.Repeat((byte)level, Math.Abs(level) * 20)];
            foreach (var how in (ReadOnlySpan<CompressionLevel>)[CompressionLevel.SmallestSize, CompressionLevel.Fastest, CompressionLevel.NoCompression, CompressionLevel.Optimal])
            {
                var packed = Pack(content, how);
                Assert.Equal(InflateStatus.Done, Zlib.TryDecode(packed, Limit, out var output));
                Assert.Equal(content, output.ToArray());
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory, InlineData(CompressionLevel.SmallestSize), InlineData(CompressionLevel.NoCompression)]
    public void A_stream_cut_anywhere_is_refused(CompressionLevel level)
    {
        var packed = Pack(Sample, level);
        for (var length = 0; length < packed.Length; length++)
            Assert.NotEqual(InflateStatus.Done, Zlib.TryDecode(packed.AsSpan(0, length), Limit, out _));
    }

    [Theory, InlineData(1), InlineData(4), InlineData(20)]
    public void A_stream_with_something_behind_it_is_refused(int more)
    {
        var packed = Pack(Sample, CompressionLevel.Optimal);
        Assert.NotEqual(InflateStatus.Done, Zlib.TryDecode([.. packed, .. new byte[more]], Limit, out _));
        // even when its last bytes are a correct checksum again
        Assert.NotEqual(InflateStatus.Done, Zlib.TryDecode([.. packed, .. packed[^4..]], Limit, out _));
    }

    [Fact]
    public void A_stream_with_a_wrong_checksum_is_refused()
    {
        var packed = Pack(Sample, CompressionLevel.Optimal);
        packed[^1] ^= 1;
        Assert.Equal(InflateStatus.Broken, Zlib.TryDecode(packed, Limit, out _));
    }

    [Theory, InlineData(100), InlineData(16 * 1024)]
    public void Output_stops_at_the_limit(int limit)
    {
        Assert.Equal(InflateStatus.Done, Zlib.TryDecode(Pack(new byte[limit], CompressionLevel.Optimal), limit, out _));
        Assert.Equal(InflateStatus.TooLong, Zlib.TryDecode(Pack(new byte[limit + 1], CompressionLevel.Optimal), limit, out _));
        Assert.Equal(InflateStatus.TooLong, Zlib.TryDecode(Pack(new byte[limit + 1], CompressionLevel.NoCompression), limit, out _));
    }

    [Fact]
    public void A_zip_bomb_costs_no_more_than_its_limit()
    {
        var bomb = Pack(new byte[3_000_000], CompressionLevel.SmallestSize);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(InflateStatus.TooLong, Zlib.TryDecode(bomb, 16 * 1024, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Noise_never_throws_and_never_passes_the_limit()
    {
        Prop.ForAll<byte[]>(noise =>
        {
            foreach (var head in (ReadOnlySpan<byte>)[0b000, 0b011, 0b101, 0b110])
            {
                if (Inflate.TryDecode([head, .. noise], 500, out var output, out var consumed) == InflateStatus.Done)
                    Assert.True(output.Length <= 500 && consumed <= noise.Length + 1);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("07")] // block type 3
    [InlineData("01 05 00 00 00 41 42 43 44 45")] // length and complement disagree
    [InlineData("63 00 02 FF")] // distance before the beginning... of nothing, or codes that are not used
    public void Broken_streams_are_refused(string hex) =>
        Assert.NotEqual(InflateStatus.Done, Inflate.TryDecode(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), Limit, out _, out _));

    [Theory, InlineData(0x79, 0x9C), InlineData(0x78, 0x9D), InlineData(0x88, 0x98), InlineData(0x78, 0xBB)]
    public void Another_header_than_that_of_zlib_is_refused(byte method, byte flags)
    {
        var packed = Pack(Sample, CompressionLevel.Optimal);
        (packed[0], packed[1]) = (method, flags);
        Assert.Equal(InflateStatus.Broken, Zlib.TryDecode(packed, Limit, out _));
    }

    private static byte[] Pack(byte[] bytes, CompressionLevel level)
    {
        using var packed = new MemoryStream();
        using (var stream = new ZLibStream(packed, level, leaveOpen: true))
            stream.Write(bytes);
        return packed.ToArray();
    }
}
