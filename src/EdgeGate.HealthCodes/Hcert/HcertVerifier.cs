using System.Security.Cryptography;
using System.Text;
using EdgeGate.HealthCodes.Cbor;
using EdgeGate.HealthCodes.Compression;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.HealthCodes.Hcert;

/// <summary>
/// Verifies <c>HC1:</c> codes: EU digital COVID certificates and the WHO's health certificates (electronic health certificate
/// container, 1.1.1). Nothing of what is signed is read before the signature holds.
/// </summary>
internal sealed class HcertVerifier(TrustStore trust, HealthCodeOptions options)
{
    public const string Prefix = "HC1:";

    /// <summary>The most that a QR code can hold in its alphanumeric mode (version 40, level L).</summary>
    public const int MaxText = 4296;

    /// <summary>The largest genuine ones known have some 900 bytes.</summary>
    public const int MaxInflated = 16 * 1024;

    private const int Es256SignatureLength = 64;

    public HealthCodeResult Verify(ReadOnlySpan<char> text, in VerificationMoment now)
    {
        var examination = new Examination(CodeKind.HealthCertificate);
        if (text.Length > MaxText)
            return examination.End(HealthCodeStatus.Malformed, $"The text has {text.Length} characters; a QR code of this kind holds {MaxText} at most.");
        examination.Holds($"The code is a health certificate (HC1), {text.Length} characters.");

        if (!Base45.TryDecode(text[Prefix.Length..], out var compressed))
            return examination.End(HealthCodeStatus.Malformed, "Its text is no Base45: it was misread or altered.");
        switch (Zlib.TryDecode(compressed, MaxInflated, out var inflated))
        {
            case InflateStatus.TooLong:
                return examination.End(HealthCodeStatus.Malformed, $"It unpacks to more than {MaxInflated / 1024} KiB: no certificate is that long.");
            case InflateStatus.Broken:
                return examination.End(HealthCodeStatus.Malformed, "It cannot be unpacked: it is damaged or cut short.");
        }
        if (!CoseSign1.TryParse(inflated, out var cose))
            return examination.End(HealthCodeStatus.Malformed, "Inside is no signed object (COSE_Sign1).");
        examination.Holds($"Inside is a signed object of {inflated.Length} bytes.");
        return VerifySigned(cose, examination, now);
    }

    private HealthCodeResult VerifySigned(CoseSign1 cose, Examination examination, in VerificationMoment now)
    {
        if (cose.HasCritical)
            return examination.End(HealthCodeStatus.Unsupported, "The signer demands an extension that is not known here.");
        if (cose.KeyId is not { Length: KeyIdentifier.Length } kidBytes)
            return examination.End(HealthCodeStatus.Malformed, "It does not name the signer's key by 8 bytes.");
        if (trust.Current is not { } list)
            return examination.End(HealthCodeStatus.CannotVerify, "This gate has no trust list.");
        examination.TrustList = list;
        var kid = KeyIdentifier.From(kidBytes.Span);
        var candidates = list.SignersOf(kid);
        if (candidates.Count == 0)
        {
            // A list too old to use may lack a new signer: that is no reason to call the certificate false.
            return examination.CheckClockAndList(list, now, options.TrustListGrace)
                ?? examination.End(HealthCodeStatus.UnknownIssuer, $"The signer's key {kid} is not on the trust list (version {list.Version}).");
        }

        var signer = FindSigner(cose, candidates);
        if (signer is null)
        {
            return examination.End(HealthCodeStatus.SignatureInvalid, candidates.All(candidate => candidate.Key.CoseAlgorithm != cose.Algorithm)
                ? $"It says it is signed with algorithm {cose.Algorithm?.ToString() ?? "(none)"}, and the listed key {kid} is not for that one."
                : $"The signature does not hold with the listed key {kid}: it was altered or forged.");
        }
        examination.Reference = Convert.ToHexStringLower(SHA256.HashData(cose.Payload.Span));
        examination.Issuer = signer.Country;
        examination.Holds($"The signature holds: signed by {DisplayText.Of(signer.Country ?? "a country not stated")}, key {kid} ({signer.Key.Kind}), on trust list version {list.Version}.");
        return VerifyClaims(cose, signer, kid, list, examination, now);
    }

    private static TrustedSigner? FindSigner(CoseSign1 cose, IReadOnlyList<TrustedSigner> candidates)
    {
        var signed = cose.SignatureInput();
        foreach (var candidate in candidates)
        {
            if (candidate.Key.CoseAlgorithm == cose.Algorithm && candidate.Key.Verify(signed, cose.Signature.Span))
                return candidate;
        }
        return null;
    }

    private HealthCodeResult VerifyClaims(CoseSign1 cose, TrustedSigner signer, KeyIdentifier kid, TrustList list, Examination examination, in VerificationMoment now)
    {
        if (CwtClaims.Read(cose.Payload, out var fault) is not { } claims)
            return examination.End(HealthCodeStatus.Malformed, $"It is signed, but {fault}.");
        examination.IssuedAt = claims.IssuedAt;
        examination.ExpiresAt = claims.ExpiresAt;
        examination.Issuer ??= claims.Issuer is { } country ? DisplayText.Of(country) : null;

        Dcc? dcc = null;
        if (claims.Certificates[HcertEnvelope.EuDcc] is { } content)
        {
            dcc = Dcc.Read(content, out fault);
            if (dcc is null)
                return examination.End(HealthCodeStatus.Malformed, $"It is signed, but is no EU certificate as it must be: {fault}.");
            examination.Certificate = dcc.Kind;
            examination.Holder = dcc.Holder;
            examination.Holds($"It is an EU certificate of a {Words(dcc.Kind)}, made out to one person.");
        }
        if (IsDenied(list, cose, dcc))
            return examination.End(HealthCodeStatus.Revoked, "It is on the list of revoked certificates.");
        if (dcc is not null && !signer.Kinds.HasFlag(dcc.Kind))
            return examination.End(HealthCodeStatus.KeyNotAllowedForKind, $"The signer's key may sign {Words(signer.Kinds)}, and not a {Words(dcc.Kind)}.");
        if ((examination.CheckClockAndList(list, now, options.TrustListGrace) ?? CheckTimes(claims, signer, examination, now)) is { } end)
            return end;
        return dcc is null
            ? examination.End(HealthCodeStatus.Unsupported, $"It is genuine, but holds {HcertEnvelope.Words(FirstKey(claims))}, which is not understood here.")
            : CheckRules(dcc, claims, signer, kid, examination, now);
    }

    /// <summary>DSC.notBefore ≤ iat ≤ now ≤ exp ≤ DSC.notAfter.</summary>
    private HealthCodeResult? CheckTimes(CwtClaims claims, TrustedSigner signer, Examination examination, in VerificationMoment now)
    {
        if (claims.IssuedAt < signer.NotBefore)
            return examination.End(HealthCodeStatus.NotYetValid, $"It was issued at {Examination.Words(claims.IssuedAt)}, before its signer's key became valid.");
        if (claims.ExpiresAt > signer.NotAfter)
            return examination.End(HealthCodeStatus.Expired, $"It says it is valid longer than its signer's key, which ends at {Examination.Words(signer.NotAfter.Value)}.");
        return examination.CheckTimes(claims.IssuedAt, claims.ExpiresAt, now.Time, options.ClockTolerance);
    }

    private HealthCodeResult CheckRules(Dcc dcc, CwtClaims claims, TrustedSigner signer, KeyIdentifier kid, Examination examination, in VerificationMoment now)
    {
        if (options.Rules is not { } rules)
            return examination.End(HealthCodeStatus.Valid, "It is genuine and in its time; no further rules are set at this gate.");
        using var payload = dcc.ToJson();
        var ruling = rules.Check(new CertificateFacts(
            dcc.Kind, payload.RootElement, signer.Country ?? claims.Issuer, kid.ToBytes(), claims.IssuedAt, claims.ExpiresAt, now.Time));
        if (ruling.Status == HealthCodeStatus.Valid)
            return examination.End(HealthCodeStatus.Valid, "It is genuine, in its time, and every rule of this gate holds.");
        examination.FailedRules = [.. ruling.Failures.Select(failure => failure.Identifier)];
        var words = string.Join("; ", ruling.Failures.Select(failure => $"{failure.Identifier} ({failure.Words})"));
        return ruling.Status == HealthCodeStatus.RuleFailed
            ? examination.End(HealthCodeStatus.RuleFailed, $"It is genuine, but does not fulfil: {words}.")
            : examination.End(HealthCodeStatus.CannotVerify, $"It is genuine, but this gate's rules cannot judge it{(words.Length > 0 ? ": " + words : "")}.");
    }

    private static bool IsDenied(TrustList list, CoseSign1 cose, Dcc? dcc)
    {
        if (!list.DeniesAny)
            return false;
        // Of an ECDSA signature only r: s can be changed by anybody and the signature still holds.
        var signature = cose.Signature.Length == Es256SignatureLength ? cose.Signature.Span[..(Es256SignatureLength / 2)] : cose.Signature.Span;
        return list.IsDenied(SHA256.HashData(signature))
            || list.IsDenied(SHA256.HashData(cose.Payload.Span))
            || (dcc is not null && dcc.Entries.Any(entry => list.IsDenied(Hash(entry.Identifier)) || list.IsDenied(Hash(entry.Country + entry.Identifier))));
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static long FirstKey(CwtClaims claims) => claims.Certificates.Entries[0].Key is CborValue.Integer { Value: var key } ? key : 0;

    private static string Words(CertificateKinds kinds) => kinds == CertificateKinds.None ? "nothing" : kinds.ToString().ToLowerInvariant().Replace(", ", " and ", StringComparison.Ordinal);
}
