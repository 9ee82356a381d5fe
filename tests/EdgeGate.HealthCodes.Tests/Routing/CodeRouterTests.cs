using EdgeGate.HealthCodes.Routing;

namespace EdgeGate.HealthCodes.Tests.Routing;

public class CodeRouterTests
{
    private static readonly CodePattern[] Patterns =
    [
        new("city", CodeKind.ProviderCode, @"https://s\.example\.cn/[0-9a-f]{8,40}[0-9]{13}"),
        new("place", CodeKind.PlaceCode, @"https://place\.example\.cn/.*"),
        new("greedy", CodeKind.ProviderCode, @"(HC1|shc|EGP1):.*"),
        new("nested", CodeKind.ProviderCode, @"(a+)+b"),
    ];

    [Theory]
    [InlineData("HC1:6BF", CodeKind.HealthCertificate, null)]
    [InlineData("HC2:6BF", CodeKind.HealthCertificate, null)]
    [InlineData("HCZ:6BF", CodeKind.HealthCertificate, null)]
    [InlineData("HC0:6BF", CodeKind.Unknown, null)]
    [InlineData("HL0:6BF", CodeKind.Unknown, null)]
    [InlineData("hc1:6BF", CodeKind.Unknown, null)]
    [InlineData("HC1", CodeKind.Unknown, null)]
    [InlineData("shc:/5676", CodeKind.SmartHealthCard, null)]
    [InlineData("EGP1:abc", CodeKind.EdgeGatePass, null)]
    [InlineData("mdoc:owBjMS4w", CodeKind.MobileDocument, null)]
    [InlineData("https://s.example.cn/0123456789abcdef1650000000000", CodeKind.ProviderCode, "city")]
    [InlineData("https://s.example.cn/0123456789abcdef1650000000000\nx", CodeKind.Unknown, null)]
    [InlineData("see https://s.example.cn/0123456789abcdef1650000000000", CodeKind.Unknown, null)]
    [InlineData("https://place.example.cn/42", CodeKind.PlaceCode, "place")]
    [InlineData("999999199005170012", CodeKind.CitizenNumber, null)]
    [InlineData("99999919900517001x", CodeKind.CitizenNumber, null)]
    [InlineData("99999919900517001", CodeKind.Unknown, null)]
    [InlineData("", CodeKind.Unknown, null)]
    public void A_text_is_known_by_its_form(string text, CodeKind kind, string? pattern)
    {
        foreach (var scanned in new[] { text, text + "\r\n", "\uFEFF " + text + "\0 " })
        {
            var code = CodeRouter.Route(scanned, Patterns);
            Assert.Equal((kind, text, pattern), (code.Kind, code.Text, code.Pattern?.Name));
        }
    }

    [Fact]
    public void Blanks_within_are_kept() => Assert.Equal("HC1:A  B C", CodeRouter.Route("HC1:A  B C \r\n", []).Text);

    [Fact]
    public void A_pattern_that_would_run_for_ever_elsewhere_is_harmless() =>
        Assert.Equal(CodeKind.Unknown, CodeRouter.Route(new string('a', 4000) + "!", Patterns).Kind);

    [Fact]
    public void Patterns_that_cannot_be_matched_in_linear_time_are_refused()
    {
        Assert.Throws<NotSupportedException>(() => new CodePattern("x", CodeKind.ProviderCode, "(?=a)b"));
        Assert.ThrowsAny<ArgumentException>(() => new CodePattern("x", CodeKind.ProviderCode, "("));
        Assert.Throws<ArgumentException>(() => new CodePattern("x", CodeKind.HealthCertificate, "a"));
    }

    [Fact]
    public void Text_longer_than_any_code_is_not_looked_at() => Assert.Equal("", CodeRouter.Route(new string('1', CodeRouter.MaxText + 1), Patterns).Text);

    [Theory, InlineData("https://s.example.cn/0123456789abcdef1650000000000"), InlineData("999999199005170012"), InlineData("mdoc:abc"), InlineData("hello")]
    public void What_is_judged_elsewhere_is_named_and_left_to_others(string text)
    {
        var result = TestCodes.Gate(new HealthCodeOptions { Patterns = Patterns }).Verify(text, TestCodes.Moment);
        TestCodes.Is(HealthCodeStatus.Unsupported, result);
        Assert.Equal(CodeRouter.Route(text, Patterns).Kind, result.Kind);
        Assert.DoesNotContain(text, result.ToString() + string.Join(' ', result.Steps), StringComparison.Ordinal);
    }
}
