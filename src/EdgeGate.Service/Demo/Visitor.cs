using EdgeGate.Access;

namespace EdgeGate.Service.Demo;

/// <summary>What a simulated person brings to the gate.</summary>
internal enum Errand
{
    HealthyResident,
    Feverish,
    ExpiredCard,
    WrongCheckDigit,
    UnreadableCard,
    PaperPass,
    UnknownCode,
}

/// <summary>What a simulated person's phone shows, where a health code is asked for.</summary>
internal enum ShownCode
{
    None,
    Certificate,
    ExpiredCertificate,
    RevokedCertificate,
    ForgedCertificate,

    /// <summary>Genuine, and that of somebody of another age.</summary>
    BorrowedCertificate,
    Green,
    Red,
    GreenWhileProviderIsDown,
}

/// <summary>An invented person: names 测试…, region 999999, a country that does not exist.</summary>
/// <param name="Skin">Forehead temperature in °C.</param>
/// <param name="Code">Matters only where the gate asks for health codes.</param>
internal sealed record Visitor(Errand Errand, string Name, string Shows, decimal Skin, ShownCode Code = ShownCode.None)
{
    private const string Numerals = "一二三四五六七八九十";

    public bool UsesCard => Errand is not (Errand.PaperPass or Errand.UnknownCode);

    public Outcome ShouldBe => Errand switch
    {
        Errand.PaperPass => Outcome.Granted,
        Errand.HealthyResident => Code switch
        {
            ShownCode.None or ShownCode.Certificate or ShownCode.Green => Outcome.Granted,
            ShownCode.GreenWhileProviderIsDown => Outcome.Guard,
            _ => Outcome.Denied,
        },
        _ => Outcome.Denied,
    };

    /// <summary>A crowd without end: of ten people six are well and known. Repeatable by seed.</summary>
    public static IEnumerable<Visitor> Crowd(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; ; i++)
        {
            var errand = (i % 10) switch
            {
                2 => Errand.Feverish,
                4 or 8 => Errand.PaperPass,
                5 => Errand.ExpiredCard,
                6 => Errand.UnreadableCard,
                7 => i % 20 == 7 ? Errand.WrongCheckDigit : Errand.UnknownCode,
                _ => Errand.HealthyResident,
            };
            var name = $"测试{Numerals[i / 10 % 10]}{Numerals[i % 10]}";
            var shows = errand switch
            {
                Errand.PaperPass => $"EDGE-PASS-{i:0000}",
                Errand.UnknownCode => $"SOMEBODY-ELSES-{i:0000}",
                Errand.WrongCheckDigit => WithWrongCheckDigit(NumberOf(i)),
                _ => NumberOf(i),
            };
            var skin = errand is Errand.Feverish ? 38.2m : 36.2m + random.Next(0, 7) / 10m;
            yield return new Visitor(errand, name, shows, skin);
        }
    }

    /// <summary>The same people with health codes: of twelve healthy ones every kind of code is seen once.</summary>
    public static IEnumerable<Visitor> CrowdWithHealthCodes(int seed)
    {
        ShownCode[] codes =
        [
            ShownCode.Certificate, ShownCode.Green, ShownCode.ExpiredCertificate, ShownCode.Certificate, ShownCode.ForgedCertificate, ShownCode.Green,
            ShownCode.GreenWhileProviderIsDown, ShownCode.RevokedCertificate, ShownCode.Certificate, ShownCode.BorrowedCertificate, ShownCode.Green, ShownCode.Red,
        ];
        var healthy = 0;
        return Crowd(seed).Select(visitor => visitor with { Code = visitor.Errand is Errand.HealthyResident ? codes[healthy++ % codes.Length] : ShownCode.Certificate });
    }

    private static string NumberOf(int i)
    {
        var seventeen = $"999999{new DateOnly(1950, 1, 1).AddDays(i * 137 % 18000):yyyyMMdd}{i % 1000:000}";
        return seventeen + Iso7064Mod112.CheckCharacter(seventeen);
    }

    private static string WithWrongCheckDigit(string number) => number[..17] + (number[17] == '1' ? '2' : '1');
}
