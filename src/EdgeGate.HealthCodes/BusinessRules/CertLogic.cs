using System.Text.Json;

namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>
/// CertLogic 1.3.3, the language of the business rules of EU digital certificates: a subset of JsonLogic with date-times.
/// Specification: ehn-dcc-development/dgc-business-rules, certlogic/specification. Pure; safe to use from many threads.
/// </summary>
/// <remarks>
/// Where implementations differ, this one refuses instead of choosing: arrays, objects and date-times cannot be compared with
/// <c>===</c> or <c>in</c>; integers are those of 53 bits.
/// </remarks>
public static class CertLogic
{
    /// <summary>The newest version of the specification that is understood.</summary>
    public static Version EngineVersion { get; } = new(1, 3, 3);

    /// <summary>What is wrong with an expression, found without evaluating it; empty when it is valid. At most 100 issues are reported.</summary>
    public static IReadOnlyList<CertLogicIssue> Check(JsonElement logic, CertLogicLimits? limits = null) => LogicCheck.Run(logic, limits ?? CertLogicLimits.Default);

    /// <summary>Checks the whole expression, then evaluates it. A date-time as the result is written as a string, UTC with milliseconds.</summary>
    /// <param name="logic">The expression.</param>
    /// <param name="data">What <c>{"var": …}</c> looks into.</param>
    /// <param name="limits">Limits other than the default ones.</param>
    /// <exception cref="CertLogicException">The expression is invalid, does not fit the data, or a limit was reached. Nothing else is thrown.</exception>
    public static JsonElement Evaluate(JsonElement logic, JsonElement data, CertLogicLimits? limits = null)
    {
        limits ??= CertLogicLimits.Default;
        if (Check(logic, limits) is [var issue, ..])
            throw new CertLogicException(issue.Message);
        var budget = new Budget(limits);
        return Guarded(() => LogicResult.ToJson(new LogicEvaluator(budget).Evaluate(logic, LogicValue.From(data, budget)), budget));
    }

    /// <summary>Evaluates a checked expression of a rule to whether it holds.</summary>
    /// <exception cref="CertLogicException">It cannot be evaluated, or its result is neither true nor false.</exception>
    internal static bool Holds(JsonElement logic, LogicValue data, CertLogicLimits limits) =>
        Guarded(() => new LogicEvaluator(new Budget(limits)).Evaluate(logic, data)) is LogicValue.Boolean { Value: var holds }
            ? holds
            : throw new CertLogicException("the result is neither true nor false");

    /// <exception cref="CertLogicException">Also in place of what System.Text.Json throws.</exception>
    internal static T Guarded<T>(Func<T> evaluate)
    {
        try
        {
            return evaluate();
        }
        catch (InvalidOperationException notText) // what System.Text.Json says to half a surrogate pair in a string or a name
        {
            throw new CertLogicException("a string that is not Unicode text", notText);
        }
    }
}

/// <summary>Something wrong with an expression.</summary>
/// <param name="Expression">The part that is wrong.</param>
/// <param name="Message">Why. Those that the validation test suite names have its wording.</param>
public sealed record CertLogicIssue(JsonElement Expression, string Message);
