using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.HealthCodes.SmartHealthCards;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.HealthCodes;

/// <summary>
/// What a scanned text is to the lane: a health code, which is evidence; a pass or any other code, which is a credential. Whose a health code
/// is, is settled at the scan, so the lane hears of it before it is looked into.
/// </summary>
/// <param name="providers">By the name of the pattern that knows their codes.</param>
internal sealed partial class CodeIntake(
    CodeIntakeOptions options, HealthCodeVerifier verifier, IReadOnlyDictionary<string, HttpHealthCodeProvider> providers, LaneInputs lane, GateClock clock, TimeProvider time,
    ILogger<CodeIntake> log)
{
    private readonly CardParts _parts = new(time);

    /// <param name="guardAction">Sequence of a guard's record of reading it; null for what a reader of the lane read. Of a certificate in parts that of the last counts.</param>
    public async ValueTask TakeAsync(string readerId, string text, CancellationToken cancellationToken, long? guardAction = null)
    {
        var at = clock.SinceBoot;
        var code = CodeRouter.Route(text, options.Patterns);
        switch (code.Kind)
        {
            case CodeKind.HealthCertificate or CodeKind.SmartHealthCard when options.TakesHealthCodes:
                if (_parts.Offer(code.Text) is var part && part is CardPartsAnswer.Incomplete)
                    return; // the person shows the next part
                await TakeCertificateAsync(part is CardPartsAnswer.Complete whole ? whole.Text : code.Text, at, guardAction, cancellationToken);
                break;
            case CodeKind.HealthCertificate or CodeKind.SmartHealthCard: // nobody asked, so what it says of a person is not kept, not even sealed
                await lane.PresentAsync(readerId, new Credential.Unreadable("health-code-not-asked-for"), cancellationToken, guardAction);
                break;
            case CodeKind.ProviderCode when options.TakesHealthCodes:
                var codeId = IdOf(code.Text);
                await lane.ShowCodeAsync(codeId, at, cancellationToken, guardAction);
                if (providers.TryGetValue(code.Pattern!.Name, out var provider))
                    _ = AskAsync(provider, readerId, code.Text, codeId, at, cancellationToken); // the provider bounds how many are under way, and for how long
                else // its settings cannot be used, as the log says
                    await lane.JudgeCodeAsync(new JudgedHealthCode.Certificate(codeId, at, verifier.Verify(code.Text, Now) with { Status = HealthCodeStatus.CannotVerify }), cancellationToken);
                break;
            case CodeKind.EdgeGatePass when options.TakesPasses:
                await lane.PresentAsync(readerId, PassOf(code.Text), cancellationToken, guardAction);
                break;
            default:
                await lane.PresentAsync(readerId, new Credential.Code(text), cancellationToken, guardAction);
                break;
        }
    }

    private async ValueTask TakeCertificateAsync(string text, TimeSpan at, long? guardAction, CancellationToken cancellationToken)
    {
        var codeId = IdOf(text);
        await lane.ShowCodeAsync(codeId, at, cancellationToken, guardAction);
        await lane.JudgeCodeAsync(new JudgedHealthCode.Certificate(codeId, at, verifier.Verify(text, Now)), cancellationToken);
    }

    private async Task AskAsync(HttpHealthCodeProvider provider, string readerId, string text, string codeId, TimeSpan at, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await provider.AskAsync(new ProviderQuestion(text, "QR", readerId, options.Place), cancellationToken);
            if (answer.Fault is { } fault)
                LogProviderFault(provider.Id, fault);
            await lane.JudgeCodeAsync(new JudgedHealthCode.Asked(codeId, at, answer), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // the gate stops
        }
    }

    private Credential.Pass PassOf(string text)
    {
        var result = verifier.Verify(text, Now);
        var opens = result.Pass?.Opens(options.GateNames, options.Direction) is true;
        var fault = FaultOf(result.Status, opens) ?? (result.Pass!.Person is null ? null : DenyReason.CredentialUnverified); // made out to one person: somebody must look who shows it
        return new Credential.Pass(result.Pass?.Id ?? IdOf(text), fault) { Uses = result.Pass?.Uses };
    }

    private static DenyReason? FaultOf(HealthCodeStatus status, bool opens) => status switch
    {
        HealthCodeStatus.Valid when opens => null,
        HealthCodeStatus.Valid or HealthCodeStatus.RuleFailed => DenyReason.Unauthorized, // another gate or way, or yesterday's rotating code
        HealthCodeStatus.Expired => DenyReason.CredentialExpired,
        HealthCodeStatus.NotYetValid => DenyReason.CredentialNotActive,
        HealthCodeStatus.Revoked => DenyReason.CredentialRevoked,
        HealthCodeStatus.CannotVerify => DenyReason.CredentialUnverified,
        _ => DenyReason.CredentialNotFound,
    };

    private VerificationMoment Now => clock.Read() is var now ? new(now.Wall, ClockTrusted: now.Grade is not ClockGrade.Unset) : default;

    /// <summary>In memory only; a hash, so that no text of a certificate stays in a lane.</summary>
    private static string IdOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [LoggerMessage(LogLevel.Warning, "Provider {Provider} could not be asked: {Fault}")]
    private partial void LogProviderFault(string provider, string fault);
}

internal sealed record CodeIntakeOptions
{
    /// <summary>Whether the lane asks for health codes; else certificates count as unreadable, and a provider's codes are codes like any other.</summary>
    public required bool TakesHealthCodes { get; init; }
    public required bool TakesPasses { get; init; }
    public required IReadOnlyList<CodePattern> Patterns { get; init; }

    /// <summary>What passes may name to mean this gate.</summary>
    public required IReadOnlyList<string> GateNames { get; init; }
    public required PassDirections Direction { get; init; }

    /// <summary>The entrance, as providers are told.</summary>
    public required string Place { get; init; }
}
