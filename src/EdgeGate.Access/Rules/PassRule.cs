namespace EdgeGate.Access.Rules;

/// <summary>A signed pass must be good by itself. Where that cannot be told a person looks.</summary>
public sealed class PassRule : IAccessRule
{
    public string Name => "pass";

    public Objection? Check(AccessRequest request) => request.Presentation.Credential is Credential.Pass { Fault: { } fault }
        ? new Objection(fault, fault is DenyReason.CredentialUnverified ? Outcome.Guard : Outcome.Denied)
        : null;
}
