using EdgeGate.HealthCodes.Simulated;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.HealthCodes.Tests;

/// <summary>A gate on a day in March 2022, issuers it trusts, and genuine codes of theirs.</summary>
internal static class TestCodes
{
    public static readonly DateTimeOffset Now = new(2022, 3, 1, 8, 0, 0, TimeSpan.Zero);
    public static readonly VerificationMoment Moment = new(Now, ClockTrusted: true);
    public static readonly DateTimeOffset Issued = Now.AddDays(-30);
    public static readonly DateTimeOffset Expires = Now.AddDays(300);
    public static readonly DateOnly Born = new(1990, 5, 17);
    public static readonly HealthCodeIssuer Issuer = HealthCodeIssuer.Create(Now.AddYears(-1), Now.AddYears(1));
    public static readonly HealthCodeIssuer RsaIssuer = HealthCodeIssuer.CreateRsa(Now.AddYears(-1), Now.AddYears(1));
    public static readonly string Vaccination = HealthCodeIssuer.InventedDcc(CertificateKinds.Vaccination, "Testperson", "Erika", Born, new DateOnly(2022, 1, 3));

    public static string Hc1 { get; } = Issuer.IssueHc1(Vaccination, Issued, Expires);

    public static string RsaHc1 { get; } = RsaIssuer.IssueHc1(Vaccination, Issued, Expires);

    public static string Payload { get; } = Issuer.InventedCard("Testperson", "Erika", Born, Issued, rid: "card-1");

    public static string Card { get; } = Issuer.IssueCard(Payload);

    /// <summary>A gate that trusts the issuers above.</summary>
    public static HealthCodeVerifier Gate(HealthCodeOptions? options = null, IReadOnlyList<string>? denied = null) => new(Trust(denied), options);

    public static TrustStore Trust(IReadOnlyList<string>? denied = null) => TrustIn([Issuer.SignerEntry(), RsaIssuer.SignerEntry()], denied);

    public static TrustStore TrustIn(IReadOnlyList<SignerEntry> signers, IReadOnlyList<string>? denied = null) =>
        TestTrust.Store(signers, Now.AddDays(-2), Now.AddDays(20), [Issuer.CardIssuerEntry()], denied);

    /// <summary>Like <see cref="Gate"/>, trusting one signer of HC1 only.</summary>
    public static HealthCodeVerifier GateOf(SignerEntry signer) => new(TrustIn([signer]));

    public static void Is(HealthCodeStatus expected, HealthCodeResult result) =>
        Assert.True(expected == result.Status, $"expected {expected}, was {result.Status}: {string.Join(" / ", result.Steps.Select(step => step.Words))}");
}
