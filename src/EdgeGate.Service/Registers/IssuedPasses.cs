using EdgeGate.Access.Registers;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.HealthCodes;

namespace EdgeGate.Service.Registers;

/// <summary>The list of passes that were issued here (<see cref="PassRegister.Issued"/>), each by the key of its id. A pass is on it before anybody gets it.</summary>
internal sealed class IssuedPasses(RegisterStore store, PersonKeys keys)
{
    public static PersonKey KeyOf(PersonKeys keys, string passId) =>
        PersonKey.TryParse(keys.KeyOf("code", passId), out var key) ? key : throw new InvalidDataException("a key could not be made");

    /// <param name="by">Who issues them.</param>
    /// <exception cref="IOException">Not written, or somebody else changes lists just now.</exception>
    public void Add(IReadOnlyList<(EdgeGatePass Pass, string? MaskedName, string Unit)> passes, string by, DateTimeOffset now)
    {
        using var _ = store.Lock();
        var before = store.Load(PassRegister.Issued).Register;
        var entries = passes.Select(issued => new RegisterEntry(
            KeyOf(keys, issued.Pass.Id), issued.MaskedName ?? "", issued.Unit,
            new PersonTerms(valid: new ValidPeriod(issued.Pass.NotBefore.LocalDateTime, issued.Pass.ExpiresAt.LocalDateTime))));
        new RegisterEdit(store, PassRegister.Issued, by, SealedReason: null, now).Put(before, PersonTable.From(before?.Persons ?? PersonTable.Empty).With(entries, []));
    }
}
