namespace EdgeGate.HealthCodes.Providers;

/// <summary>What no single property can tell about a provider's settings.</summary>
internal static class ProviderOptionsCheck
{
    private static readonly TimeSpan HalfSecond = TimeSpan.FromMilliseconds(500); // the shortest Polly's breaker takes

    /// <exception cref="ProviderOptionsException">Every fault, in words.</exception>
    public static void ThrowIfUnusable(ProviderOptions options)
    {
        var faults = Faults(options).ToList();
        if (faults.Count > 0)
            throw new ProviderOptionsException($"provider {options.Id}: {string.Join("; ", faults)}");
    }

    private static IEnumerable<string> Faults(ProviderOptions options)
    {
        if (options.Budget < TimeSpan.FromMilliseconds(100) || options.Budget > TimeSpan.FromSeconds(15))
            yield return "the budget must be 0.1 to 15 seconds";
        if (options.SecondAttemptAfter is { } after && (after <= TimeSpan.Zero || after >= options.Budget))
            yield return "the second attempt must start within the budget";
        if (options.Breaker.Faults < 2 || options.Breaker.Window < HalfSecond || options.Breaker.OpenFor < HalfSecond)
            yield return "the breaker needs two faults or more, and times of half a second or more";
        if (options.MaxConcurrent < 1 || options.MaxPerMinute < 1 || options.MaxReplyBytes < 1)
            yield return "limits start at 1";
        if (options.Offline is { CachedGreenFor: { } greenFor, CachedGreens: var capacity } && (greenFor <= TimeSpan.Zero || capacity < 1))
            yield return "the cache of greens needs a time and a size";
        if (options.Reply.Colour.Count == 0 || options.Reply.States.Count == 0)
            yield return "the reply needs a path to the colour, and a table of colours";
        foreach (var (name, status) in options.Reply.States)
        {
            if (status is not HealthCodeStatus.CannotVerify and (< HealthCodeStatus.ProviderGreen or > HealthCodeStatus.ProviderError))
                yield return $"\"{name}\" cannot mean {status}: that is for signed codes";
        }
    }
}
