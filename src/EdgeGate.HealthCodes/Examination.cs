using EdgeGate.HealthCodes.Holders;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.HealthCodes;

/// <summary>A verification under way: gathers steps and what is known so far, and ends in a result.</summary>
internal sealed class Examination(CodeKind kind)
{
    private readonly List<VerificationStep> _steps = new(12);

    public CertificateKinds Certificate { get; set; }

    public string? Issuer { get; set; }

    public DateTimeOffset? IssuedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public string? Reference { get; set; }

    public CertificateHolder? Holder { get; set; }

    public EdgeGatePass? Pass { get; set; }

    public string? Pattern { get; set; }

    public IReadOnlyList<string> FailedRules { get; set; } = [];

    public TrustList? TrustList { get; set; }

    public TrustListAge? TrustListAge { get; set; }

    public void Holds(string words) => _steps.Add(new VerificationStep(StepOutcome.Holds, words));

    public void Note(string words) => _steps.Add(new VerificationStep(StepOutcome.Noted, words));

    /// <summary>Ends the verification with its last step.</summary>
    public HealthCodeResult End(HealthCodeStatus status, string words)
    {
        _steps.Add(new VerificationStep(status == HealthCodeStatus.Valid ? StepOutcome.Holds : StepOutcome.Fails, words));
        return new HealthCodeResult
        {
            Kind = kind,
            Status = status,
            Steps = _steps,
            Certificate = Certificate,
            Issuer = Issuer,
            IssuedAt = IssuedAt,
            ExpiresAt = ExpiresAt,
            Reference = Reference,
            Holder = Holder,
            Pass = Pass,
            Pattern = Pattern,
            FailedRules = FailedRules,
            TrustListVersion = TrustList?.Version,
            TrustListAge = TrustListAge,
        };
    }

    /// <summary>Judges the clock and the age of the trust list; null when both are good enough to go on.</summary>
    public HealthCodeResult? CheckClockAndList(TrustList list, in VerificationMoment now, TimeSpan grace)
    {
        if (!now.ClockTrusted)
            return End(HealthCodeStatus.CannotVerify, "The clock of this gate is not set: whether the code is in its time cannot be said.");
        TrustListAge = list.AgeAt(now.Time, grace);
        switch (TrustListAge)
        {
            case Trust.TrustListAge.TooOld:
                return End(HealthCodeStatus.CannotVerify, $"The trust list expired at {Words(list.Document.ExpiresAt)}, longer ago than is allowed.");
            case Trust.TrustListAge.NotYetMade:
                return End(HealthCodeStatus.CannotVerify, $"The trust list was made at {Words(list.Document.IssuedAt)}, later than this gate's clock says: the clock is wrong.");
            case Trust.TrustListAge.Grace:
                Note($"The trust list expired at {Words(list.Document.ExpiresAt)}; it may still be used for a while.");
                break;
        }
        return null;
    }

    /// <summary>Judges a time span; null when now is inside.</summary>
    public HealthCodeResult? CheckTimes(DateTimeOffset from, DateTimeOffset? until, DateTimeOffset now, TimeSpan tolerance)
    {
        if (now < from - tolerance)
            return End(HealthCodeStatus.NotYetValid, $"It is valid from {Words(from)} only.");
        if (until is { } end && now > end + tolerance)
            return End(HealthCodeStatus.Expired, $"It expired at {Words(end)}.");
        Holds(until is null ? $"It is valid from {Words(from)} and has no expiry." : $"It is valid from {Words(from)} to {Words(until.Value)}.");
        return null;
    }

    /// <summary>A time for the steps.</summary>
    public static string Words(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'");
}
