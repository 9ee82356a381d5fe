using System.Text.Json;
using EdgeGate.HealthCodes.SmartHealthCards;
using EdgeGate.HealthCodes.Trust.Import;
using EdgeGate.Testing;
using Xunit.Abstractions;

namespace EdgeGate.HealthCodes.Tests.Vectors;

/// <summary>
/// The cards in <c>shc/</c>: <c>example-NN-f-qr-code-numeric-value-K.txt</c> are the scanned texts, <c>-d-jws.txt</c> the signed objects, <c>issuer/.well-known</c> the keys and
/// revocations.
/// </summary>
public class CardVectorTests(ITestOutputHelper output)
{
    private static readonly VerificationMoment Moment = new(new DateTimeOffset(2023, 6, 22, 17, 0, 0, TimeSpan.Zero), ClockTrusted: true);

    [SkippableFact]
    public void Every_example_card_is_judged_as_expected()
    {
        var folder = VectorFolder.Need("shc");
        var (gate, unrevoking) = (Gate(folder, withRevocations: true), Gate(folder, withRevocations: false));
        var table = new ExpectationTable("SMART Health Cards");
        foreach (var example in Directory.EnumerateFiles(folder, "*-f-qr-code-numeric-value-0.txt").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(example).Split("-f-")[0];
            string[] parts = [.. Directory.EnumerateFiles(folder, name + "-f-*.txt").Order(StringComparer.Ordinal).Select(file => File.ReadAllText(file).Trim())];
            var expected = IsRevoked(folder, name) ? HealthCodeStatus.Revoked : HealthCodeStatus.Valid;
            Check(table, "from its QR texts", name, expected, gate.Verify(Collected(parts), Moment));
            Check(table, "without revocation list", name, HealthCodeStatus.Valid, unrevoking.Verify(Collected(parts), Moment));
            if (parts.Length > 1)
            {
                Check(table, "parts in reverse", name, expected, gate.Verify(Collected([.. parts.Reverse()]), Moment));
                Check(table, "one part only", name, HealthCodeStatus.Unsupported, gate.Verify(parts[1], Moment));
            }
            var jws = File.ReadAllText(Path.Combine(folder, name + "-d-jws.txt")).Trim();
            if (jws.Length * 2 < CardText.MaxText)
                Check(table, "from its JWS", name, expected, gate.Verify("shc:/" + CardText.Encode(jws), Moment));
            var altered = parts[0][..^1] + (parts[0][^1] == '1' ? '2' : '1');
            table.Add("altered", name, gate.Verify(string.Join('\n', [altered, .. parts[1..]]), Moment).Status is HealthCodeStatus.SignatureInvalid or HealthCodeStatus.Malformed);
        }
        output.WriteLine(table.ToString());
        Assert.Empty(table.Misses);
    }

    private static void Check(ExpectationTable table, string step, string name, HealthCodeStatus expected, HealthCodeResult result) =>
        table.Add(step, name, result.Status == expected, detail: $"expected {expected}, was {result.Status}: {result.Steps[^1].Words}");

    /// <summary>As a lane does it: through the collector when there are several.</summary>
    private static string Collected(string[] parts)
    {
        if (parts.Length == 1)
            return parts[0];
        var collector = new CardParts(new ManualTime());
        var answers = parts.Select(collector.Offer).ToArray();
        return answers[^1] is CardPartsAnswer.Complete whole ? whole.Text : "";
    }

    private static bool IsRevoked(string folder, string name)
    {
        using var payload = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, name + "-b-jws-payload-expanded.json")));
        return payload.RootElement.GetProperty("vc").TryGetProperty("rid", out var rid)
            && Revocations(folder).Any(list => File.ReadAllText(list).Contains(rid.GetString()!, StringComparison.Ordinal));
    }

    private static HealthCodeVerifier Gate(string folder, bool withRevocations)
    {
        var lists = withRevocations ? Revocations(folder).Select(file => (ReadOnlyMemory<byte>)File.ReadAllBytes(file)) : [];
        var import = CardIssuerImport.Read("https://spec.smarthealth.cards/examples/issuer", File.ReadAllBytes(Path.Combine(folder, "issuer/.well-known/jwks.json")), lists, "vectors", Moment.Time);
        Assert.Empty(import.Notes);
        return new HealthCodeVerifier(TestTrust.Store([], Moment.Time.AddDays(-1), Moment.Time.AddDays(1), import.CardIssuers));
    }

    private static IEnumerable<string> Revocations(string folder) => Directory.EnumerateFiles(Path.Combine(folder, "issuer/.well-known/crl"), "*.json");
}
