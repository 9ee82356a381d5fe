using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EdgeGate.HealthCodes.SmartHealthCards;

/// <summary>
/// The text in a SMART Health Card's QR code: <c>shc:/</c>, for parts of a longer card <c>shc:/part/of/</c>, then two digits for each character of
/// a compact JWS (SMART Health Cards 1.4, "Encoding chunks as QR codes").
/// </summary>
/// <param name="Part">From 1; 1 for a card in one code.</param>
/// <param name="Of">How many parts there are.</param>
/// <param name="Digits">Even in number in a whole card.</param>
internal readonly record struct CardText(int Part, int Of, string Digits)
{
    public const string Prefix = "shc:/";

    /// <summary>The most that a QR code can hold in its numeric mode.</summary>
    public const int MaxText = 7089;

    private const int Offset = 45;
    private const int HighestPair = 77;

    public static bool TryParse(string text, out CardText card)
    {
        card = default;
        if (text.Length > MaxText || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        var rest = text[Prefix.Length..];
        var (part, of) = (1, 1);
        if (rest.Contains('/', StringComparison.Ordinal))
        {
            if (rest.Split('/') is not [var first, var second, var digits] || !TryNumber(first, out part) || !TryNumber(second, out of) || part < 1 || part > of)
                return false;
            rest = digits;
        }
        if (rest.Length == 0 || rest.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return false;
        card = new CardText(part, of, rest);
        return true;
    }

    /// <summary>The characters that the digits stand for.</summary>
    public static bool TryDecode(ReadOnlySpan<char> digits, [NotNullWhen(true)] out string? characters)
    {
        characters = null;
        if (digits.Length % 2 != 0)
            return false;
        var decoded = new char[digits.Length / 2];
        for (var i = 0; i < decoded.Length; i++)
        {
            var pair = ((digits[2 * i] - '0') * 10) + digits[(2 * i) + 1] - '0';
            if (pair > HighestPair)
                return false;
            decoded[i] = (char)(pair + Offset);
        }
        characters = new string(decoded);
        return true;
    }

    public static string Encode(string jws) => string.Concat(jws.Select(character => (character - Offset).ToString("00")));

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && text.Length <= 2;
}
