using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Simulated;
using EdgeGate.HealthCodes.Trust.Import;
using Xunit.Abstractions;

namespace EdgeGate.HealthCodes.Tests.Vectors;

/// <summary>The small public trust list in <c>trustlist-jwks/</c>: as certificates, as key set, as signed key set, and a certificate that one of its keys signed.</summary>
public class TrustListVectorTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void The_public_trust_list_is_read_in_each_of_its_forms()
    {
        var folder = VectorFolder.Need("trustlist-jwks");
        var now = new DateTimeOffset(2021, 4, 16, 6, 30, 0, TimeSpan.Zero); // the signed list was good for an hour
        var table = new ExpectationTable("trust list");
        var certificates = CertificateImport.Read(folder, null, "vectors", now);
        var keys = JwksImport.Read(File.ReadAllBytes(Path.Combine(folder, "jwks.json")), "SE", "vectors", now);
        table.Add("certificates", "*.crt", certificates.Signers.Count == Directory.GetFiles(folder, "*.crt").Length);
        table.Add("key set", "jwks.json", keys.Signers.Select(signer => signer.Kid).ToHashSet().SetEquals(certificates.Signers.Select(signer => signer.Kid)));

        var signer = JsonWebKey.Parse(File.ReadAllText(Path.Combine(folder, "jwks_signer_public.json")));
        var signed = File.ReadAllBytes(Path.Combine(folder, "jwks_signed.json"));
        table.Add("signed key set in its time", "jwks_signed.json", JwksImport.ReadSigned(signed, signer, now, "SE", "vectors", now).Signers.Count == keys.Signers.Count);
        table.Add("signed key set too old", "jwks_signed.json", Refuses(() => JwksImport.ReadSigned(signed, signer, now.AddYears(5), "SE", "vectors", now)));
        signed[Array.IndexOf(signed, (byte)':') + 10] ^= 1;
        table.Add("signed key set altered", "jwks_signed.json", Refuses(() => JwksImport.ReadSigned(signed, signer, now, "SE", "vectors", now)));

        var text = HealthCodeIssuer.Hc1Text(File.ReadAllBytes(Path.Combine(folder, "test1.bin")));
        foreach (var (form, import) in new[] { ("certificate", certificates), ("bare key", keys) })
        {
            var result = new HealthCodeVerifier(TestTrust.Store(import.Signers, DateTimeOffset.UnixEpoch, now.AddYears(9))).Verify(text, new VerificationMoment(now, ClockTrusted: true));
            table.Add("test1.bin by " + form, "test1.bin", result.Reference is not null, detail: $"{result.Status}: {result.Steps[^1].Words}");
        }
        output.WriteLine(table.ToString());
        Assert.Empty(table.Misses);
    }

    private static bool Refuses(Action read)
    {
        try
        {
            read();
            return false;
        }
        catch (FormatException)
        {
            return true;
        }
    }
}
