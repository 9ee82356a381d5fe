using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Simulated;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.Benchmarks.Inner;

/// <summary>From a scanned text to what it is worth, beside the bare signature check with a key of the same size.</summary>
public class HealthCodes
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly VerificationMoment Moment = new(Now, ClockTrusted: true);
    private readonly HealthCodeVerifier _verifier;
    private readonly string _es256;
    private readonly string _ps256;
    private readonly string _card;
    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly byte[] _signed = new byte[400];
    private readonly byte[] _ecSignature;
    private readonly byte[] _rsaSignature;

    public HealthCodes()
    {
        using var operatorKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var ecIssuer = HealthCodeIssuer.Create(Now.AddYears(-1), Now.AddYears(1));
        using var rsaIssuer = HealthCodeIssuer.CreateRsa(Now.AddYears(-1), Now.AddYears(1));
        var trust = new TrustStore([JsonWebKey.From(operatorKey)]);
        trust.Load(TrustListSignature.Sign(
            new TrustListDocument
            {
                Version = 1,
                IssuedAt = Now.AddDays(-1),
                ExpiresAt = Now.AddDays(30),
                Signers = [ecIssuer.SignerEntry(), rsaIssuer.SignerEntry()],
                CardIssuers = [ecIssuer.CardIssuerEntry()],
            },
            operatorKey));
        _verifier = new HealthCodeVerifier(trust);
        var dcc = HealthCodeIssuer.InventedDcc(CertificateKinds.Vaccination, "Ceshi", "Anyone", new DateOnly(1990, 1, 1), new DateOnly(2026, 6, 1));
        _es256 = ecIssuer.IssueHc1(dcc, Now.AddDays(-30), Now.AddDays(30));
        _ps256 = rsaIssuer.IssueHc1(dcc, Now.AddDays(-30), Now.AddDays(30));
        _card = ecIssuer.IssueCard(ecIssuer.InventedCard("Ceshi", "Anyone", new DateOnly(1990, 1, 1), Now.AddDays(-30)));
        _ecSignature = _ec.SignData(_signed, HashAlgorithmName.SHA256);
        _rsaSignature = _rsa.SignData(_signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        foreach (var text in (string[])[_es256, _ps256, _card])
        {
            if (_verifier.Verify(text, Moment) is { Status: not HealthCodeStatus.Valid } result)
                throw new InvalidOperationException($"the code to be measured is {result.Status}");
        }
    }

    [Benchmark(Description = "HC1 ES256 verified")]
    public HealthCodeResult Es256() => _verifier.Verify(_es256, Moment);

    [Benchmark(Description = "limit: ES256 signature checked")]
    public bool BareEs256() => _ec.VerifyData(_signed, _ecSignature, HashAlgorithmName.SHA256);

    [Benchmark(Description = "HC1 PS256 (RSA 2048) verified")]
    public HealthCodeResult Ps256() => _verifier.Verify(_ps256, Moment);

    [Benchmark(Description = "limit: PS256 signature checked")]
    public bool BarePs256() => _rsa.VerifyData(_signed, _rsaSignature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);

    [Benchmark(Description = "SMART Health Card verified")]
    public HealthCodeResult Card() => _verifier.Verify(_card, Moment);
}
