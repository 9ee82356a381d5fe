using System.Security.Cryptography;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Routing;

namespace EdgeGate.HealthCodes.Passes;

/// <summary>
/// Verifies <c>EGP1:</c> passes. Whether a pass opens this gate in this direction is the gate's question (<see cref="EdgeGatePass.Opens"/>); here it is judged
/// whether the pass is genuine, in its time, not revoked and not used up.
/// </summary>
internal sealed class PassVerifier(HealthCodeOptions options)
{
    public HealthCodeResult Verify(ReadOnlySpan<char> text, in VerificationMoment now)
    {
        var examination = new Examination(CodeKind.EdgeGatePass);
        if (text.Length > PassText.MaxText)
            return examination.End(HealthCodeStatus.Malformed, $"The text has {text.Length} characters; a pass has {PassText.MaxText} at most.");
        text = text[PassText.Prefix.Length..];
        var mark = text.IndexOf(PassText.RotatingMark);
        var rotating = mark < 0 ? default : text[(mark + 1)..];
        if (!CompactJws.TryParse(mark < 0 ? text : text[..mark], out var jws))
            return examination.End(HealthCodeStatus.Malformed, "After EGP1: there is no signed object (JWS): it was misread or altered.");
        if (jws.HasCritical || jws.Type != PassText.Type)
            return examination.End(HealthCodeStatus.Unsupported, "It is a signed object, but no pass of a kind known here.");
        examination.Holds("The code is an EdgeGate pass.");

        if (options.PassKeys.FirstOrDefault(key => key.Thumbprint == jws.KeyId) is not { } passKey)
            return examination.End(HealthCodeStatus.UnknownIssuer, $"It is signed with key {DisplayText.Of(jws.KeyId)}, whose passes this gate does not take.");
        if (jws.Algorithm != CompactJws.Es256 || !passKey.Key.Verify(jws.SigningInput, jws.Signature))
            return examination.End(HealthCodeStatus.SignatureInvalid, "The signature does not hold: the pass was altered or forged.");
        examination.Holds("The signature holds: the operator made this pass.");
        examination.Reference = Convert.ToHexStringLower(SHA256.HashData(jws.Payload));

        if (PassText.Read(jws.Payload, out var fault) is not { } pass)
            return examination.End(HealthCodeStatus.Malformed, $"It is signed, but {fault}.");
        examination.Pass = pass;
        examination.IssuedAt = pass.NotBefore;
        examination.ExpiresAt = pass.ExpiresAt;
        examination.Holds($"It is a {(pass.Person is null ? "bearer pass" : "pass for one person")} for {string.Join(", ", pass.Gates)}.");
        if (options.PassRegister is { } register && register.IsRevoked(pass.Id) is not false and var isRevoked)
        {
            return isRevoked is true ? examination.End(HealthCodeStatus.Revoked, "The pass was revoked.")
                : examination.End(HealthCodeStatus.CannotVerify, "The list of passes that were called back is damaged here, and is made anew: whether this one was cannot be said.");
        }
        if (!now.ClockTrusted)
            return examination.End(HealthCodeStatus.CannotVerify, "The clock of this gate is not set: whether the pass is in its time cannot be said.");
        if (examination.CheckTimes(pass.NotBefore, pass.ExpiresAt, now.Time, options.ClockTolerance) is { } end)
            return end;
        if (pass.Uses is not null && options.PassRegister is null)
            return examination.End(HealthCodeStatus.CannotVerify, "The pass is good for so many uses only, and this gate does not count them.");
        if (pass.Uses is { } uses && options.PassRegister!.UsesOf(pass.Id) >= uses)
            return examination.End(HealthCodeStatus.RuleFailed, $"The pass was good for {uses} uses, and they are used up.");
        return CheckRotatingCode(pass, rotating, now, examination) ?? examination.End(HealthCodeStatus.Valid, "The pass is genuine and in its time.");
    }

    private HealthCodeResult? CheckRotatingCode(EdgeGatePass pass, ReadOnlySpan<char> code, in VerificationMoment now, Examination examination)
    {
        if (pass.TotpSecret is null)
            return null;
        if (options.PassRegister?.TotpSecret(pass.TotpSecret) is not { Length: > 0 } secret)
            return examination.End(HealthCodeStatus.CannotVerify, "The pass has a rotating code, and this gate does not have its secret.");
        if (!Totp.Verify(secret, code, now.Time))
            return examination.End(HealthCodeStatus.RuleFailed, "The rotating code is missing or not that of now: it may be a picture taken earlier.");
        examination.Holds("The rotating code is that of now.");
        return null;
    }
}
