using EdgeGate.Access;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Passing;

namespace EdgeGate.Service.Tests.HealthCodes;

public class HealthCodeRuleTests
{
    [Fact]
    public void A_genuine_code_that_names_nobody_is_one_of_which_nobody_can_tell() =>
        Assert.Equal(
            new Objection(DenyReason.HealthCodeOfAnother, Outcome.Denied),
            new HealthCodeRule(new() { WhenHolderUnclear = HealthCodeAnswer.Deny }).Check(RequestWith(HealthCodeStatus.Valid)));

    [Fact]
    public void Of_a_code_that_is_not_believed_no_holder_is_compared() => Assert.Null(HealthCodeRule.MatchOf(RequestWith(HealthCodeStatus.SignatureInvalid)));

    [Fact]
    public void Only_a_valid_certificate_passes_with_the_strictest_settings()
    {
        var strict = new HealthCodeRule(new() { WhenMissing = HealthCodeAnswer.Deny, WhenUnverified = HealthCodeAnswer.Deny, WhenYellow = HealthCodeAnswer.Deny, WhenHolderUnclear = HealthCodeAnswer.Grant });
        Assert.All(Enum.GetValues<HealthCodeStatus>(), status =>
            Assert.Equal(status is HealthCodeStatus.Valid or HealthCodeStatus.ProviderGreen, strict.Check(RequestWith(status)) is null));
    }

    private static AccessRequest RequestWith(HealthCodeStatus status)
    {
        var now = new ClockReading(default, TimeSpan.FromSeconds(1), Guid.Empty, ClockGrade.Synchronised);
        var result = new HealthCodeResult { Kind = CodeKind.SmartHealthCard, Status = status, Steps = [] };
        return new AccessRequest(new Presentation("reader", People.Card(), now), Direction.Entry, Temperature: null, now)
        {
            HealthCode = new JudgedHealthCode.Certificate("a", now.SinceBoot, result),
        };
    }
}
