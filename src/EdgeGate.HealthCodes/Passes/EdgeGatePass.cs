using System.Security.Cryptography;

namespace EdgeGate.HealthCodes.Passes;

/// <summary>Which way a pass opens.</summary>
[Flags]
public enum PassDirections
{
    None = 0,
    Entry = 1,
    Exit = 2,
    Both = Entry | Exit,
}

/// <summary>
/// A pass of the operator's own: a visitor's or member's QR code, signed, judged without a network. It does not carry a name.
/// </summary>
public sealed record EdgeGatePass
{
    private const int IdLength = 10;
    private const string IdLetters = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

    /// <summary>A new number, 50 bits: short enough to be said over the telephone when the pass is lost.</summary>
    public static string NewId() => RandomNumberGenerator.GetString(IdLetters, IdLength);

    /// <summary>The number that belongs to a request for a pass, however often the request comes: as good as a new one when <paramref name="hash"/> is keyed.</summary>
    /// <param name="hash">10 bytes at least, of which those are used.</param>
    public static string IdOf(ReadOnlySpan<byte> hash)
    {
        Span<char> id = stackalloc char[IdLength];
        for (var place = 0; place < id.Length; place++)
            id[place] = IdLetters[hash[place] % IdLetters.Length];
        return new string(id);
    }

    /// <summary>Names every gate.</summary>
    public const string EveryGate = "*";

    /// <summary>Names every gate of a site: <c>estate/*</c>.</summary>
    public static string EveryGateOf(string site) => site + "/*";

    /// <summary>Identifies the pass for revocation and counting: 1 to 64 letters, digits, <c>-</c> and <c>_</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Keyed hash of the person it was made out to, 1 to 64 characters as above; null for a bearer pass, good for whoever shows it.</summary>
    public string? Person { get; init; }

    public required DateTimeOffset NotBefore { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Names of gates or gate groups, 1 to 32, as <c>north</c> or with the site before them, <c>estate/north</c>; <see cref="EveryGate"/> for all, <see cref="EveryGateOf"/> for a site's.</summary>
    public IReadOnlyList<string> Gates { get; init; } = [EveryGate];

    public PassDirections Directions { get; init; } = PassDirections.Both;

    /// <summary>How often it may be used; null for any number.</summary>
    public int? Uses { get; init; }

    /// <summary>
    /// Names the secret of a rotating code (RFC 6238) that must follow the pass, so that a picture of it is worth nothing a minute later; null for a fixed pass.
    /// </summary>
    public string? TotpSecret { get; init; }

    /// <summary>Whether it opens this gate this way.</summary>
    /// <param name="gateNames">The gate's own name and those of its groups.</param>
    public bool Opens(IEnumerable<string> gateNames, PassDirections direction) =>
        (Directions & direction) == direction && direction != PassDirections.None && (Gates.Contains(EveryGate) || gateNames.Any(Gates.Contains));
}

/// <summary>What a gate knows of single passes. The register's lists are the gate's: this module only asks.</summary>
public interface IPassRegister
{
    /// <returns>Null when it cannot be told.</returns>
    bool? IsRevoked(string passId);

    /// <summary>How often the pass has been used at any gate of the site, as far as this one knows.</summary>
    int UsesOf(string passId);

    /// <summary>The secret of a rotating code; null when the name is not known.</summary>
    byte[]? TotpSecret(string name);
}
