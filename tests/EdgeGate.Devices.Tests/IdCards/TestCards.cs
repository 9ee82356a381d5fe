using EdgeGate.Devices.IdCards;

namespace EdgeGate.Devices.Tests.IdCards;

/// <summary>Invented persons.</summary>
internal static class TestCards
{
    public static ResidentIdCard Resident(string name = "测试一") => new()
    {
        Name = name,
        SexCode = "1",
        EthnicGroupCode = "01",
        BirthDate = new("19000101"),
        Address = "虚构省假想市样例区测试路1号",
        Number = "999999190001010015",
        Issuer = "假想市公安局样例分局",
        ValidFrom = new("20200101"),
        ValidTo = CardDate.LongTerm,
    };

    public static ResidencePermit Permit => new()
    {
        Name = "测试三",
        SexCode = "2",
        BirthDate = new("19000101"),
        Address = "虚构省假想市",
        Number = "810000190001010026",
        Issuer = "假想市公安局",
        ValidFrom = new("20200101"),
        ValidTo = new("20250101"),
        TravelPermitNumber = "H99999999",
        IssueCount = "01",
    };

    public static ForeignerIdCard2017 Foreigner2017 => new()
    {
        EnglishName = "CESHI, WAIGUOREN YI",
        ChineseName = "",
        SexCode = "1",
        Number = "XXX999900010107",
        Nationality = "XXX",
        BirthDate = new("19000101"),
        ValidFrom = new("20200101"),
        ValidTo = new("20300101"),
        Version = "01",
        Authority = "9999",
    };

    /// <summary>Its English name fills the first part to the last character but one, so a space is where the two parts meet.</summary>
    public static ForeignerIdCard2023 Foreigner2023 => new()
    {
        ChineseName = "测试外二",
        EnglishName = "CESHI, WAIGUOREN ER WITH A LONGISH NAME XY",
        SexCode = "2",
        Number = "999999190001010023",
        Nationality = "XXX",
        BirthDate = new("19000101"),
        ValidFrom = new("20240101"),
        ValidTo = new("20340101"),
        RenewalCount = "01",
        PreviousNumberLink = "001",
    };
}
