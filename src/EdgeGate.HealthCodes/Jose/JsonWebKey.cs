using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeGate.HealthCodes.Jose;

/// <summary>A public key as JSON (RFC 7517). Members of private keys are not read; a file that has them is refused by the importer.</summary>
public sealed record JsonWebKey
{
    private const int CoordinateLength = 32;

    [JsonPropertyName("kty")] public string? KeyType { get; init; }
    [JsonPropertyName("kid")] public string? KeyId { get; init; }
    [JsonPropertyName("crv")] public string? Curve { get; init; }
    [JsonPropertyName("x")] public string? X { get; init; }
    [JsonPropertyName("y")] public string? Y { get; init; }
    [JsonPropertyName("n")] public string? Modulus { get; init; }
    [JsonPropertyName("e")] public string? Exponent { get; init; }

    /// <exception cref="JsonException">It is no key.</exception>
    public static JsonWebKey Parse(string json) => JsonSerializer.Deserialize(json, JoseShapes.Default.JsonWebKey) ?? throw new JsonException("it is null");

    public static JsonWebKey From(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var jwk = new JsonWebKey { KeyType = "EC", Curve = "P-256", X = Base64Url.EncodeToString(point.X), Y = Base64Url.EncodeToString(point.Y) };
        return jwk with { KeyId = jwk.Thumbprint() };
    }

    /// <summary>
    /// SHA-256 over the required members in alphabetical order, base64url, 43 characters (RFC 7638). Of a P-256 key: other kinds are not
    /// named by thumbprint here.
    /// </summary>
    public string Thumbprint() =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($$"""{"crv":"{{Curve}}","kty":"{{KeyType}}","x":"{{X}}","y":"{{Y}}"}""")));

    /// <returns>Null unless it is a point of P-256.</returns>
    internal ECParameters? ToEcParameters()
    {
        if (KeyType != "EC" || Curve != "P-256" || Decode(X) is not { Length: CoordinateLength } x || Decode(Y) is not { Length: CoordinateLength } y)
            return null;
        return new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } };
    }

    /// <returns>Null unless it is an RSA key.</returns>
    internal RSAParameters? ToRsaParameters() =>
        KeyType == "RSA" && Decode(Modulus) is { Length: > 0 } modulus && Decode(Exponent) is { Length: > 0 } exponent
            ? new RSAParameters { Modulus = modulus, Exponent = exponent }
            : null;

    private static byte[]? Decode(string? text) => text is not null && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
