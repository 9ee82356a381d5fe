using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Access.Rules;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Registers;

namespace EdgeGate.Service.Passing;

/// <summary>A recorded decision, judged once more.</summary>
/// <param name="Answers">What the other rules would have answered.</param>
/// <param name="NotJudged">Rules whose evidence is sealed or was not kept, and which have no recorded answer either.</param>
internal sealed record RehearsedDecision(DecidedRecord Recorded, AccessDecision Answers, IReadOnlyList<string> NotJudged)
{
    public bool Changes => Answers.Outcome != Recorded.Outcome;
}

/// <summary>
/// Puts recorded decisions to other rules, before these go live. Lists are those of now. What a rule needs beyond them comes from the record: with the
/// center's key from its sealed part; without it, and for what no record holds (who was inside, the portal's mode, a health code), the recorded
/// answer of the same rule stands.
/// </summary>
/// <param name="policyOf">The rules of a lane; null for a lane that the new settings do not have.</param>
/// <param name="center">Private key that opens the sealed part; null to go without.</param>
internal sealed class Rehearsal(Func<string, AccessPolicy?> policyOf, LaneFacts facts, ECDiffieHellman? center)
{
    /// <summary>Rules that look at what is only in the sealed part.</summary>
    private static readonly string[] OfSealedEvidence = ["id-card", "credential-group", "temperature", "home-region/"];

    /// <summary>Rules that look at what no record holds: the moment itself.</summary>
    private static readonly string[] OfTheMoment = ["encounter", "portal-mode", "health-code", "pass", "occupancy", "anti-passback"];

    /// <returns>Null for a record of a lane that is no more.</returns>
    public RehearsedDecision? Judge(DecidedRecord recorded, DateTimeOffset at)
    {
        if (policyOf(recorded.Lane) is not { } policy)
            return null;
        var evidence = center is null ? null : JsonSerializer.Deserialize(EvidenceSeal.Open(recorded.Sealed, center), RecordShapes.Default.SealedEvidence);
        var request = facts.Complete(RequestOf(recorded, at, evidence), PersonKey.TryParse(recorded.Person, out var person) ? person : null);
        var notJudged = new List<string>();
        var answers = policy.Decide(request).Answers.Select(fresh =>
        {
            var (known, isOfTheMoment) = (AnswerIn(recorded, fresh.Rule), OfTheMoment.Contains(fresh.Rule));
            if (!isOfTheMoment && (evidence is not null || !IsOfSealedEvidence(fresh.Rule)))
                return fresh;
            if (known is null && !(isOfTheMoment && fresh.Rule is "encounter" or "portal-mode" or "pass"))
                notJudged.Add(fresh.Rule);
            return known ?? new RuleAnswer(fresh.Rule, Objection: null);
        });
        RuleAnswer[] ofUses = AnswerIn(recorded, "pass-uses") is { } uses ? [uses] : []; // no rule's: it is asked when all rules grant
        return new RehearsedDecision(recorded, new AccessDecision([.. answers, .. ofUses]), notJudged);
    }

    private static bool IsOfSealedEvidence(string rule) => OfSealedEvidence.Any(name => name.EndsWith('/') ? rule.StartsWith(name, StringComparison.Ordinal) : rule == name);

    private static RuleAnswer? AnswerIn(DecidedRecord recorded, string rule) => recorded.Rules.FirstOrDefault(answer => answer.Rule == rule) is { } answer
        ? new RuleAnswer(rule, answer is { Reason: { } reason, Severity: { } severity } ? new Objection(reason, severity) : null, answer.Flag)
        : null;

    private static AccessRequest RequestOf(DecidedRecord recorded, DateTimeOffset at, SealedEvidence? evidence)
    {
        var clock = new ClockReading(at, TimeSpan.FromSeconds(recorded.Clock.SinceBoot), recorded.Clock.Boot, recorded.Clock.Grade);
        Credential credential = (recorded.Credential, evidence) switch
        {
            (CredentialKind.IdCard, { Number: { } number }) => new Credential.IdCard(number, evidence.Name ?? "", evidence.ValidFrom, evidence.ValidTo, LongTerm: evidence.ValidTo is null)
            {
                HasCitizenNumber = number.Length == 18,
            },
            (CredentialKind.Code, { Code: { } code }) => new Credential.Code(code),
            (CredentialKind.Pass, { Code: { } pass }) => new Credential.Pass(pass, Fault: null),
            _ => new Credential.Unreadable("sealed"),
        };
        var temperature = evidence is { Body: { } body, Surface: { } surface, Ambient: { } ambient }
            ? new TemperatureEvidence(Celsius.From(body), Celsius.From(surface), Celsius.From(ambient), Episode: 0, clock.SinceBoot, clock.SinceBoot)
            : null;
        return new AccessRequest(new Presentation(recorded.Reader, credential, clock), recorded.Direction, temperature, clock);
    }
}
