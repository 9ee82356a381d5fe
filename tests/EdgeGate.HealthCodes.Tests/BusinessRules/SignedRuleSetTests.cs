using System.Security.Cryptography;
using System.Text;
using EdgeGate.HealthCodes.BusinessRules;
using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.HealthCodes.Tests.BusinessRules;

public sealed class SignedRuleSetTests : IDisposable
{
    private static readonly byte[] Payload = """{"version": 7, "rules": [], "valueSets": {}}"""u8.ToArray();
    private readonly ECDsa _operator = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _operator.Dispose();

    private static string Fault(string text, params JsonWebKey[] keys) => Assert.Single(Assert.Throws<RuleSetException>(() => SignedRuleSet.Open(text, keys)).Faults);

    [Fact]
    public void Rules_signed_by_the_operator_are_taken() =>
        Assert.Equal(7, SignedRuleSet.Open(SignedRuleSet.Sign(Payload, _operator), [JsonWebKey.From(_operator)]).Version);

    [Fact]
    public void Rules_of_somebody_else_are_not()
    {
        using var somebody = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Contains("not the operator's", Fault(SignedRuleSet.Sign(Payload, somebody), JsonWebKey.From(_operator)), StringComparison.Ordinal);
    }

    [Fact]
    public void Altered_rules_are_not()
    {
        var parts = SignedRuleSet.Sign(Payload, _operator).Split('.');
        var altered = $"{parts[0]}.{System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes("""{"version": 8, "rules": [], "valueSets": {}}"""))}.{parts[2]}";
        Assert.Contains("altered", Fault(altered, JsonWebKey.From(_operator)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b.c")]
    [InlineData("{}")]
    public void What_is_no_signed_rule_set_is_said_to_be_none(string text) =>
        Assert.Equal("it is no signed rule set", Fault(text, JsonWebKey.From(_operator)));
}
