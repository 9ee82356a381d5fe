namespace EdgeGate.Access.Rules;

/// <summary>A signed pass must be good by itself. When that cannot be told, because the clock is not set, a person looks.</summary>
public sealed class PassRule : IAccessRule
{
    public string Name => "pass";

    public Objection? Check(AccessRequest request) => request.Presentation.Credential is Credential.Pass { Fault: { } fault }
        ? new Objection(fault, fault is DenyReason.ClockNotSet ? Outcome.Guard : Outcome.Denied)
        : null;
}
