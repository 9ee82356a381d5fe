using System.Text.Json.Serialization;
using EdgeGate.Access;

namespace EdgeGate.Messages.Commands;

/// <summary>
/// What a gate may be told to do, as the claims of a signed command (<see cref="CommandToken"/>): one gate, one use, and a short life.
/// Flat JSON; <c>kind</c> says which, the rest are its arguments.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(OpenOnceCommand), "open-once")]
[JsonDerivedType(typeof(SetModeCommand), "set-mode")]
[JsonDerivedType(typeof(ResendRangeCommand), "resend-range")]
[JsonDerivedType(typeof(ReportTallyCommand), "report-tally")]
[JsonDerivedType(typeof(IdentifyCommand), "identify")]
[JsonDerivedType(typeof(NoticeCommand), "notice")]
[JsonDerivedType(typeof(ApplySettingsCommand), "apply-settings")]
[JsonDerivedType(typeof(RebootCommand), "reboot")]
public abstract record GateCommand
{
    /// <summary>A captured command of these kinds lets somebody in, so it dies soonest.</summary>
    private static readonly TimeSpan LongestLifeMovingPortal = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestLifeOfOthers = TimeSpan.FromMinutes(5);

    /// <summary>No kind lives longer.</summary>
    public static TimeSpan LongestLifeOfAll => LongestLifeOfOthers;

    /// <summary>For whom: <c>site/gate</c>.</summary>
    [JsonRequired]
    public string Gate { get; init; } = "";

    /// <summary>8 to 64 letters, digits, hyphens or underscores, never given twice by anybody: a gate takes each once.</summary>
    [JsonRequired]
    public string Id { get; init; } = "";

    /// <summary>Seconds since 1970, with fractions where the second is not enough (RFC 7519 section 2, NumericDate).</summary>
    [JsonRequired, JsonPropertyName("iat"), JsonConverter(typeof(NumericDate))]
    public DateTimeOffset IssuedAt { get; init; }

    [JsonRequired, JsonPropertyName("exp"), JsonConverter(typeof(NumericDate))]
    public DateTimeOffset Expires { get; init; }

    /// <summary>Whether taking it can let somebody pass, now or from now on.</summary>
    [JsonIgnore]
    public bool MovesPortal => this is OpenOnceCommand or SetModeCommand or ApplySettingsCommand;

    [JsonIgnore]
    public TimeSpan LongestLife => MovesPortal ? LongestLifeMovingPortal : LongestLifeOfOthers;

    [JsonIgnore]
    public string Kind => this switch
    {
        OpenOnceCommand => "open-once",
        SetModeCommand => "set-mode",
        ResendRangeCommand => "resend-range",
        ReportTallyCommand => "report-tally",
        IdentifyCommand => "identify",
        NoticeCommand => "notice",
        ApplySettingsCommand => "apply-settings",
        RebootCommand => "reboot",
        _ => throw new NotSupportedException($"{GetType().Name} has no name on the wire"),
    };

    /// <summary>What no gate could make sense of, in words; null when all values are within their limits.</summary>
    public string? Fault() =>
        Id.Length is < 8 or > 64 || !Id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')
            ? "the id must be 8 to 64 letters, digits, hyphens or underscores"
            : ArgumentFault();

    private protected abstract string? ArgumentFault();

    /// <summary>Texts end up on screens and in lists: no control characters, and no longer than there is room.</summary>
    private protected static string? TextFault(string name, string text, int longest) =>
        text.Length is 0 || text.Length > longest || text.Any(char.IsControl) ? $"{name} must be 1 to {longest} characters in one line" : null;
}

/// <summary>Unlocks the lane's portal for one passage, whatever its mode: somebody decided about the person who stands there.</summary>
/// <param name="Reason">Why, and who approved it. Kept sealed.</param>
public sealed record OpenOnceCommand(string Lane, string Reason) : GateCommand
{
    private protected override string? ArgumentFault() => TextFault("the lane", Lane, 32) ?? TextFault("the reason", Reason, 200);
}

/// <summary>Stays in force, restarts included, until the next one.</summary>
/// <param name="Mode">Null to follow the lane's own hours again.</param>
public sealed record SetModeCommand(string Lane, string Reason, PortalMode? Mode = null) : GateCommand
{
    private protected override string? ArgumentFault() => TextFault("the lane", Lane, 32) ?? TextFault("the reason", Reason, 200);
}

/// <summary>Sends records First to Last, both included, once more, as late ones with the same ids.</summary>
public sealed record ResendRangeCommand(long First, long Last) : GateCommand
{
    private protected override string? ArgumentFault() =>
        First < 1 || Last < First ? $"first must be at least 1 and last not below it, not {First} to {Last}" : null;
}

/// <summary>Publishes the tally now instead of at the next minute.</summary>
public sealed record ReportTallyCommand : GateCommand
{
    private protected override string? ArgumentFault() => null;
}

/// <summary>Lets the kiosk say which gate it is, for whoever stands before several.</summary>
public sealed record IdentifyCommand : GateCommand
{
    private protected override string? ArgumentFault() => null;
}

/// <summary>Words at the foot of the kiosk, in both languages, beside those that stand there. Until within 24 hours of now, restarts included.</summary>
public sealed record NoticeCommand(string Zh, string En, DateTimeOffset Until) : GateCommand
{
    /// <summary>One line each on the narrowest screen, or they would cover what the gate says to the person before it.</summary>
    public const int LongestZh = 24, LongestEn = 48;

    internal static string? WordsFault(string zh, string en) => TextFault("zh", zh, LongestZh) ?? TextFault("en", en, LongestEn);

    private protected override string? ArgumentFault() => WordsFault(Zh, En);
}

/// <summary>
/// Puts new settings into force on trial: the gate starts anew with them, and goes back to those before unless the broker and every device are healthy
/// within the time. Who passes is judged by them meanwhile.
/// </summary>
/// <param name="Settings">The whole of gate.json, comments allowed.</param>
/// <param name="WithinSeconds">1 to 600.</param>
public sealed record ApplySettingsCommand(string Settings, int WithinSeconds) : GateCommand
{
    /// <summary>With the token around it, sealed, it must fit a record.</summary>
    public const int LongestSettings = 16_000;

    private protected override string? ArgumentFault() =>
        Settings.Length is 0 or > LongestSettings ? $"the settings must be 1 to {LongestSettings} characters"
        : WithinSeconds is < 1 or > 600 ? $"withinSeconds must be from 1 to 600, not {WithinSeconds}"
        : null;
}

/// <summary>Starts the machine anew: for what only that heals, such as a stuck USB controller.</summary>
public sealed record RebootCommand(string Reason) : GateCommand
{
    private protected override string? ArgumentFault() => TextFault("the reason", Reason, 200);
}
