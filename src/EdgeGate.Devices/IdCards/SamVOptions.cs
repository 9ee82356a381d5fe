namespace EdgeGate.Devices.IdCards;

/// <summary>How the driver tells that a card it has read was taken away.</summary>
public enum CardRemovalProbe
{
    /// <summary>
    /// By asking for the additional address, which is answered as long as the card lies there. Right for modules that do
    /// not find a card again once it was read.
    /// </summary>
    AdditionalAddress,

    /// <summary>By looking for it again. Right for modules that find a card as long as it lies there.</summary>
    FindCard,
}

public sealed record SamVOptions
{
    /// <summary>Between two questions while nothing is being read.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan ReplyWithin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A card's data take the module most of a second and the line up to 1.4 s; twice as long with fingerprints.</summary>
    public TimeSpan ReadReplyWithin { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the line must be silent after a lost reply before the next command goes out.</summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often a card is tried before it counts as unreadable.</summary>
    public int ReadAttempts { get; init; } = 3;

    public CardRemovalProbe RemovalProbe { get; init; } = CardRemovalProbe.AdditionalAddress;

    /// <summary>How many answers in a row must say that the card is gone.</summary>
    public int MissesUntilRemoved { get; init; } = 2;

    /// <summary>How many commands in a row must go unanswered until the module counts as out of service.</summary>
    public int SilencesUntilOutOfService { get; init; } = 3;

    /// <summary>Between two tries to reach a module that is out of service.</summary>
    public TimeSpan RecoveryInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Hand the photo on. Otherwise it is wiped as soon as the text was taken.</summary>
    public bool KeepPhoto { get; init; }

    /// <summary>Read in the form that brings fingerprints. They are wiped with the rest of the reply, and what comes of it is the same.</summary>
    public bool ReadFingerprints { get; init; }

    /// <summary>Ask for the address the holder moved to, which costs one more question for each card.</summary>
    public bool ReadAdditionalAddress { get; init; }
}
