using System.Globalization;
using EdgeGate.Access;

namespace EdgeGate.Devices.IdCards;

/// <summary>
/// What stands on an ID card, as stored there: trimmed, nothing corrected, nothing guessed. Texts may be empty and dates
/// may be no dates.
/// </summary>
public abstract record IdCard
{
    /// <summary>The name to call the holder by: the Chinese one where the card has it.</summary>
    public abstract string HolderName { get; }

    /// <summary>The number of the person: a <see cref="CitizenNumber"/> on all cards but the foreigner's of 2017.</summary>
    public required string Number { get; init; }

    /// <summary>One character of GB/T 2261.1.</summary>
    public required string SexCode { get; init; }

    public required CardDate BirthDate { get; init; }

    public required CardDate ValidFrom { get; init; }

    public required CardDate ValidTo { get; init; }

    public Sex Sex => SexCode switch
    {
        "1" => Sex.Male,
        "2" => Sex.Female,
        "9" => Sex.NotStated,
        _ => Sex.Unknown,
    };

    /// <summary>Says only which kind of card it is: everything on it is personal data and must not slip into a log.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <summary>Resident ID card of a citizen.</summary>
public sealed record ResidentIdCard : IdCard
{
    public override string HolderName => Name;

    public required string Name { get; init; }

    /// <summary>Two digits of GB/T 3304.</summary>
    public required string EthnicGroupCode { get; init; }

    public required string Address { get; init; }

    public required string Issuer { get; init; }

    /// <summary>Null for a code that is not in the table.</summary>
    public string? EthnicGroup => EthnicGroups.NameOf(EthnicGroupCode);
}

/// <summary>Residence permit for residents of Hong Kong, Macao and Taiwan; type letter J.</summary>
public sealed record ResidencePermit : IdCard
{
    public override string HolderName => Name;

    public required string Name { get; init; }

    public required string Address { get; init; }

    public required string Issuer { get; init; }

    /// <summary>The travel permit it belongs to.</summary>
    public required string TravelPermitNumber { get; init; }

    public required string IssueCount { get; init; }
}

/// <summary>Foreigner's permanent residence ID card of 2017; type letter I. Its number is 3 letters and 12 digits.</summary>
public sealed record ForeignerIdCard2017 : IdCard
{
    public override string HolderName => ChineseName.Length > 0 ? ChineseName : EnglishName;

    /// <summary>May be empty.</summary>
    public required string ChineseName { get; init; }

    public required string EnglishName { get; init; }

    /// <summary>Three letters of GB/T 2659.</summary>
    public required string Nationality { get; init; }

    public required string Version { get; init; }

    /// <summary>Code of the authority that accepted the application.</summary>
    public required string Authority { get; init; }
}

/// <summary>Foreigner's permanent residence ID card of 2023; type letter Y.</summary>
public sealed record ForeignerIdCard2023 : IdCard
{
    public override string HolderName => ChineseName.Length > 0 ? ChineseName : EnglishName;

    /// <summary>May be empty.</summary>
    public required string ChineseName { get; init; }

    public required string EnglishName { get; init; }

    /// <summary>Three letters of GB/T 2659.</summary>
    public required string Nationality { get; init; }

    public required string RenewalCount { get; init; }

    /// <summary>Links to the number of the holder's earlier card.</summary>
    public required string PreviousNumberLink { get; init; }
}

/// <summary>A date field of a card as stored: eight digits, or words such as 长期, or nothing sensible.</summary>
public readonly record struct CardDate(string Text)
{
    /// <summary>Stands in place of the end date on cards that never expire, as older citizens' do.</summary>
    public static readonly CardDate LongTerm = new("长期");

    public static CardDate From(DateOnly date) => new(date.ToString("yyyyMMdd", CultureInfo.InvariantCulture));

    public bool IsLongTerm => this == LongTerm;

    /// <summary>Null when the text is no date of the calendar.</summary>
    public DateOnly? Date =>
        DateOnly.TryParseExact(Text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    /// <summary>Eight digits as yyyy-MM-dd, anything else as it is.</summary>
    public override string ToString() =>
        Text is { Length: 8 } && !Text.AsSpan().ContainsAnyExceptInRange('0', '9') ? $"{Text[..4]}-{Text[4..6]}-{Text[6..]}" : Text;
}
