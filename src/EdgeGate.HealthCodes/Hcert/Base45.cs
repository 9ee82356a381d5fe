using System.Diagnostics.CodeAnalysis;

namespace EdgeGate.HealthCodes.Hcert;

/// <summary>
/// Base45 (RFC 9285): three characters carry two bytes, a last pair carries one. The space is a character like any other, and
/// case counts: nothing is trimmed or folded here.
/// </summary>
internal static class Base45
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    private const byte NotInAlphabet = 0xFF;
    private static readonly byte[] ValueOf = [.. Enumerable.Range(0, 128).Select(character => Alphabet.IndexOf((char)character) is >= 0 and var value ? (byte)value : NotInAlphabet)];

    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.Length % 3 == 1)
            return false;
        var decoded = new byte[(text.Length / 3 * 2) + (text.Length % 3 / 2)];
        var at = 0;
        while (!text.IsEmpty)
        {
            var group = text[..Math.Min(3, text.Length)];
            var value = 0;
            for (var i = group.Length - 1; i >= 0; i--)
            {
                var digit = group[i] < ValueOf.Length ? ValueOf[group[i]] : NotInAlphabet;
                if (digit == NotInAlphabet)
                    return false;
                value = (value * 45) + digit;
            }
            if (value > (group.Length == 3 ? 0xFFFF : 0xFF))
                return false;
            if (group.Length == 3)
                decoded[at++] = (byte)(value >> 8);
            decoded[at++] = (byte)value;
            text = text[group.Length..];
        }
        bytes = decoded;
        return true;
    }

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new System.Text.StringBuilder((bytes.Length + 1) / 2 * 3);
        for (; bytes.Length >= 2; bytes = bytes[2..])
        {
            var value = (bytes[0] << 8) | bytes[1];
            text.Append(Alphabet[value % 45]).Append(Alphabet[value / 45 % 45]).Append(Alphabet[value / (45 * 45)]);
        }
        if (!bytes.IsEmpty)
            text.Append(Alphabet[bytes[0] % 45]).Append(Alphabet[bytes[0] / 45]);
        return text.ToString();
    }
}
