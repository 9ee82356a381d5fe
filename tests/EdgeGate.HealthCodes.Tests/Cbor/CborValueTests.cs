using System.Text;
using System.Text.Json;
using EdgeGate.HealthCodes.Cbor;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.HealthCodes.Tests.Cbor;

public class CborValueTests
{
    [Theory]
    [InlineData("A201020103")] // the same key
    [InlineData("A20102180103")] // the same key, written in two ways
    [InlineData("A2616102616103")] // the same text
    [InlineData("A2F401F502")] // keys that are no integer or text
    [InlineData("A1C10102")] // a tagged key
    [InlineData("F97E00")] // a float that is no number
    [InlineData("FB7FF0000000000000")] // infinity
    [InlineData("1BFFFFFFFFFFFFFFFF")] // an integer too large
    [InlineData("9BFFFFFFFFFFFFFFFF00")] // an array that says it is longer than everything
    [InlineData("5B7FFFFFFFFFFFFFFF00")] // a byte string that does
    [InlineData("BB00FFFFFFFFFFFFFF00")] // a map that does
    [InlineData("820102FF")] // something behind it
    [InlineData("62C328")] // text that is no UTF-8
    [InlineData("81")] // cut short
    [InlineData("FF")]
    [InlineData("")]
    public void What_a_certificate_may_not_hold_is_refused(string hex) => Assert.False(CborValue.TryDecode(Convert.FromHexString(hex), out _));

    [Fact]
    public void Nesting_stops_at_the_limit()
    {
        Assert.True(CborValue.TryDecode(Nested(CborValue.MaxDepth - 1), out _));
        Assert.False(CborValue.TryDecode(Nested(CborValue.MaxDepth), out _));
        Assert.False(CborValue.TryDecode(Nested(CborValue.MaxDepth, 0xC1), out _)); // tags nest as well
    }

    [Fact]
    public void A_million_nested_arrays_cost_nothing()
    {
        var hostile = Nested(1_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(CborValue.TryDecode(hostile, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Items_stop_at_the_limit()
    {
        Assert.True(CborValue.TryDecode(Array(CborValue.MaxItems - 1), out _));
        Assert.False(CborValue.TryDecode(Array(CborValue.MaxItems), out _));

        static byte[] Array(int count) => [0x99, (byte)(count >> 8), (byte)count, .. new byte[count]];
    }

    [Fact]
    public void Maps_and_texts_of_open_length_are_read() // Poland writes them
    {
        Assert.True(CborValue.TryDecode(Convert.FromHexString("BF61617F61626163FFFF"), out var value));
        Assert.Equal(new CborValue.Text("bc"), Assert.IsType<CborValue.Map>(value)["a"]);
    }

    [Fact]
    public void A_tag_is_dropped()
    {
        Assert.True(CborValue.TryDecode(Convert.FromHexString("C06A323032322D30312D3032"), out var value));
        Assert.Equal(new CborValue.Text("2022-01-02"), value);
    }

    [Fact]
    public void It_becomes_the_JSON_it_came_from()
    {
        Assert.True(CborValue.TryDecode(Convert.FromHexString("A7616101616220616366E4BDA0E5A5BD616482F4F6616541FF6166FB3FF80000000000000702"), out var value));
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            value.WriteTo(writer);
        Assert.Equal("""{"a":1,"b":-1,"c":"\u4F60\u597D","d":[false,null],"e":"/w==","f":1.5,"7":2}""", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void Noise_never_throws() => Prop.ForAll<byte[]>(noise => { CborValue.TryDecode(noise, out _); }).QuickCheckThrowOnFailure();

    private static byte[] Nested(int depth, byte opener = 0x81) => [.. Enumerable.Repeat(opener, depth), 0x01];
}
