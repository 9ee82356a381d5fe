using EdgeGate.HealthCodes.Hcert;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.SmartHealthCards;

namespace EdgeGate.HealthCodes.Routing;

/// <summary>A scanned text and what it is.</summary>
/// <param name="Kind">By form alone: nothing is verified.</param>
/// <param name="Text">Without what scanners add around a code.</param>
/// <param name="Pattern">The configured pattern that knew it.</param>
public readonly record struct RoutedCode(CodeKind Kind, string Text, CodePattern? Pattern = null);

/// <summary>
/// Tells what a scanned text is: fixed prefixes first, which no pattern can take over, then the configured patterns in order, then citizen numbers.
/// </summary>
public static class CodeRouter
{
    /// <summary>The most a QR code can hold in any mode (7,089 digits), and eight parts of a card.</summary>
    public const int MaxText = CardParts.MaxParts * (CardText.MaxText + 1);

    private const int MaxPatternText = 4296;
    private const int CitizenNumberLength = 18;

    public static RoutedCode Route(string text, IReadOnlyList<CodePattern> patterns)
    {
        if (text.Length > MaxText)
            return new RoutedCode(CodeKind.Unknown, "");
        text = Trim(text);
        if (HasHcertPrefix(text))
            return new RoutedCode(CodeKind.HealthCertificate, text);
        if (text.StartsWith(CardText.Prefix, StringComparison.Ordinal))
            return new RoutedCode(CodeKind.SmartHealthCard, text);
        if (text.StartsWith(PassText.Prefix, StringComparison.Ordinal))
            return new RoutedCode(CodeKind.EdgeGatePass, text);
        if (text.StartsWith("mdoc:", StringComparison.OrdinalIgnoreCase))
            return new RoutedCode(CodeKind.MobileDocument, text);
        if (text.Length <= MaxPatternText && patterns.FirstOrDefault(pattern => pattern.Matches(text)) is { } known)
            return new RoutedCode(known.Kind, text, known);
        return new RoutedCode(IsCitizenNumber(text) ? CodeKind.CitizenNumber : CodeKind.Unknown, text);
    }

    /// <summary>
    /// Takes away line ends, tabs, blanks, NUL and the byte-order mark around a code, and nothing within: the blank is a digit of Base45. No
    /// valid code ends in a blank, for the last digit of a group is never that high.
    /// </summary>
    public static string Trim(string text) => text.Trim(' ', '\r', '\n', '\t', '\0', '\uFEFF');

    /// <summary><c>HC1:</c>, and the later versions 2 to 9 and A to Z.</summary>
    private static bool HasHcertPrefix(string text) =>
        text.Length >= HcertVerifier.Prefix.Length && text.StartsWith("HC", StringComparison.Ordinal) && text[2] is (>= '1' and <= '9') or (>= 'A' and <= 'Z') && text[3] == ':';

    /// <summary>17 digits and a digit or X.</summary>
    private static bool IsCitizenNumber(string text) =>
        text.Length == CitizenNumberLength && !text.AsSpan(..^1).ContainsAnyExceptInRange('0', '9') && (char.IsAsciiDigit(text[^1]) || text[^1] is 'X' or 'x');
}
