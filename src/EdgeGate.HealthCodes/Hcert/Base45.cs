using System.Diagnostics.CodeAnalysis;

namespace EdgeGate.HealthCodes.Hcert;

/// <summary>
/// Base45 (RFC 9285): three characters carry two bytes, a last pair carries one. The space is a character like any other, and
/// case counts: nothing is trimmed or folded here.
/// </summary>
internal static class Base45
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    private const int NotInAlphabet = 0x10000;
    private static readonly int[] ValueOf = [.. Enumerable.Range(0, 128).Select(character => Alphabet.IndexOf((char)character) is >= 0 and var value ? value : NotInAlphabet)];

    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.Length % 3 == 1)
            return false;
        var decoded = new byte[(text.Length / 3 * 2) + (text.Length % 3 / 2)];
        var at = 0;
        var i = 0;
        for (; i + 3 <= text.Length; i += 3)
        {
            var value = Value(text[i]) + (45 * Value(text[i + 1])) + (45 * 45 * Value(text[i + 2]));
            if (value > 0xFFFF)
                return false;
            decoded[at++] = (byte)(value >> 8);
            decoded[at++] = (byte)value;
        }
        if (i < text.Length)
        {
            var value = Value(text[i]) + (45 * Value(text[i + 1]));
            if (value > 0xFF)
                return false;
            decoded[at] = (byte)value;
        }
        bytes = decoded;
        return true;
    }

    /// <summary>Of a character outside the alphabet a value that makes any group too large.</summary>
    private static int Value(char character) => character < ValueOf.Length ? ValueOf[character] : NotInAlphabet;

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
