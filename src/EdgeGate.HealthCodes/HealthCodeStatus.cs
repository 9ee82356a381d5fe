namespace EdgeGate.HealthCodes;

/// <summary>What was found out about a scanned code. The gate's settings map each to granted, guard or denied.</summary>
public enum HealthCodeStatus
{
    /// <summary>Signed by a listed issuer, in its time, not revoked, and every business rule holds.</summary>
    Valid,

    /// <summary>Genuine, but a business rule does not hold.</summary>
    RuleFailed,
    Expired,
    NotYetValid,
    Revoked,
    SignatureInvalid,
    UnknownIssuer,

    /// <summary>Genuine, but the issuer's key is not for this kind of certificate.</summary>
    KeyNotAllowedForKind,

    /// <summary>Not what its prefix says, damaged, or over a limit.</summary>
    Malformed,

    /// <summary>Recognised, and not handled here.</summary>
    Unsupported,
    ProviderGreen,
    ProviderYellow,
    ProviderRed,

    /// <summary>The provider knows no such person or code.</summary>
    ProviderNotFound,

    /// <summary>The provider says that this code is too old.</summary>
    ProviderExpired,

    /// <summary>The provider did not answer within its budget.</summary>
    ProviderTimeout,

    /// <summary>The provider could not be asked, or what it answered could not be understood.</summary>
    ProviderError,

    /// <summary>Nothing can be said now: the clock is not trusted, or the trust list is too old.</summary>
    CannotVerify,
}
