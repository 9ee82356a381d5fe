using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.HealthCodes.BusinessRules;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.HealthCodes.Tests.BusinessRules;

public class RuleSetTests
{
    private static readonly DateTimeOffset Now = new(2022, 3, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_certificate_that_keeps_every_rule_is_valid()
    {
        var report = Evaluate(Rule("""{"===":[{"var":"payload.v.0.dn"},2]}"""), Rule("""{"in":[{"var":"payload.v.0.mp"},{"var":"external.valueSets.vaccines"}]}""", "VR-CN-0002"));
        Assert.Equal(HealthCodeStatus.Valid, report.Status);
        Assert.All(report.Outcomes, outcome => Assert.Equal((RuleAnswer.Passed, "holds"), (outcome.Answer, outcome.Description)));
    }

    [Fact]
    public void A_rule_that_does_not_hold_fails_and_names_its_fields_and_the_others_are_asked_all_the_same()
    {
        var report = Evaluate(Rule("false"), Rule("true", "VR-CN-0002"));
        Assert.Equal(HealthCodeStatus.RuleFailed, report.Status);
        Assert.Equal([RuleAnswer.Failed, RuleAnswer.Passed], report.Outcomes.Select(outcome => outcome.Answer));
        Assert.Equal("does not hold; it looks at v.0.dn", report.Outcomes[0].Description);
    }

    [Theory]
    [InlineData("""{"+":[{"var":"payload.v.0.mp"},1]}""", "could not be evaluated: \"+\" adds two integers, not a string and an integer")]
    [InlineData("1", "could not be evaluated: the result is neither true nor false")]
    public void A_rule_that_cannot_be_evaluated_fails_and_says_why(string logic, string why)
    {
        var outcome = Assert.Single(Evaluate(Rule(logic)).Outcomes);
        Assert.Equal((RuleAnswer.Failed, why), (outcome.Answer, outcome.Description));
    }

    [Fact]
    public void A_rule_for_a_newer_engine_stays_open_even_when_its_words_are_not_known()
    {
        var report = Evaluate(Rule("""{"or":[true,false]}""", change: rule => rule["EngineVersion"] = "1.4.0"));
        Assert.Equal(HealthCodeStatus.CannotVerify, report.Status);
        Assert.Equal("written for CertLogic 1.4.0, newer than 1.3.3", Assert.Single(report.Outcomes).Description);
    }

    [Fact]
    public void When_no_rule_applies_nothing_is_verified() =>
        Assert.Equal(HealthCodeStatus.CannotVerify, Evaluate(Rule("true", change: rule => rule["ValidTo"] = "2022-02-28T00:00:00Z")).Status);

    [Theory]
    [InlineData("Country", "DE")]
    [InlineData("CertificateType", "Test")]
    [InlineData("ValidFrom", "2022-03-01T08:00:01Z")]
    [InlineData("ValidTo", "2022-03-01T07:59:59Z")]
    [InlineData("Type", "Invalidation")]
    public void A_rule_for_somewhere_something_or_somewhen_else_is_not_asked(string field, string value) =>
        Assert.Single(Evaluate(Rule("true"), Rule("false", "VR-CN-0002", rule => rule[field] = value)).Outcomes);

    [Fact]
    public void The_issuers_country_decides_which_invalidation_rules_are_asked() =>
        Assert.Equal(HealthCodeStatus.RuleFailed, Evaluate(Rule("true"), Rule("false", "IR-AT-0001", rule => (rule["Type"], rule["Country"]) = ("Invalidation", "AT"))).Status);

    [Fact]
    public void Only_the_highest_version_of_a_rule_in_its_time_is_asked()
    {
        var outcome = Assert.Single(Evaluate(
            Rule("false", change: rule => rule["Version"] = "1.9.0"),
            Rule("true", change: rule => rule["Version"] = "1.10.0"),
            Rule("false", change: rule => (rule["Version"], rule["ValidFrom"]) = ("2.0.0", "2022-04-01T00:00:00Z"))).Outcomes);
        Assert.Equal((RuleAnswer.Passed, new Version(1, 10, 0)), (outcome.Answer, outcome.Rule.Version));
    }

    [Theory]
    [InlineData("external.countryCode", "CN")]
    [InlineData("external.issuerCountryCode", "AT")]
    [InlineData("external.validationClock", "2022-03-01T08:00:00.000Z")]
    [InlineData("external.iat", "2022-02-01T00:00:00.000Z")]
    [InlineData("external.exp", "2023-02-01T00:00:00.000Z")]
    public void Rules_see_where_and_when_they_are_asked(string path, string value) =>
        Assert.Equal(HealthCodeStatus.Valid, Evaluate(Rule($$"""{"===":[{"var":"{{path}}"},"{{value}}"]}""")).Status);

    [Fact]
    public void A_payload_over_a_limit_fails_every_rule()
    {
        var subject = Subject with { Payload = JsonElement.Parse($"[{string.Join(',', Enumerable.Repeat(0, 3_000))}]") };
        var report = Set(Rule("true")).Evaluate(subject, new RulePlace("CN", Now));
        Assert.Equal("an array of 3000 items, more than 2000", Assert.Single(report.Outcomes).Description);
        Assert.Equal(HealthCodeStatus.RuleFailed, report.Status);
    }

    [Fact]
    public void A_broken_set_is_refused_as_a_whole_with_every_fault()
    {
        var broken = Assert.Throws<RuleSetException>(() => Set(
            Rule("""{"or":[1,2]}"""),
            Rule("true", "XX-CN-1"),
            Rule("true", "VR-CN-0003", rule => (rule["Type"], rule["Version"], rule["ValidFrom"], rule["Engine"]) = ("0", "1", "soon", "JAVA")),
            Rule("true", "VR-CN-0004"),
            Rule("true", "VR-CN-0004")));
        Assert.Equal(
            [
                "VR-CN-0001: Logic: unrecognised operator: \"or\"",
                "XX-CN-1: Identifier must look like VR-DE-0001",
                "VR-CN-0003: Engine must be CERTLOGIC",
                "VR-CN-0003: Type must be one of Acceptance, Invalidation",
                "VR-CN-0003: Version must be three numbers like 1.0.0",
                "VR-CN-0003: ValidFrom must be a time like 2021-07-01T00:00:00Z",
                "VR-CN-0004 1.0.0: is there more than once",
            ],
            broken.Faults);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"version":0,"rules":[]}""")]
    [InlineData("""{"version":1,"version":2,"rules":[]}""")]
    [InlineData("""{"version":1,"rules":[],"valueSets":{"a":[1]}}""")]
    [InlineData("""{"version":1,"rules":[7]}""")]
    [InlineData("""{"version":1,"rules":[{"Identifier":"\ud800"}]}""")]
    public void What_is_no_rule_set_is_refused(string json) => Assert.Throws<RuleSetException>(() => RuleSet.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_payload_that_is_not_text_fails_every_rule()
    {
        var report = Set(Rule("true")).Evaluate(Subject with { Payload = JsonElement.Parse("\"\\ud800\"") }, new RulePlace("CN", Now));
        Assert.Equal("a string that is not Unicode text", Assert.Single(report.Outcomes).Description);
    }

    [Fact]
    public void Any_bytes_are_a_rule_set_or_refused()
    {
        var whole = Encoding.UTF8.GetBytes(new JsonObject { ["version"] = 7, ["rules"] = new JsonArray(Rule("true")), ["valueSets"] = new JsonObject { ["a"] = new JsonArray("b") } }.ToJsonString());
        var altered =
            from at in Gen.Choose(0, whole.Length - 1)
            from length in Gen.Choose(0, 12)
            from piece in Gen.Elements("null", "7", "\"\\ud800\"", "{}", "[]", ",", "\"", "\\", "\u0000")
            select (byte[])[.. whole[..at], .. Encoding.UTF8.GetBytes(piece), .. whole[Math.Min(at + length, whole.Length)..]];
        Prop.ForAll(Gen.OneOf(altered, ArbMap.Default.GeneratorFor<byte[]>()).ToArbitrary(), bytes =>
        {
            try
            {
                RuleSet.Parse(bytes).Evaluate(Subject, new RulePlace("CN", Now));
            }
            catch (RuleSetException)
            {
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    private static RuleSubject Subject => new(
        CertificateType.Vaccination, "AT", JsonElement.Parse("""{"dob":"2000-01-01","v":[{"dn":2,"mp":"EU/1/20/1528"}]}"""), new(2022, 2, 1, 0, 0, 0, TimeSpan.Zero), new(2023, 2, 1, 0, 0, 0, TimeSpan.Zero));

    private static RuleReport Evaluate(params JsonObject[] rules) => Set(rules).Evaluate(Subject, new RulePlace("CN", Now));

    private static RuleSet Set(params JsonObject[] rules)
    {
        var json = new JsonObject { ["version"] = 7, ["rules"] = new JsonArray(rules), ["valueSets"] = new JsonObject { ["vaccines"] = new JsonArray("EU/1/20/1507", "EU/1/20/1528") } };
        var set = RuleSet.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()));
        Assert.Equal((7, rules.Length), (set.Version, set.Rules.Count));
        return set;
    }

    private static JsonObject Rule(string logic, string identifier = "VR-CN-0001", Action<JsonObject>? change = null)
    {
        var rule = new JsonObject
        {
            ["Identifier"] = identifier,
            ["Type"] = "Acceptance",
            ["Country"] = "CN",
            ["Version"] = "1.0.0",
            ["Engine"] = "CERTLOGIC",
            ["EngineVersion"] = "1.0.0",
            ["CertificateType"] = "Vaccination",
            ["Description"] = new JsonArray(new JsonObject { ["lang"] = "en", ["desc"] = "An invented rule." }),
            ["ValidFrom"] = "2022-01-01T00:00:00Z",
            ["ValidTo"] = "2022-12-31T23:59:59Z",
            ["AffectedFields"] = new JsonArray("v.0.dn"),
            ["Logic"] = JsonNode.Parse(logic),
        };
        change?.Invoke(rule);
        return rule;
    }
}
