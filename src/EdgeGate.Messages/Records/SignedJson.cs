using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Messages.Privacy;

namespace EdgeGate.Messages.Records;

/// <summary>
/// A JSON object that stays readable to everybody and proves its origin to those who ask. Its last member <c>jws</c> is a detached
/// signature (RFC 7515 appendix F, ES256) over exactly the bytes of the object without that member; so nothing is reordered or reformatted to
/// check it: cut from <c>,"jws":</c> to the end, put the <c>}</c> back.
/// </summary>
public static class SignedJson
{
    private static readonly byte[] Member = ",\"jws\":\""u8.ToArray();

    /// <param name="json">An object with one member at least.</param>
    public static byte[] Sign(ReadOnlySpan<byte> json, ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (json.Length < 2 || json[^1] != '}')
            throw new ArgumentException("not a JSON object", nameof(json));
        var header = Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"alg":"ES256","kid":"{{P256Key.Of(key).Kid}}"}"""));
        var signature = key.SignData(SigningInput(header, json), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return [.. json[..^1], .. Member, .. Encoding.ASCII.GetBytes($"{header}..{Base64Url.EncodeToString(signature)}\"}}")];
    }

    /// <summary>Gives the object without its signature when <paramref name="key"/> signed it; false for anything else.</summary>
    public static bool TryVerify(ReadOnlySpan<byte> message, P256Key key, [NotNullWhen(true)] out byte[]? json)
    {
        ArgumentNullException.ThrowIfNull(key);
        json = null;
        var at = message.LastIndexOf(Member);
        if (at < 0 || !message[(at + Member.Length)..].EndsWith("\"}"u8))
            return false;
        var parts = Encoding.UTF8.GetString(message[(at + Member.Length)..^2]).Split('.');
        byte[] signed = [.. message[..at], (byte)'}'];
        // The whole header is prescribed, so nothing in it can choose another algorithm or key.
        if (parts is not [var header, "", var signature] || !Base64Url.IsValid(signature)
            || header != Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"alg":"ES256","kid":"{{key.Kid}}"}""")))
            return false;
        using var verifier = key.ToVerifier();
        if (!verifier.VerifyData(SigningInput(header, signed), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
            return false;
        json = signed;
        return true;
    }

    private static byte[] SigningInput(string header, ReadOnlySpan<byte> payload) => Encoding.ASCII.GetBytes($"{header}.{Base64Url.EncodeToString(payload)}");
}
