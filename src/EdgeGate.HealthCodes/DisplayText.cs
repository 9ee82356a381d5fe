using System.Globalization;
using System.Text;

namespace EdgeGate.HealthCodes;

/// <summary>Text out of a code on its way to a screen, a voice or a log: short, and without characters that steer the output.</summary>
internal static class DisplayText
{
    private const int MaxLength = 80;

    /// <summary>Control, format (among them the bidirectional ones), surrogate and private-use characters become question marks.</summary>
    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "(none)";
        var clean = new StringBuilder(Math.Min(text.Length, MaxLength + 1));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length >= MaxLength)
                return clean.Append('…').ToString();
            clean.Append(IsHarmless(rune) ? rune.ToString() : "?");
        }
        return clean.ToString();
    }

    private static bool IsHarmless(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
