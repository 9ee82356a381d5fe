namespace EdgeGate.Access.Rules;

/// <summary>A fever is refused. A reading that cannot be believed is never "healthy": a person looks.</summary>
/// <param name="whenMissing">What a missing measurement means; <see cref="Outcome.Granted"/> lets people pass unmeasured.</param>
public sealed class TemperatureRule(TemperatureLimits limits, Outcome whenMissing) : IAccessRule
{
    public string Name => "temperature";

    public Objection? Check(AccessRequest request) => request.Temperature switch
    {
        null when whenMissing is Outcome.Granted => null,
        null => new Objection(DenyReason.TemperatureMissing, whenMissing),
        var measured when !limits.Believes(measured) => new Objection(DenyReason.TemperatureImplausible, Outcome.Guard),
        var measured when measured.Body >= limits.Fever => new Objection(DenyReason.TemperatureTooHigh, Outcome.Denied),
        _ => null,
    };
}
