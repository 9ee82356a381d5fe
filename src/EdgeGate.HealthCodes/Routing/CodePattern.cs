using System.Text.RegularExpressions;

namespace EdgeGate.HealthCodes.Routing;

/// <summary>Knows the codes of one provider, or place codes, by their text.</summary>
public sealed class CodePattern
{
    // Matching is linear in the text; the limit only guards against a scheduler's whims, not against a clever pattern.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private readonly Regex _pattern;

    /// <param name="name">Of the provider or place system, for the result and the settings.</param>
    /// <param name="kind"><see cref="CodeKind.ProviderCode"/> or <see cref="CodeKind.PlaceCode"/>.</param>
    /// <param name="pattern">Regular expression that the whole text must match; without look-around and back-references.</param>
    /// <exception cref="ArgumentException">The pattern is no regular expression, or the kind is another.</exception>
    /// <exception cref="NotSupportedException">The pattern cannot be matched in linear time.</exception>
    public CodePattern(string name, CodeKind kind, string pattern)
    {
        if (kind is not (CodeKind.ProviderCode or CodeKind.PlaceCode))
            throw new ArgumentException($"a pattern cannot make a {kind}", nameof(kind));
        Name = name;
        Kind = kind;
        _pattern = new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Patience);
    }

    public string Name { get; }

    public CodeKind Kind { get; }

    internal bool Matches(string text)
    {
        try
        {
            return _pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
