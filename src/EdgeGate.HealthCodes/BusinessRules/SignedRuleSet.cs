using System.Security.Cryptography;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>A rule set as it travels: compact JWS, ES256, <c>typ</c> of its own so that nothing else the operator signs can pass for rules.</summary>
public static class SignedRuleSet
{
    /// <summary>Most characters of a signed rule set.</summary>
    public const int MaxLength = 8 * 1024 * 1024;

    private const string Type = "edgegate-rules+jws";

    /// <param name="payload">As <see cref="RuleSet.Parse"/> takes it.</param>
    /// <param name="operatorKey">Private key, P-256.</param>
    public static string Sign(ReadOnlySpan<byte> payload, ECDsa operatorKey) =>
        CompactJws.Sign(operatorKey, CompactJws.Header(JsonWebKey.From(operatorKey).KeyId!, Type), payload);

    /// <exception cref="RuleSetException">Not signed by one of these keys, or not a rule set.</exception>
    public static RuleSet Open(string text, IReadOnlyList<JsonWebKey> operatorKeys)
    {
        if (text.Length > MaxLength || !CompactJws.TryParse(text.AsSpan().Trim(), out var jws) || jws.Algorithm != CompactJws.Es256 || jws.Type != Type || jws.HasCritical)
            throw new RuleSetException(["it is no signed rule set"]);
        if (operatorKeys.FirstOrDefault(key => key.Thumbprint() == jws.KeyId) is not { } named || VerificationKey.From(named, out _) is not { } key)
            throw new RuleSetException(["it is signed by a key that is not the operator's"]);
        return key.Verify(jws.SigningInput, jws.Signature)
            ? RuleSet.Parse(jws.Payload)
            : throw new RuleSetException(["its signature does not hold: it was altered"]);
    }
}
