using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.HealthCodes.Passes;

/// <summary>
/// A pass as text: <c>EGP1:</c>, a compact JWS (ES256), and for rotating passes <c>~</c> and the digits of now.
/// </summary>
public static class PassText
{
    public const string Prefix = "EGP1:";

    /// <summary>Most characters of a pass: it must stay an easy code to scan.</summary>
    public const int MaxText = 2048;

    internal const string Type = "edgegate-pass+jws";
    internal const char RotatingMark = '~';

    private const int MaxIdentifier = 64;
    private const int MaxGates = 32;

    /// <param name="signingKey">Private key, P-256.</param>
    /// <exception cref="ArgumentException">The pass makes no sense, or is too long for a code.</exception>
    public static string Sign(EdgeGatePass pass, ECDsa signingKey)
    {
        var claims = PassClaims.From(pass);
        if (Read(JsonSerializer.SerializeToUtf8Bytes(claims, PassJson.Default.PassClaims), out var fault) is null)
            throw new ArgumentException(fault, nameof(pass));
        var text = Prefix + CompactJws.Sign(
            signingKey,
            CompactJws.Header(JsonWebKey.From(signingKey).KeyId!, Type),
            JsonSerializer.SerializeToUtf8Bytes(claims, PassJson.Default.PassClaims));
        return text.Length <= MaxText ? text : throw new ArgumentException($"the pass has {text.Length} characters, {MaxText} at most can be scanned well", nameof(pass));
    }

    /// <summary>Adds the digits of now to a rotating pass, as the holder's phone does.</summary>
    public static string WithRotatingCode(string passText, ReadOnlySpan<byte> secret, DateTimeOffset now) => passText + RotatingMark + Totp.Code(secret, Totp.StepOf(now));

    /// <summary>The name of a rotating pass's secret, unverified: for whoever holds the secret anyway.</summary>
    /// <returns>Null when it is no rotating pass.</returns>
    public static string? RotatingSecretOf(string passText) =>
        passText.StartsWith(Prefix, StringComparison.Ordinal) && CompactJws.TryParse(passText.AsSpan(Prefix.Length), out var jws) ? Read(jws.Payload, out _)?.TotpSecret : null;

    /// <returns>Null, and what is wrong in words, when a claim is missing or makes no sense.</returns>
    internal static EdgeGatePass? Read(ReadOnlySpan<byte> json, out string fault)
    {
        fault = "";
        PassClaims? claims;
        try
        {
            claims = JsonSerializer.Deserialize(json, PassJson.Default.PassClaims);
        }
        catch (JsonException)
        {
            claims = null;
        }
        if (claims is null)
            fault = "its claims cannot be read";
        else if (!IsIdentifier(claims.Id) || (claims.Person is not null && !IsIdentifier(claims.Person)) || (claims.TotpSecret is not null && !IsIdentifier(claims.TotpSecret)))
            fault = "its id, person or secret is missing or not 1 to 64 letters and digits";
        else if (UnixTime.From(claims.NotBefore ?? -1) is not { } notBefore || UnixTime.From(claims.ExpiresAt ?? -1) is not { } expiresAt || expiresAt <= notBefore)
            fault = "its times are missing or make no sense";
        else if (claims.Gates is not { Count: >= 1 and <= MaxGates } || !claims.Gates.All(IsGateName))
            fault = "it names no gates, or too many";
        else if (claims.Directions is not ("in" or "out" or "both") || claims.Uses is <= 0)
            fault = "its directions or uses make no sense";
        else
            return claims.ToPass(notBefore, expiresAt);
        return null;
    }

    private static bool IsGateName(string? name) => name is not null && (name.IndexOf('/', StringComparison.Ordinal) is > 0 and var end
        ? IsIdentifier(name[..end]) && (name[(end + 1)..] == EdgeGatePass.EveryGate || IsIdentifier(name[(end + 1)..]))
        : name == EdgeGatePass.EveryGate || IsIdentifier(name));

    private static bool IsIdentifier(string? text) =>
        text is { Length: >= 1 and <= MaxIdentifier } && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');
}

/// <summary>The pass's claims on the wire; registered names (RFC 7519, 4.1) where there are any.</summary>
internal sealed record PassClaims
{
    [JsonPropertyName("jti")] public string? Id { get; init; }
    [JsonPropertyName("sub")] public string? Person { get; init; }
    [JsonPropertyName("nbf")] public double? NotBefore { get; init; }
    [JsonPropertyName("exp")] public double? ExpiresAt { get; init; }
    [JsonPropertyName("gates")] public IReadOnlyList<string>? Gates { get; init; }
    [JsonPropertyName("dir")] public string? Directions { get; init; }
    [JsonPropertyName("uses")] public int? Uses { get; init; }
    [JsonPropertyName("otp")] public string? TotpSecret { get; init; }

    public static PassClaims From(EdgeGatePass pass) => new()
    {
        Id = pass.Id,
        Person = pass.Person,
        NotBefore = pass.NotBefore.ToUnixTimeSeconds(),
        ExpiresAt = pass.ExpiresAt.ToUnixTimeSeconds(),
        Gates = pass.Gates,
        Directions = pass.Directions switch { PassDirections.Entry => "in", PassDirections.Exit => "out", PassDirections.Both => "both", _ => null },
        Uses = pass.Uses,
        TotpSecret = pass.TotpSecret,
    };

    public EdgeGatePass ToPass(DateTimeOffset notBefore, DateTimeOffset expiresAt) => new()
    {
        Id = Id!,
        Person = Person,
        NotBefore = notBefore,
        ExpiresAt = expiresAt,
        Gates = Gates!,
        Directions = Directions switch { "in" => PassDirections.Entry, "out" => PassDirections.Exit, _ => PassDirections.Both },
        Uses = Uses,
        TotpSecret = TotpSecret,
    };
}

[JsonSourceGenerationOptions(AllowDuplicateProperties = false, MaxDepth = 4, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PassClaims))]
internal sealed partial class PassJson : JsonSerializerContext;
