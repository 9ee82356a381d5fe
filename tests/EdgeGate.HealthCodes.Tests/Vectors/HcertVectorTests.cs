using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.HealthCodes.Cbor;
using EdgeGate.HealthCodes.Compression;
using EdgeGate.HealthCodes.Hcert;
using EdgeGate.HealthCodes.Trust;
using EdgeGate.HealthCodes.Trust.Import;
using Xunit.Abstractions;

namespace EdgeGate.HealthCodes.Tests.Vectors;

/// <summary>
/// Every HC1 file in the folder, step by step as its EXPECTEDRESULTS say, and end to end from the scanned text. What is not judged: pictures (that is
/// zbarimg's work), the issuer's side, and the JSON schema beyond what <see cref="Dcc"/> demands.
/// </summary>
public class HcertVectorTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Every_certificate_is_judged_as_it_says()
    {
        var folder = VectorFolder.Need("hcert");
        var knownBad = KnownBad(folder);
        var table = new ExpectationTable("HC1, step by step");
        foreach (var file in Files(folder))
        {
            var vector = HcertVector.Load(Path.Combine(folder, file));
            foreach (var (step, expected) in vector.Expected)
            {
                var actual = vector.Judge(step, expected);
                table.Add(step, file, actual is null ? null : actual == expected, Reason(knownBad, file, step) ?? vector.RefusedKey, $"expected {expected}; {vector.Description}");
            }
        }
        output.WriteLine(table.ToString());
        Assert.Empty(table.Misses);
    }

    [SkippableFact]
    public void Every_certificate_scanned_at_a_gate_that_trusts_its_signer_is_judged_as_expected()
    {
        var folder = VectorFolder.Need("hcert");
        var knownBad = KnownBad(folder);
        var table = new ExpectationTable("HC1, end to end");
        foreach (var file in Files(folder))
        {
            var vector = HcertVector.Load(Path.Combine(folder, file));
            var why = Reason(knownBad, file, "END") ?? vector.RefusedKey;
            if (vector.Scanned is not { } text || vector.Signer is null)
            {
                table.Add("text or signer missing", file, null, why);
                continue;
            }
            var result = new HealthCodeVerifier(vector.Trust()).Verify(text, new VerificationMoment(vector.Clock, ClockTrusted: true));
            var accepted = result.Status is HealthCodeStatus.Valid;
            if (vector.ExpectsSound && vector.ExpectsAccepted)
                table.Add("accepted", file, accepted, why, $"{result.Status}: {result.Steps[^1].Words}");
            else if (vector.ExpectsRefused)
                table.Add("refused", file, !accepted, why, $"{result.Status}: {vector.Description}");
            else
                table.Add("signature sound", file, result.Reference is not null, why, $"{result.Status}: {result.Steps[^1].Words}");
        }
        output.WriteLine(table.ToString());
        Assert.Empty(table.Misses);
    }

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
        .Where(file => file.Contains("/raw/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    /// <summary>Why a file's expectation is not to be trusted, by the list beside the files: a reason excuses only the step it speaks of.</summary>
    private static string? Reason(ILookup<string, string> knownBad, string file, string step)
    {
        var reasons = knownBad[file].Where(reason => step switch
        {
            "SCHEMAVALIDATION" or "VALIDOBJECT" => reason.Contains("schema", StringComparison.Ordinal),
            "KEYUSAGE" => reason.Contains("key usage", StringComparison.Ordinal),
            "EXPIRATIONCHECK" => reason.Contains("DSC", StringComparison.Ordinal) || reason.Contains("validation clock", StringComparison.Ordinal),
            "END" or "DECODE" or "VALIDJSON" => !reason.Contains("schema", StringComparison.Ordinal),
            _ => false,
        }).ToArray();
        return reasons.Length == 0 ? null : string.Join("; ", reasons);
    }

    private static ILookup<string, string> KnownBad(string folder)
    {
        var list = Path.Combine(folder, "KNOWN-BAD.tsv");
        return (File.Exists(list) ? File.ReadLines(list).Skip(1) : []).Select(line => line.Split('\t')).ToLookup(row => row[0], row => row[2]);
    }
}

/// <summary>One file of test data.</summary>
internal sealed class HcertVector
{
    private const string Prefix = "EXPECTED";
    private readonly JsonElement _root;
    private readonly byte[]? _compressed;
    private readonly byte[]? _cose;

    private HcertVector(JsonElement root)
    {
        _root = root;
        var context = root.GetProperty("TESTCTX");
        Description = Text(context, "DESCRIPTION") ?? "";
        Clock = DateTimeOffset.TryParse(Text(context, "VALIDATIONCLOCK"), out var clock) ? clock : default;
        Scanned = Text(root, "PREFIX");
        Base45Text = Text(root, "BASE45");
        _compressed = Hex("COMPRESSED");
        _cose = Hex("COSE");
        if (Text(context, "CERTIFICATE") is { Length: > 0 } certificate)
            Signer = CertificateImport.Entry(Convert.FromBase64String(certificate), "XX", "vectors", DateTimeOffset.UnixEpoch, out _);
        if (root.TryGetProperty("EXPECTEDRESULTS", out var expected))
        {
            Expected = [.. expected.EnumerateObject()
                .Where(property => property.Name.StartsWith(Prefix, StringComparison.Ordinal) && property.Value.ValueKind is JsonValueKind.True or JsonValueKind.False)
                .Select(property => (property.Name[Prefix.Length..], property.Value.GetBoolean()))
                .Where(expectation => expectation.Item1 is not ("ENCODE" or "RESULTS"))];
        }
    }

    public string Description { get; }

    public DateTimeOffset Clock { get; }

    public SignerEntry? Signer { get; }

    public (string Step, bool Holds)[] Expected { get; } = [];

    /// <summary>Why a signer's key is refused on purpose, such as P-384 under ES256; null for a key that is accepted.</summary>
    public string? RefusedKey =>
        Signer is not null && KeyIdentifier.TryParse(Signer.Kid, out var kid) && TrustedSigner.From(kid, Signer, out var fault) is null ? "refused on purpose: " + fault : null;

    /// <summary>What the scanner reads.</summary>
    public string? Scanned { get; }

    /// <summary>Whether everything a gate judges is expected to hold.</summary>
    public bool ExpectsAccepted => !ExpectsRefused && Expected.Contains(("VERIFY", true)) && Expected.Contains(("EXPIRATIONCHECK", true));

    public bool ExpectsSound => Expected.Any(expectation => expectation is ("VERIFY", true));

    public bool ExpectsRefused => Expected.Any(expectation =>
        expectation is ("VERIFY" or "DECODE" or "EXPIRATIONCHECK" or "KEYUSAGE" or "B45DECODE" or "COMPRESSION" or "UNPREFIX", false));

    private string? Base45Text { get; }

    public static HcertVector Load(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(path)); // ReadAllText drops a byte-order mark
        return new HcertVector(json.RootElement.Clone());
    }

    public TrustStore Trust() => TestTrust.Store([Signer!], issuedAt: DateTimeOffset.UnixEpoch, expiresAt: new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Whether a step succeeds here; null when it cannot be judged from this file.</summary>
    public bool? Judge(string step, bool expected) => step switch
    {
        "UNPREFIX" => Scanned is null || Base45Text is null ? null : Scanned == HcertVerifier.Prefix + Base45Text,
        "B45DECODE" => Base45Text is null || (expected && _compressed is null) ? null : Base45.TryDecode(Base45Text, out var bytes) && (_compressed is null || bytes.SequenceEqual(_compressed)),
        "COMPRESSION" => _compressed is null || (expected && _cose is null) ? null
            : Zlib.TryDecode(_compressed, HcertVerifier.MaxInflated, out var inflated) == InflateStatus.Done && (_cose is null || inflated.Span.SequenceEqual(_cose)),
        "VERIFY" => _cose is null || Signer is null ? null : Verified(Clock).Reference is not null,
        "DECODE" => _cose is null ? null : Certificate() is not null && (SignedJson() is not { } json || JsonEquals(json)),
        "VALIDJSON" => Hex("CBOR") is null || JsonText is null ? null : SignedJson() is { } json && JsonEquals(json),
        "EXPIRATIONCHECK" => _cose is null || Signer is null ? null : Verified(Clock).Status is not (HealthCodeStatus.Expired or HealthCodeStatus.NotYetValid),
        "KEYUSAGE" => _cose is null || Signer is null ? null : Verified(Clock).Status is not HealthCodeStatus.KeyNotAllowedForKind,
        "SCHEMAVALIDATION" => _cose is null ? null : Certificate() is not null ? expected ? true : null : false, // fields that a gate needs; no JSON-schema engine
        _ => null,
    };

    private string? JsonText => _root.TryGetProperty("JSON", out var json) ? json.ValueKind == JsonValueKind.String ? json.GetString() : json.GetRawText() : null;

    private HealthCodeResult Verified(DateTimeOffset clock) =>
        new HealthCodeVerifier(Trust()).Verify(Simulated.HealthCodeIssuer.Hc1Text(_cose!), new VerificationMoment(clock, ClockTrusted: true));

    private CwtClaims? Claims() => CoseSign1.TryParse(_cose, out var cose) ? CwtClaims.Read(cose.Payload, out _) : null;

    private Dcc? Certificate() => Claims()?.Certificates[HcertEnvelope.EuDcc] is { } content ? Dcc.Read(content, out _) : null;

    private string? SignedJson()
    {
        if (Claims()?.Certificates[HcertEnvelope.EuDcc] is not CborValue.Map content)
            return null;
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            content.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private bool JsonEquals(string json) => JsonText is null || JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(JsonText));

    private byte[]? Hex(string name) => Text(_root, name) is { Length: > 0 } hex ? Convert.FromHexString(hex) : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
