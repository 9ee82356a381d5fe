using EdgeGate.Access;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Providers;

namespace EdgeGate.Service.HealthCodes;

/// <summary>A health code with what was found out about it: offline from itself, or from a provider.</summary>
internal abstract record JudgedHealthCode(string CodeId, TimeSpan ShownAt) : HealthCodeEvidence(CodeId, ShownAt)
{
    public abstract HealthCodeStatus Status { get; }

    internal sealed record Certificate(string CodeId, TimeSpan ShownAt, HealthCodeResult Result) : JudgedHealthCode(CodeId, ShownAt)
    {
        public override HealthCodeStatus Status => Result.Status;
    }

    internal sealed record Asked(string CodeId, TimeSpan ShownAt, ProviderAnswer Answer) : JudgedHealthCode(CodeId, ShownAt)
    {
        public override HealthCodeStatus Status => Answer.Status;
    }
}
