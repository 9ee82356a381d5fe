using EdgeGate.Access.Registers;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Service.Registers;

/// <summary>Makes the next version of a list that the site itself keeps.</summary>
/// <param name="By">Who changes it.</param>
/// <param name="SealedReason">Why, sealed; null when none was given.</param>
internal sealed record RegisterEdit(RegisterStore Store, string Name, string By, string? SealedReason, DateTimeOffset At)
{
    /// <summary>To be called under the store's lock. Gives back the register as it is when there is nothing to change.</summary>
    /// <exception cref="IOException">Not written.</exception>
    public Register? Put(Register? before, PersonTable after) =>
        RegisterContent.Between(before, after, Head(after.Count)) is { } content ? Apply(before, content) : before;

    /// <inheritdoc cref="Put(Register?, PersonTable)"/>
    public Register? Put(Register? before, SitePlan plan) =>
        Apply(before, new RegisterContent(Head(before?.Persons.Count ?? 0) with { Changed = 1, Plan = plan }, PersonTable.From(before?.Persons ?? PersonTable.Empty), []));

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
