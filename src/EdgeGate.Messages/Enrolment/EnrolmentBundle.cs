using System.Text.Json.Serialization;

namespace EdgeGate.Messages.Enrolment;

/// <summary>Everything a box needs to become one gate of a site. Whoever has it can be that gate, so it travels sealed (<see cref="SealedBundle"/>).</summary>
public sealed record EnrolmentBundle
{
    public required string Site { get; init; }
    public required string Gate { get; init; }

    /// <summary>After this the center takes no key on account of it.</summary>
    public required DateTimeOffset Expires { get; init; }
    public required BundleBroker Broker { get; init; }

    /// <summary>Keys persons: 32 bytes in base64, the same at all gates of the site and at the center.</summary>
    public required string SiteKey { get; init; }

    /// <summary>Public key (PEM) that personal data is sealed to.</summary>
    public required string EvidenceKeyPem { get; init; }

    /// <summary>Whose commands and lists of persons are obeyed.</summary>
    public required IReadOnlyList<BundleKey> CommandKeys { get; init; }
    /// <summary>Public key (PEM) whose passes are taken, and whose lists of passes the gate follows; null where the center makes no passes.</summary>
    public string? PassKeyPem { get; init; }
    public required EnrolmentTicket Ticket { get; init; }
}

/// <summary>How the gate comes in at the broker: with a certificate, or with user and password.</summary>
/// <param name="AuthorityPem">Who vouches for the broker; null for the system's authorities.</param>
public sealed record BundleBroker(
    string Host, int Port, string? AuthorityPem = null, string? User = null, string? Password = null, string? CertificatePem = null, string? KeyPem = null);

/// <param name="Id">By which commands name it.</param>
public sealed record BundleKey(string Id, string PublicPem);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(EnrolmentBundle))]
[JsonSerializable(typeof(SealedBundle))]
[JsonSerializable(typeof(EnrolmentTicket))]
[JsonSerializable(typeof(EnrolmentProof))]
public sealed partial class EnrolmentShapes : JsonSerializerContext;
