using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace EdgeGate.Devices.IdCards;

/// <summary>
/// The text block of a card: 256 bytes of UTF-16 (little-endian), fields at fixed places, padded with spaces. The letter
/// at offset 248 tells which of four layouts it is. hardware/sam-v/README.md
/// </summary>
public static class IdCardText
{
    public const int Length = 256;

    private const int LetterOffset = 248;

    // Bytes from..to of each field. The resident card's layout, most of which the permit and the card of 2023 share:
    private static readonly Range Name = 0..30, Sex = 30..32, EthnicGroup = 32..36, Birth = 36..52, Address = 52..122, Number = 122..158,
        Issuer = 158..188, ValidFrom = 188..204, ValidTo = 204..220;

    private static readonly Range TravelPermit = 220..238, IssueCount = 238..242;

    private static readonly Range EnglishName2017 = 0..120, Sex2017 = 120..122, Number2017 = 122..152, Nationality2017 = 152..158,
        ChineseName2017 = 158..188, Birth2017 = 220..236, Version2017 = 236..240, Authority2017 = 240..248;

    private static readonly Range RenewalCount = 32..36, EnglishName2023 = 52..122, MoreEnglishName2023 = 220..242, Nationality2023 = 242..248,
        PreviousNumberLink = 250..256;

    /// <summary>The letter that tells the layout: empty for a resident card.</summary>
    public static string TypeLetter(ReadOnlySpan<byte> text) => Field(text, LetterOffset..(LetterOffset + 2));

    /// <summary>False for a card of an unknown layout, of which nothing is guessed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out IdCard? card)
    {
        card = text.Length != Length ? null : TypeLetter(text) switch
        {
            "" => new ResidentIdCard
            {
                Name = Field(text, Name),
                SexCode = Field(text, Sex),
                EthnicGroupCode = Field(text, EthnicGroup),
                BirthDate = new(Field(text, Birth)),
                Address = Field(text, Address),
                Number = Field(text, Number),
                Issuer = Field(text, Issuer),
                ValidFrom = new(Field(text, ValidFrom)),
                ValidTo = new(Field(text, ValidTo)),
            },
            "J" => new ResidencePermit
            {
                Name = Field(text, Name),
                SexCode = Field(text, Sex),
                BirthDate = new(Field(text, Birth)),
                Address = Field(text, Address),
                Number = Field(text, Number),
                Issuer = Field(text, Issuer),
                ValidFrom = new(Field(text, ValidFrom)),
                ValidTo = new(Field(text, ValidTo)),
                TravelPermitNumber = Field(text, TravelPermit),
                IssueCount = Field(text, IssueCount),
            },
            "I" => new ForeignerIdCard2017
            {
                EnglishName = Field(text, EnglishName2017),
                SexCode = Field(text, Sex2017),
                Number = Field(text, Number2017),
                Nationality = Field(text, Nationality2017),
                ChineseName = Field(text, ChineseName2017),
                ValidFrom = new(Field(text, ValidFrom)),
                ValidTo = new(Field(text, ValidTo)),
                BirthDate = new(Field(text, Birth2017)),
                Version = Field(text, Version2017),
                Authority = Field(text, Authority2017),
            },
            "Y" => new ForeignerIdCard2023
            {
                ChineseName = Field(text, Name),
                SexCode = Field(text, Sex),
                RenewalCount = Field(text, RenewalCount),
                BirthDate = new(Field(text, Birth)),
                EnglishName = Trim(Raw(text, EnglishName2023) + Raw(text, MoreEnglishName2023)), // the space between two words may be the last of the first part
                Number = Field(text, Number),
                ValidFrom = new(Field(text, ValidFrom)),
                ValidTo = new(Field(text, ValidTo)),
                Nationality = Field(text, Nationality2023),
                PreviousNumberLink = Field(text, PreviousNumberLink),
            },
            _ => null,
        };
        return card is not null;
    }

    /// <summary>The 256 bytes that hold this card. Fields too long for their place are cut.</summary>
    public static byte[] Format(IdCard card)
    {
        var text = new byte[Length];
        for (var i = 0; i < Length; i += 2)
            text[i] = (byte)' ';
        switch (card)
        {
            case ResidentIdCard resident:
                Put(text, Name, resident.Name);
                Put(text, EthnicGroup, resident.EthnicGroupCode);
                Put(text, Address, resident.Address);
                Put(text, Issuer, resident.Issuer);
                break;
            case ResidencePermit permit:
                Put(text, Name, permit.Name);
                Put(text, Address, permit.Address);
                Put(text, Issuer, permit.Issuer);
                Put(text, TravelPermit, permit.TravelPermitNumber);
                Put(text, IssueCount, permit.IssueCount);
                text[LetterOffset] = (byte)'J';
                break;
            case ForeignerIdCard2017 foreigner:
                Put(text, EnglishName2017, foreigner.EnglishName);
                Put(text, Sex2017, foreigner.SexCode);
                Put(text, Number2017, foreigner.Number);
                Put(text, Nationality2017, foreigner.Nationality);
                Put(text, ChineseName2017, foreigner.ChineseName);
                Put(text, Birth2017, foreigner.BirthDate.Text);
                Put(text, Version2017, foreigner.Version);
                Put(text, Authority2017, foreigner.Authority);
                text[LetterOffset] = (byte)'I';
                break;
            case ForeignerIdCard2023 foreigner:
                Put(text, Name, foreigner.ChineseName);
                Put(text, RenewalCount, foreigner.RenewalCount);
                Put(text, EnglishName2023, foreigner.EnglishName);
                Put(text, MoreEnglishName2023, foreigner.EnglishName.Length > 35 ? foreigner.EnglishName[35..] : "");
                Put(text, Nationality2023, foreigner.Nationality);
                Put(text, PreviousNumberLink, foreigner.PreviousNumberLink);
                text[LetterOffset] = (byte)'Y';
                break;
        }
        if (card is not ForeignerIdCard2017)
        {
            Put(text, Sex, card.SexCode);
            Put(text, Birth, card.BirthDate.Text);
            Put(text, Number, card.Number);
        }
        Put(text, ValidFrom, card.ValidFrom.Text);
        Put(text, ValidTo, card.ValidTo.Text);
        return text;
    }

    /// <summary>A text of its own, such as the additional address: UTF-16 (little-endian), padded with spaces.</summary>
    public static string Trimmed(ReadOnlySpan<byte> utf16) => Trim(Encoding.Unicode.GetString(utf16));

    private static string Field(ReadOnlySpan<byte> text, Range field) => Trimmed(text[field]);

    private static string Raw(ReadOnlySpan<byte> text, Range field) => Encoding.Unicode.GetString(text[field]);

    private static string Trim(string text) => text.TrimEnd(' ', '\0');

    private static void Put(byte[] text, Range field, string value)
    {
        var place = text.AsSpan(field);
        Encoding.Unicode.GetBytes(value.AsSpan(..Math.Min(value.Length, place.Length / 2)), place);
    }
}
