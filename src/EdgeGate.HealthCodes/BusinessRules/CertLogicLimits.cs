namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>
/// How much one evaluation may take. A rule is signed, but what it works on comes from a scanned code, and even a signed rule may
/// be a mistake: <c>reduce</c> with <c>[accumulator, accumulator]</c> doubles its value with every item.
/// </summary>
public sealed record CertLogicLimits
{
    public static CertLogicLimits Default { get; } = new();

    /// <summary>Operations and arrays inside each other. National rules need about ten.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Expressions evaluated, array items read from the data, and items compared, all together.</summary>
    public int MaxSteps { get; init; } = 20_000;

    /// <summary>Items of one array. The longest value set in use (rapid tests) has some hundreds.</summary>
    public int MaxArrayLength { get; init; } = 2_000;

    /// <summary>Bytes of the result as JSON.</summary>
    public int MaxResultBytes { get; init; } = 16 * 1024;
}
