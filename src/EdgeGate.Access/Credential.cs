namespace EdgeGate.Access;

/// <summary>What was shown. Two credentials belong to the same person exactly when their <see cref="Holder"/> is equal.</summary>
public abstract record Credential
{
    /// <summary>
    /// Whose it is, as far as the credential itself tells: the ID number, the code's text. Null when the reader could not
    /// read it: such a credential is nobody's and never the same as another.
    /// </summary>
    public abstract string? Holder { get; }

    /// <summary>A resident identity card or residence permit read by a card module.</summary>
    /// <param name="Number">As on the card, 18 characters for most kinds (GB 11643); the check digit is not yet judged.</param>
    /// <param name="ValidFrom">Null when the card's date is no date.</param>
    /// <param name="ValidTo">Last day on which it is valid; null together with <paramref name="LongTerm"/> or when the card's date is no date.</param>
    /// <param name="LongTerm">The card says 长期: it does not expire.</param>
    public sealed record IdCard(string Number, string Name, DateOnly? ValidFrom, DateOnly? ValidTo, bool LongTerm) : Credential
    {
        /// <summary>False only for the foreigner's card of 2017: its number (3 letters, 12 digits) has no GB 11643 check digit.</summary>
        public bool HasCitizenNumber { get; init; } = true;

        /// <summary>The portrait as the card has it (WLT), in Base64; null unless the settings ask for it.</summary>
        public string? Photo { get; init; }

        /// <summary>Where the holder moved since the card was made, as the card has it; null when it has none or the settings do not ask for it.</summary>
        public string? AdditionalAddress { get; init; }

        public override string Holder => Number;
    }

    /// <summary>The text of a scanned code, exactly as the scanner gave it.</summary>
    public sealed record Code(string Text) : Credential
    {
        public override string Holder => Text;
    }

    /// <summary>A signed pass of this operator's, already judged by itself: signature, times, gate and direction.</summary>
    /// <param name="Id">The pass's own; a hash of the text where its signature does not hold.</param>
    /// <param name="Fault">Why it does not let in; null when it does.</param>
    public sealed record Pass(string Id, DenyReason? Fault) : Credential
    {
        public override string Holder => Id;

        /// <summary>How often it is good; null for any number.</summary>
        public int? Uses { get; init; }
    }

    /// <summary>A guard's word on who somebody is who has neither card nor phone: the number was typed, or the person found on a list.</summary>
    /// <param name="Person">Keyed as records have persons: the number itself goes no further than to where it was typed.</param>
    /// <param name="Region">The first six digits of a number that was typed; null otherwise.</param>
    public sealed record Statement(string Person, string? MaskedName, string? Region) : Credential
    {
        public override string Holder => Person;
    }

    /// <summary>Something was shown and could not be read.</summary>
    /// <param name="Cause">A short word for the record, for example <c>card-not-supported</c>; no personal data.</param>
    public sealed record Unreadable(string Cause) : Credential
    {
        public override string? Holder => null;
    }
}

/// <summary>One credential shown at one reader at one instant.</summary>
public sealed record Presentation(string ReaderId, Credential Credential, ClockReading Seen)
{
    /// <summary>Sequence of a guard's record that brought it; null for what a reader of the lane saw by itself.</summary>
    public long? GuardAction { get; init; }
}
