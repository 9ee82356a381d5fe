using EdgeGate.Access.Registers;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Service.Registers;

/// <summary>Makes the next version of a list that the site itself keeps.</summary>
/// <param name="By">Who changes it.</param>
/// <param name="SealedReason">Why, sealed; null when none was given.</param>
internal sealed record RegisterEdit(RegisterStore Store, string Name, string By, string? SealedReason, DateTimeOffset At)
{
    /// <summary>A change smaller than a quarter of the list is kept as a change.</summary>
    private const int WholeFrom = 4;

    /// <summary>To be called under the store's lock. Gives back the register as it is when there is nothing to change.</summary>
    /// <exception cref="IOException">Not written.</exception>
    public Register? Put(Register? before, PersonTable after)
    {
        var changes = PersonChanges.Between(before?.Persons ?? PersonTable.Empty, after);
        if (before is not null && changes.Count == 0)
            return before;
        var head = Head(after.Count) with { Added = changes.Added.Count, Changed = changes.Changed.Count, Removed = changes.Removed.Count };
        return Apply(before, before is not null && changes.Count < after.Count / WholeFrom
            ? new RegisterContent(head with { Base = before.Version }, PersonTable.Of(changes.Added.Concat(changes.Changed)), [.. changes.Removed.Select(entry => entry.Person)])
            : new RegisterContent(head with { Plan = before?.Plan }, after, []));
    }

    /// <inheritdoc cref="Put(Register?, PersonTable)"/>
    public Register? Put(Register? before, SitePlan plan) =>
        Apply(before, new RegisterContent(Head(before?.Persons.Count ?? 0) with { Changed = 1, Plan = plan }, before?.Persons ?? PersonTable.Empty, []));

    private Register Apply(Register? before, RegisterContent content) => Store.Apply(Name, before, RegisterBytes.Write(content));

    private RegisterVersion Head(int persons) => new()
    {
        Name = Name,
        Version = Store.NextVersion(Name),
        IssuedAt = At,
        By = By,
        SealedReason = SealedReason,
        Persons = persons,
    };
}
