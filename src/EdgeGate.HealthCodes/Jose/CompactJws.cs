using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EdgeGate.HealthCodes.Jose;

/// <summary>A JSON web signature in its compact form (RFC 7515, 7.1), taken apart and nothing judged yet.</summary>
/// <param name="Algorithm">Header <c>alg</c>.</param>
/// <param name="KeyId">Header <c>kid</c>.</param>
/// <param name="Zip">Header <c>zip</c>.</param>
/// <param name="Type">Header <c>typ</c>.</param>
/// <param name="HasCritical">The header demands that some extension be understood (<c>crit</c>).</param>
/// <param name="SigningInput">ASCII of header and payload with the dot between: what is signed.</param>
/// <param name="Payload">Decoded.</param>
/// <param name="Signature">Decoded.</param>
internal sealed record CompactJws(
    string? Algorithm, string? KeyId, string? Zip, string? Type, bool HasCritical, byte[] SigningInput, byte[] Payload, byte[] Signature)
{
    public const string Es256 = "ES256";

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out CompactJws? jws)
    {
        jws = null;
        var first = text.IndexOf('.');
        var last = text.LastIndexOf('.');
        if (first < 0 || last == first
            || !TryDecode(text[..first], out var headerBytes) || !TryDecode(text[(first + 1)..last], out var payload) || !TryDecode(text[(last + 1)..], out var signature)
            || !StrictJson.TryParseObject(headerBytes, out var header))
            return false;
        using (header)
        {
            var root = header.RootElement;
            jws = new CompactJws(
                root.Text("alg"), root.Text("kid"), root.Text("zip"), root.Text("typ"), root.TryGetProperty("crit", out _),
                Encoding.ASCII.GetBytes(text[..last].ToString()), payload, signature);
        }
        return true;
    }

    /// <summary>Signs with ES256.</summary>
    /// <param name="header">A JSON object with at least <c>alg</c>.</param>
    public static string Sign(ECDsa key, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        var input = Base64Url.EncodeToString(header) + "." + Base64Url.EncodeToString(payload);
        var signature = key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return input + "." + Base64Url.EncodeToString(signature);
    }

    /// <summary>A header for <see cref="Sign"/>; members without a value are left out.</summary>
    public static byte[] Header(string keyId, string? type = null, string? zip = null)
    {
        var members = new Dictionary<string, string> { ["alg"] = Es256, ["kid"] = keyId };
        if (type is not null)
            members["typ"] = type;
        if (zip is not null)
            members["zip"] = zip;
        return JsonSerializer.SerializeToUtf8Bytes(members, JoseShapes.Default.Header);
    }

    /// <summary>base64url without padding and white space (RFC 7515, 2): the framework's decoder would take both.</summary>
    private static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
                return false;
        }
        if (!Base64Url.IsValid(text))
            return false;
        bytes = Base64Url.DecodeFromChars(text);
        return true;
    }
}
