namespace EdgeGate.Access.Rules;

public sealed record ListAgeOptions
{
    public required string List { get; init; }
    public required TimeSpan MaxAge { get; init; }

    /// <summary>What each class of person gets when the list is too old, by the status of the register; <see cref="ListAgeRule.Stranger"/> for nobody's.</summary>
    public IReadOnlyDictionary<string, Outcome> Answers { get; init; } = new Dictionary<string, Outcome>();

    /// <summary>What the other classes get.</summary>
    public Outcome Otherwise { get; init; } = Outcome.Guard;
}

/// <summary>
/// A list that nobody has renewed for too long is not believed: what that means is stated for each class of person. An age that the clock
/// cannot tell counts as too old. A missing list is the matter of the rule that needs it.
/// </summary>
public sealed class ListAgeRule(ListAgeOptions options) : IAccessRule
{
    public const string Stranger = "unknown";

    public string Name => "list-age/" + options.List;

    public Objection? Check(AccessRequest request)
    {
        if (!IsTooOld(request))
            return null;
        var severity = options.Answers.TryGetValue(request.Person?.Terms.Status ?? Stranger, out var answer) ? answer : options.Otherwise;
        return severity is Outcome.Granted ? null : new Objection(DenyReason.ListTooOld, severity);
    }

    public string? Flag(AccessRequest request) => IsTooOld(request) ? "list-too-old-" + options.List : null;

    private bool IsTooOld(AccessRequest request) => request.On(options.List) is { IsMissing: false } listing && !(listing.Age <= options.MaxAge);
}
