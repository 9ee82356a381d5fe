using BenchmarkDotNet.Attributes;
using EdgeGate.Access;
using EdgeGate.Access.Rules;

namespace EdgeGate.Benchmarks.Inner;

/// <summary>A person's way through the state machine and the rules: 200 credential groups, of which the last one matches, as in the comparison with other edges.</summary>
public class Deciding
{
    private const int Groups = 200;
    private static readonly ClockReading Now = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.FromHours(8)), TimeSpan.FromHours(1), Guid.Empty, ClockGrade.Synchronised);
    private readonly EncounterOptions _options = new() { TemperatureRequired = true };
    private readonly Presentation _shown = new("reader-1", new Credential.Code("0199ABCDEF"), Now);
    private readonly TemperatureEvidence _measured = new(new Celsius(3662), new Celsius(3410), new Celsius(2150), Episode: 1, Now.SinceBoot, Now.SinceBoot);
    private readonly AccessPolicy _policy = new(
    [
        new EncounterRule(),
        new IdCardRule(),
        new CredentialGroupRule([.. Enumerable.Range(0, Groups).Select(i => new CredentialGroup($"group-{i}", $"{i:0000}", TimeOnly.MinValue, new TimeOnly(23, 0)))]),
        new TemperatureRule(new TemperatureLimits(), Outcome.Guard),
    ]);

    [Benchmark(Description = "encounter: presented, measured, decided")]
    public Encounter Encounter()
    {
        var step = Access.Encounter.Idle.Apply(new EncounterInput.Presented(_shown), _options);
        return step.Next.Apply(new EncounterInput.Measured(_measured, Now), _options).Next;
    }

    [Benchmark(Description = "rules: all four, 200 groups")]
    public Outcome Rules() => _policy.Decide(new AccessRequest(_shown, Direction.Entry, _measured, Now)).Outcome;
}
