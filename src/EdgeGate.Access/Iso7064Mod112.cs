namespace EdgeGate.Access;

/// <summary>The check character of ISO 7064 MOD 11-2, as in citizen numbers (GB 11643).</summary>
public static class Iso7064Mod112
{
    private const string Characters = "0123456789X";

    /// <summary>The character that completes <paramref name="digits"/>: 0 to 9 or X. Null when one of them is no digit.</summary>
    public static char? CheckCharacter(ReadOnlySpan<char> digits)
    {
        var remainder = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
                return null;
            remainder = (remainder + digit - '0') * 2 % 11;
        }
        return Characters[(12 - remainder) % 11];
    }
}
