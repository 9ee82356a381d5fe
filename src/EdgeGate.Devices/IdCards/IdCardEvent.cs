namespace EdgeGate.Devices.IdCards;

/// <summary>What happens at an ID card reader.</summary>
public abstract record IdCardEvent;

/// <summary>A card was found and is being read: the person must hold it still.</summary>
public sealed record CardPresent : IdCardEvent;

/// <param name="Card">What is on it.</param>
/// <param name="AdditionalAddress">Null when it was not asked for or the card has none.</param>
/// <param name="Photo">WLT portrait; empty unless asked for.</param>
public sealed record CardRead(IdCard Card, string? AdditionalAddress, ReadOnlyMemory<byte> Photo) : IdCardEvent
{
    /// <summary>Without the contents, which are personal data.</summary>
    public override string ToString() => nameof(CardRead);
}

public enum CardUnreadableCause
{
    /// <summary>Not an ID card, or one of a kind this program does not know.</summary>
    NotSupported,

    /// <summary>Card and module did not recognise each other, or the card's data failed their check. Repeated: possibly forged.</summary>
    Refused,

    /// <summary>Every attempt failed.</summary>
    ReadFailed,

    /// <summary>Gone before it was read, or not to be found again: it must be lifted and put back.</summary>
    TakenAway,
}

/// <param name="Cause">Why.</param>
/// <param name="Status">The module's last word; null when it gave none.</param>
public sealed record CardUnreadable(CardUnreadableCause Cause, SamVStatus? Status) : IdCardEvent;

/// <summary>The card lies there no longer.</summary>
public sealed record CardRemoved : IdCardEvent;

public enum ModuleFault
{
    Silent,
    SelfTestFailed,
    NotAuthorised,
}

/// <summary>No card can be read until <see cref="ModuleBackInService"/>.</summary>
public sealed record ModuleOutOfService(ModuleFault Fault) : IdCardEvent;

public sealed record ModuleBackInService : IdCardEvent;
