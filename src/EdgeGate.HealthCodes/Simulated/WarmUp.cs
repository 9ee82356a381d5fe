using System.Security.Cryptography;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.HealthCodes.Simulated;

/// <summary>Verifies a code of every kind, so that code is compiled and the cryptography library loaded before a person stands at the gate.</summary>
internal static class WarmUp
{
    /// <summary>More calls than the runtime wants to see (30) before it compiles a method for speed.</summary>
    private const int Rounds = 40;

    public static bool Run()
    {
        var made = new DateTimeOffset(2022, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var now = new VerificationMoment(made.AddDays(10), ClockTrusted: true);
        using var operatorKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issuer = HealthCodeIssuer.Create(made, made.AddYears(1));
        using var rsaIssuer = HealthCodeIssuer.CreateRsa(made, made.AddYears(1));
        var document = new TrustListDocument
        {
            Version = 1,
            IssuedAt = made,
            ExpiresAt = made.AddYears(1),
            Signers = [issuer.SignerEntry(), rsaIssuer.SignerEntry()],
            CardIssuers = [issuer.CardIssuerEntry()],
        };
        var trust = new TrustStore([JsonWebKey.From(operatorKey)]);
        trust.Load(TrustListSignature.Sign(document, operatorKey));
        var verifier = new HealthCodeVerifier(trust, new HealthCodeOptions { PassKeys = [PassKey.From(JsonWebKey.From(operatorKey))] });

        var born = new DateOnly(1990, 1, 1);
        var dcc = HealthCodeIssuer.InventedDcc(CertificateKinds.Vaccination, "Test", "Warm", born, new DateOnly(2022, 1, 2));
        string[] codes =
        [
            issuer.IssueHc1(dcc, made, made.AddYears(1)),
            rsaIssuer.IssueHc1(dcc, made, made.AddYears(1)),
            issuer.IssueCard(issuer.InventedCard("Test", "Warm", born, made)),
            PassText.Sign(new EdgeGatePass { Id = "warm-up", NotBefore = made, ExpiresAt = made.AddYears(1) }, operatorKey),
        ];
        var accepted = true;
        foreach (var text in Enumerable.Repeat(codes, Rounds).SelectMany(code => code))
            accepted &= verifier.Verify(text, now).Status == HealthCodeStatus.Valid;
        return accepted;
    }
}
