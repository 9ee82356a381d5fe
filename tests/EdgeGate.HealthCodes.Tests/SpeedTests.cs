using EdgeGate.HealthCodes.Compression;
using EdgeGate.HealthCodes.Hcert;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.SmartHealthCards;
using EdgeGate.HealthCodes.Trust;
using Xunit.Abstractions;
using static EdgeGate.HealthCodes.Tests.TestCodes;

namespace EdgeGate.HealthCodes.Tests;

/// <summary>Prints what a verification costs beside the signature check alone, and the first one after a warm-up. Figures, no limits: the machine may be busy.</summary>
public class SpeedTests(ITestOutputHelper output)
{
    private const int Rounds = 2000; // enough for the runtime to compile what is hot a second time

    [Fact]
    public void A_verification_costs_little_more_than_its_signature()
    {
        HealthCodeVerifier.WarmUp();
        var gate = Gate();
        var first = Microseconds(() => gate.Verify(Hc1, Moment));
        var (ecKey, ecInput, ecSignature) = Signed(Hc1, Issuer.SignerEntry());
        var (rsaKey, rsaInput, rsaSignature) = Signed(RsaHc1, RsaIssuer.SignerEntry());
        Assert.True(CardText.TryDecode(Card.AsSpan(5..), out var text));
        Assert.True(CompactJws.TryParse(text, out var jws));
        var cardKey = VerificationKey.From(Issuer.CardKey, out _)!;

        // Interleaved, so that whatever else the machine does falls on both.
        var rows = new (string Name, Func<bool> Whole, Func<bool> Signature)[]
        {
            ("HC1 ES256", () => gate.Verify(Hc1, Moment).Status == HealthCodeStatus.Valid, () => ecKey.Verify(ecInput, ecSignature)),
            ("HC1 PS256", () => gate.Verify(RsaHc1, Moment).Status == HealthCodeStatus.Valid, () => rsaKey.Verify(rsaInput, rsaSignature)),
            ("SHC ES256", () => gate.Verify(Card, Moment).Status == HealthCodeStatus.Valid, () => cardKey.Verify(jws.SigningInput, jws.Signature)),
        };
        output.WriteLine($"first after warm-up: {first:F0} µs");
        foreach (var (name, whole, signature) in rows)
        {
            var (wholes, signatures) = (new List<double>(), new List<double>());
            for (var i = 0; i < Rounds; i++)
            {
                wholes.Add(Microseconds(() => Assert.True(whole())));
                signatures.Add(Microseconds(() => Assert.True(signature())));
            }
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Rounds; i++)
                whole();
            output.WriteLine($"{name}: median {Median(wholes):F0} µs, signature alone {Median(signatures):F0} µs, all else {Median(wholes) - Median(signatures):F0} µs, {(GC.GetAllocatedBytesForCurrentThread() - bytes) / 1024.0 / Rounds:F1} KiB");
        }
    }

    private static (VerificationKey Key, byte[] Input, byte[] Signature) Signed(string code, SignerEntry entry)
    {
        Assert.True(Base45.TryDecode(code.AsSpan(4..), out var packed));
        Zlib.TryDecode(packed, HcertVerifier.MaxInflated, out var inflated);
        Assert.True(CoseSign1.TryParse(inflated, out var cose));
        Assert.True(KeyIdentifier.TryParse(entry.Kid, out var kid));
        return (TrustedSigner.From(kid, entry, out _)!.Key, cose.SignatureInput(), cose.Signature.ToArray());
    }

    private static double Microseconds(Action run)
    {
        var begun = TimeProvider.System.GetTimestamp();
        run();
        return TimeProvider.System.GetElapsedTime(begun).TotalMicroseconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
