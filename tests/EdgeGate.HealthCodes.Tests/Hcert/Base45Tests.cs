using System.Text;
using EdgeGate.HealthCodes.Hcert;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.HealthCodes.Tests.Hcert;

public class Base45Tests
{
    // RFC 9285, section 4.3 and 4.4.
    [Theory, InlineData("BB8", "AB"), InlineData("%69 VD92EX0", "Hello!!"), InlineData("UJCLQE7W581", "base-45"), InlineData("QED8WEX0", "ietf!"), InlineData("", "")]
    public void The_examples_of_the_specification_decode(string text, string expected)
    {
        Assert.True(Base45.TryDecode(text, out var bytes));
        Assert.Equal(expected, Encoding.ASCII.GetString(bytes));
        Assert.Equal(text, Base45.Encode(bytes));
    }

    [Theory]
    [InlineData("GGW")] // 65536
    [InlineData(":::")]
    [InlineData("::")] // 2024
    [InlineData("A")]
    [InlineData("BB8A")]
    [InlineData("bb8")]
    [InlineData("BB,")]
    [InlineData("BB\u00e9")]
    [InlineData("B\n8")]
    public void What_is_not_Base45_is_refused(string text) => Assert.False(Base45.TryDecode(text, out _));

    [Fact]
    public void Bytes_survive_the_way_there_and_back_and_never_end_in_a_blank()
    {
        Prop.ForAll<byte[]>(bytes =>
        {
            var text = Base45.Encode(bytes);
            Assert.True(Base45.TryDecode(text, out var back));
            Assert.Equal(bytes, back);
            Assert.False(text.EndsWith(' '));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_text_decodes_to_the_bytes_that_encode_to_it_or_not_at_all()
    {
        Prop.ForAll<string?>(text =>
        {
            if (Base45.TryDecode(text ?? "", out var bytes))
                Assert.Equal(text ?? "", Base45.Encode(bytes));
        }).QuickCheckThrowOnFailure();
    }
}
