using System.Security.Cryptography;
using EdgeGate.HealthCodes.Compression;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.HealthCodes.SmartHealthCards;

/// <summary>
/// Verifies SMART Health Cards (version 1.4). The signature covers the compressed bytes: it is checked before anything is
/// unpacked. The issuer's address in a card is compared and never fetched.
/// </summary>
internal sealed class CardVerifier(TrustStore trust, HealthCodeOptions options)
{
    public const int MaxInflated = 64 * 1024;

    public HealthCodeResult Verify(string text, in VerificationMoment now)
    {
        var examination = new Examination(CodeKind.SmartHealthCard);
        var lines = text.Split('\n', CardParts.MaxParts + 1, StringSplitOptions.TrimEntries);
        if (lines.Length > CardParts.MaxParts)
            return examination.End(HealthCodeStatus.Malformed, $"It has more than {CardParts.MaxParts} parts.");
        var parts = new CardText[lines.Length];
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length > CardText.MaxText)
                return examination.End(HealthCodeStatus.Malformed, $"The text has {lines[i].Length} characters; a QR code of this kind holds {CardText.MaxText} at most.");
            if (!CardText.TryParse(lines[i], out parts[i]))
                return examination.End(HealthCodeStatus.Malformed, "After shc:/ there are other characters than digits: it was misread or altered.");
        }
        if (parts[0].Of > lines.Length)
            return examination.End(HealthCodeStatus.Unsupported, $"This is part {parts[0].Part} of {parts[0].Of}: the card can be read only when all its codes are shown.");
        if (parts.Where((part, i) => part.Part != i + 1 || part.Of != parts.Length).Any())
            return examination.End(HealthCodeStatus.Malformed, "Its parts do not belong together.");
        examination.Holds($"The code is a SMART Health Card, {text.Length} characters{(lines.Length > 1 ? $" in {lines.Length} parts" : "")}.");

        if (!CardText.TryDecode(string.Concat(parts.Select(part => part.Digits)), out var characters) || !CompactJws.TryParse(characters, out var jws))
            return examination.End(HealthCodeStatus.Malformed, "Its digits are no signed object (JWS): it was misread or altered.");
        return VerifySigned(jws, examination, now);
    }

    private HealthCodeResult VerifySigned(CompactJws jws, Examination examination, in VerificationMoment now)
    {
        if (jws.HasCritical)
            return examination.End(HealthCodeStatus.Unsupported, "The signer demands an extension that is not known here.");
        if (jws.KeyId is null)
            return examination.End(HealthCodeStatus.Malformed, "It does not name its issuer's key.");
        if (trust.Current is not { } list)
            return examination.End(HealthCodeStatus.CannotVerify, "This gate has no trust list.");
        examination.TrustList = list;
        var keys = list.CardKeysOf(jws.KeyId);
        if (keys.Count == 0)
        {
            return examination.CheckClockAndList(list, now, options.TrustListGrace)
                ?? examination.End(HealthCodeStatus.UnknownIssuer, $"The issuer's key {DisplayText.Of(jws.KeyId)} is not on the trust list (version {list.Version}).");
        }
        // The same thumbprint is the same key, whoever's name it stands under.
        if (jws.Algorithm != CompactJws.Es256 || !keys[0].Key.Verify(jws.SigningInput, jws.Signature))
            return examination.End(HealthCodeStatus.SignatureInvalid, $"The signature does not hold with the listed key {DisplayText.Of(jws.KeyId)}: it was altered or forged.");
        examination.Reference = Convert.ToHexStringLower(SHA256.HashData(jws.Payload));
        examination.Holds($"The signature holds: signed with key {DisplayText.Of(jws.KeyId)}, on trust list version {list.Version}.");

        if (jws.Zip != "DEF")
            return examination.End(HealthCodeStatus.Malformed, "It is signed, but its content is not packed as it must be.");
        var inflated = Inflate.TryDecode(jws.Payload, MaxInflated, out var json, out var consumed);
        if (inflated != InflateStatus.Done || consumed != jws.Payload.Length)
            return examination.End(HealthCodeStatus.Malformed, inflated == InflateStatus.TooLong ? $"It is signed, but unpacks to more than {MaxInflated / 1024} KiB." : "It is signed, but cannot be unpacked.");
        if (CardPayload.Read(json, out var fault) is not { } card)
            return examination.End(HealthCodeStatus.Malformed, $"It is signed, but {fault}.");
        return VerifyCard(card, keys, list, examination, now);
    }

    private HealthCodeResult VerifyCard(CardPayload card, IReadOnlyList<TrustedCardKey> keys, TrustList list, Examination examination, in VerificationMoment now)
    {
        if (keys.FirstOrDefault(key => key.Issuer == card.Issuer) is not { } issuer)
            return examination.End(HealthCodeStatus.UnknownIssuer, $"It says it is issued by {DisplayText.Of(card.Issuer)}, and the key that signed it belongs to another issuer.");
        examination.Issuer = issuer.Issuer;
        examination.IssuedAt = card.ValidFrom;
        examination.ExpiresAt = card.ExpiresAt;
        examination.Certificate = card.Kind;
        examination.Holder = card.Holder;
        examination.Holds($"It is issued by {DisplayText.Of(issuer.Issuer)}, whose key this is.");
        if (list.IsDenied(Convert.FromHexString(examination.Reference!)) || (card.RevocationId is { } rid && issuer.Revocations.Revokes(rid, card.NotBefore)))
            return examination.End(HealthCodeStatus.Revoked, "It is on the list of revoked cards.");
        if ((examination.CheckClockAndList(list, now, options.TrustListGrace) ?? examination.CheckTimes(card.ValidFrom, card.ExpiresAt, now.Time, options.ClockTolerance)) is { } end)
            return end;
        if (card.Kind is CertificateKinds.None)
            return examination.End(HealthCodeStatus.Unsupported, "It is genuine, but certifies neither a vaccination nor a test.");
        // An older test must not pass as a card where it would not pass as an EU certificate.
        return options.Rules is null
            ? examination.End(HealthCodeStatus.Valid, "It is genuine and in its time. Whose it is must be compared with a document.")
            : examination.End(HealthCodeStatus.CannotVerify, "It is genuine and in its time, but this gate's rules are written for EU certificates and cannot judge it.");
    }
}
