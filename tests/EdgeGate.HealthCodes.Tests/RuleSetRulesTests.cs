using System.Text;
using EdgeGate.HealthCodes.BusinessRules;
using static EdgeGate.HealthCodes.Tests.TestCodes;

namespace EdgeGate.HealthCodes.Tests;

public class RuleSetRulesTests
{
    [Theory, InlineData("2", HealthCodeStatus.Valid), InlineData("3", HealthCodeStatus.RuleFailed)]
    public void A_scanned_certificate_is_judged_by_the_signed_rules(string doses, HealthCodeStatus expected)
    {
        var result = Gate(With(Rules(doses), "DE")).Verify(Hc1, Moment);
        Is(expected, result);
        Assert.Equal(expected == HealthCodeStatus.RuleFailed ? ["VR-DE-0001"] : [], result.FailedRules);
    }

    [Fact]
    public void Without_rules_for_this_country_nothing_can_be_judged()
    {
        Is(HealthCodeStatus.CannotVerify, Gate(With(Rules("2"), "FR")).Verify(Hc1, Moment));
        Is(HealthCodeStatus.CannotVerify, Gate(With(null, "DE")).Verify(Hc1, Moment));
    }

    private static HealthCodeOptions With(RuleSet? rules, string country) => new() { Rules = new RuleSetRules(() => rules, country) };

    private static RuleSet Rules(string doses) => RuleSet.Parse(Encoding.UTF8.GetBytes($$$"""
        {"version":1,"valueSets":{},"rules":[{"Identifier":"VR-DE-0001","Type":"Acceptance","Country":"DE","Version":"1.0.0","Engine":"CERTLOGIC","EngineVersion":"1.0.0","SchemaVersion":"1.3.0",
        "CertificateType":"Vaccination","Description":[{"lang":"en","desc":"all doses were given"}],"ValidFrom":"2021-01-01T00:00:00Z","ValidTo":"2030-01-01T00:00:00Z","AffectedFields":["v.0.dn"],
        "Logic":{">=":[{"var":"payload.v.0.dn"},{{{doses}}}]}}]}
        """));
}
