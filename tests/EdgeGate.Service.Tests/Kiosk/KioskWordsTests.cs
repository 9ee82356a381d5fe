using EdgeGate.Access;
using EdgeGate.Service.Kiosk;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Service.Tests.Kiosk;

public sealed class KioskWordsTests
{
    private static readonly Dictionary<string, KioskWords> AllWords = new[]
    {
        KioskWords.OfFaces.Select(entry => (entry.Key.ToString(), entry.Value)),
        KioskWords.OfWanted.Select(entry => (entry.Key.ToString(), entry.Value)),
        KioskWords.OfReasons.Select(entry => (entry.Key.ToString(), entry.Value)),
    }.SelectMany(table => table).ToDictionary();

    public static TheoryData<string> Everything { get; } = [.. AllWords.Keys];

    [Fact]
    public void Every_face_has_words() => Assert.Equal(Enum.GetValues<KioskFace>().Order(), KioskWords.OfFaces.Keys.Order());

    [Fact]
    public void Every_reason_has_words() => Assert.Equal(Enum.GetValues<DenyReason>().Order(), KioskWords.OfReasons.Keys.Order());

    [Fact]
    public void Every_wanted_evidence_has_words() => Assert.Equal(Enum.GetValues<WantedEvidence>().Order(), KioskWords.OfWanted.Keys.Order());

    [Theory, MemberData(nameof(Everything))]
    public void Words_are_there_in_both_languages_and_fit_the_screen(string of)
    {
        var words = AllWords[of];

        Assert.InRange(words.Title.Zh.Length, 2, 5);
        Assert.All(words.Advice.Zh.Split('，'), clause => Assert.InRange(clause.Length, 3, 10)); // a line each
        Assert.InRange(words.Advice.Zh.Count(letter => letter == '，'), 0, 1);
        Assert.InRange(words.Title.En.Length, 4, 16);
        Assert.InRange(words.Advice.En.Length, 4, 66);
        Assert.All(words.Title.Zh + words.Advice.Zh, letter => Assert.True(letter is > '\u2e80' or '，', $"{letter} in Chinese"));
        Assert.All(words.Title.En + words.Advice.En, letter => Assert.True(char.IsAscii(letter), $"{letter} in English"));
    }

    [Fact]
    public void No_two_situations_are_told_with_the_same_words() =>
        Assert.Equal(AllWords.Count, AllWords.Values.Distinct().Count());

    [Fact]
    public void Any_view_at_all_has_words_and_a_symbol_and_fits_one_line_of_JSON()
    {
        var views =
            from face in Gen.Elements(Enum.GetValues<KioskFace>())
            from wanted in Gen.SubListOf(Enum.GetValues<WantedEvidence>())
            from reasons in Gen.SubListOf(Enum.GetValues<DenyReason>())
            from name in Gen.Elements(null, "", "测**", "a\r\n\r\nevent: version\"</script>\u2028")
            select new KioskView(face) { Wanted = [.. wanted], Reasons = [.. reasons], MaskedName = name };

        Prop.ForAll(views.ToArbitrary(), view =>
        {
            var message = KioskMessage.For(view);
            return message.Title.Zh.Length > 0 && message.Symbol.Length > 0 && !message.ToJson().AsSpan().ContainsAny('\r', '\n');
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_refusal_shows_its_most_severe_reason()
    {
        var message = KioskMessage.For(new KioskView(KioskFace.Denied) { Reasons = [DenyReason.TemperatureTooHigh, DenyReason.CredentialExpired] });

        Assert.Equal("denied", message.Face);
        Assert.Equal(new Bilingual("体温偏高", "Temperature high"), message.Title);
        Assert.Equal("请稍候，工作人员将为您复测", message.Advice.Zh);
    }

    [Fact]
    public void Reasons_are_not_shown_to_somebody_who_may_pass()
    {
        var message = KioskMessage.For(new KioskView(KioskFace.Granted) { Reasons = [DenyReason.ClockNotSet] });

        Assert.Equal(KioskWords.OfFaces[KioskFace.Granted].Title, message.Title);
    }

    [Fact]
    public void Gathering_asks_for_the_first_evidence_that_is_still_wanted()
    {
        var message = KioskMessage.For(new KioskView(KioskFace.Gathering) { Wanted = [WantedEvidence.Temperature] });

        Assert.Equal(("measure", "temperature", "请测量体温"), (message.Face, message.Symbol, message.Title.Zh));
    }

    [Fact]
    public void Whoever_is_to_be_measured_is_told_how_close()
    {
        var message = KioskMessage.For(new KioskView(KioskFace.Gathering) { Wanted = [WantedEvidence.Temperature], MeasuredFrom = 15 });

        Assert.Equal(("15 cm", "请将额头靠近测温仪，距离约15厘米"), (message.Distance, message.Advice.Zh));
        Assert.Null(KioskMessage.For(new KioskView(KioskFace.Idle) { MeasuredFrom = 15 }).Distance);
    }

    [Theory, InlineData(DenyReason.ListTooOld), InlineData(DenyReason.ListMissing)]
    public void A_list_that_is_too_old_does_not_look_like_the_persons_fault(DenyReason reason) =>
        Assert.Equal(("listTooOld", "listTooOld"), KioskMessage.For(new KioskView(KioskFace.SeeGuard) { Reasons = [reason] }) is var message ? (message.Face, message.Symbol) : default);

    [Fact]
    public void A_reason_from_a_newer_gate_falls_back_to_the_words_of_the_face()
    {
        var message = KioskMessage.For(new KioskView(KioskFace.SeeGuard) { Reasons = [(DenyReason)999] });

        Assert.Equal(KioskWords.OfFaces[KioskFace.SeeGuard].Title, message.Title);
    }

    [Theory]
    [InlineData(3729, "37.2 °C")]
    [InlineData(3730, "37.3 °C")]
    [InlineData(3650, "36.5 °C")]
    [InlineData(-129, "-1.2 °C")]
    public void A_temperature_below_the_limit_is_never_shown_as_the_limit(int hundredths, string shown) =>
        Assert.Equal(shown, KioskMessage.For(new KioskView(KioskFace.Granted) { Temperature = new Celsius(hundredths) }).Temperature);
}
