using System.Collections.Frozen;
using static EdgeGate.HealthCodes.HealthCodeStatus;

namespace EdgeGate.HealthCodes.Providers;

/// <summary>
/// The colours and states of public interfaces, to be used as <see cref="ProviderReplyForm.States"/>. "Under review", "unknown" and
/// "invalid" say nothing about the person: CannotVerify.
/// </summary>
public static class ProviderPresets
{
    /// <summary>Colour names, and <c>init</c> while a code is under review, as in Alipay's health code query; grey as others have it.</summary>
    public static IReadOnlyDictionary<string, HealthCodeStatus> ColourNames { get; } = States(
        ("green", ProviderGreen), ("yellow", ProviderYellow), ("red", ProviderRed), ("grey", CannotVerify), ("gray", CannotVerify), ("init", CannotVerify));

    /// <summary>Aliyun IoT, HealthCodeVerifyRecord.</summary>
    public static IReadOnlyDictionary<string, HealthCodeStatus> AliyunIot { get; } = States(
        ("1", ProviderGreen), ("2", ProviderYellow), ("3", ProviderRed), ("4", ProviderExpired), ("5", ProviderNotFound), ("6", ProviderError), ("7", ProviderTimeout));

    /// <summary>Hikvision access events.</summary>
    public static IReadOnlyDictionary<string, HealthCodeStatus> Hikvision { get; } = States(
        ("0", CannotVerify), ("1", ProviderNotFound), ("2", ProviderError), ("3", ProviderGreen), ("4", ProviderYellow), ("5", ProviderRed), ("6", ProviderNotFound),
        ("7", ProviderError), ("8", ProviderTimeout));

    /// <summary>Dahua SDK.</summary>
    public static IReadOnlyDictionary<string, HealthCodeStatus> Dahua { get; } = States(
        ("0", CannotVerify), ("1", ProviderRed), ("2", ProviderGreen), ("3", ProviderYellow), ("4", CannotVerify));

    /// <summary>WeCom access devices: normal, abnormal, unknown.</summary>
    public static IReadOnlyDictionary<string, HealthCodeStatus> WeCom { get; } = States(("0", ProviderGreen), ("1", ProviderRed), ("2", CannotVerify));

    private static FrozenDictionary<string, HealthCodeStatus> States(params (string Name, HealthCodeStatus Status)[] states) =>
        states.ToFrozenDictionary(state => state.Name, state => state.Status, StringComparer.OrdinalIgnoreCase);
}
