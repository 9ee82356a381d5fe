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

/// <summary>An invented person: names 测试…, region 999999, a country that does not exist.</summary>
/// <param name="Skin">Forehead temperature in °C.</param>
internal sealed record Visitor(Errand Errand, string Name, string Shows, decimal Skin)
{
    private const string Numerals = "一二三四五六七八九十";

    public bool UsesCard => Errand is not (Errand.PaperPass or Errand.UnknownCode);

    public Outcome ShouldBe => Errand is Errand.HealthyResident or Errand.PaperPass ? Outcome.Granted : Outcome.Denied;

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

    private static string NumberOf(int i)
    {
        var seventeen = $"999999{new DateOnly(1950, 1, 1).AddDays(i * 137 % 18000):yyyyMMdd}{i % 1000:000}";
        return seventeen + Iso7064Mod112.CheckCharacter(seventeen);
    }

    private static string WithWrongCheckDigit(string number) => number[..17] + (number[17] == '1' ? '2' : '1');
}
