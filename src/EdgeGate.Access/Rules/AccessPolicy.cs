namespace EdgeGate.Access.Rules;

/// <summary>One condition of passage: an objection, or none.</summary>
public interface IAccessRule
{
    /// <summary>How records and settings name it, for example <c>temperature</c>.</summary>
    string Name { get; }

    Objection? Check(AccessRequest request);

    /// <summary>A mark for the record, also for somebody who may pass; most rules have none.</summary>
    string? Flag(AccessRequest request) => null;
}

/// <summary>All rules of a lane. Every rule is asked and every answer kept; the worst one is the decision.</summary>
public sealed class AccessPolicy(IReadOnlyList<IAccessRule> rules)
{
    public AccessDecision Decide(AccessRequest request)
    {
        var answers = new RuleAnswer[rules.Count];
        for (var i = 0; i < answers.Length; i++)
            answers[i] = new RuleAnswer(rules[i].Name, rules[i].Check(request), rules[i].Flag(request));
        return new AccessDecision(answers);
    }
}
