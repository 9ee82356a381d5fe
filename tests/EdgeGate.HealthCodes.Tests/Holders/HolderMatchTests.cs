using EdgeGate.HealthCodes.Holders;
using static EdgeGate.HealthCodes.Tests.TestCodes;

namespace EdgeGate.HealthCodes.Tests.Holders;

public class HolderMatchTests
{
    [Theory]
    [InlineData("TESTPERSON", "ERIKA", "Testperson Erika")]
    [InlineData("TESTPERSON", "ERIKA", "Erika Testperson")]
    [InlineData("TESTPERSON", "ERIKA<MARIA", "Testperson, Erika")] // second given name left out
    [InlineData("ZHANG", "XIAO<MING", "Zhang Xiaoming")]
    [InlineData("ZHANG", "XIAOMING", "ZHANG XIAO-MING")]
    [InlineData("DARSONS<VAN<HALEN", "FRANCOIS<JOAN", "d'Arsøns - van Halen François-Joan")]
    [InlineData("MUELLER", "JOERG", "Müller Jörg")]
    [InlineData("MULLER", "JORG", "Müller Jörg")]
    [InlineData("MUELLER", "JORG", "Mu\u0308ller Jo\u0308rg")] // composed and decomposed, one folding each
    [InlineData("LU", "HUA", "Lǚ Huá")]
    [InlineData("GROSS", "ANNA", "Groß Anna")]
    [InlineData("测试", "甲", "测试甲")]
    public void The_same_name_written_in_another_way_matches(string surname, string given, string card) => Assert.Equal(HolderMatchAnswer.Match, Compare(surname, given, card));

    [Theory]
    [InlineData("TESTPERSON", "ERIKA", "Testperson Hans")] // the family, not the person
    [InlineData("TESTPERSON", "ERIKA", "Probe Hans")]
    [InlineData("LI", "WEI", "Wang Fang")]
    [InlineData("LI", "LI", "Li Na")] // one word on the card is not surname and given name at once
    public void Another_name_differs(string surname, string given, string card) => Assert.Equal(HolderMatchAnswer.Differs, Compare(surname, given, card));

    [Theory]
    [InlineData("ZHANG", "XIAOMING", "张小明")] // needs a table of readings
    [InlineData("張", "小明", "张小明")] // needs a table of variants
    [InlineData("王", "𠀀", "王𠁁")] // rare characters, beyond 16 bits
    [InlineData("王", "小", "王小\uE001")] // a rare character that the card's issuer made itself
    [InlineData("TESTPERSON", "ERIKA", "Probe Erika")] // married, or somebody else
    [InlineData("TESTPERSON", "", "Testperson Erika")]
    [InlineData("TESTPERSON", "ERIKA", "")]
    [InlineData("TESTPERSON", "ERIKA", null)]
    [InlineData("ИВАНОВ", "ИВАН", "Ivanov Ivan")]
    public void Where_the_names_do_not_decide_a_person_must_look(string surname, string given, string? card) => Assert.Equal(HolderMatchAnswer.CannotTell, Compare(surname, given, card));

    [Theory]
    [InlineData("1990-05-17", HolderMatchAnswer.Match)]
    [InlineData("1990-05", HolderMatchAnswer.Match)] // all that is known agrees
    [InlineData("1990", HolderMatchAnswer.Match)]
    [InlineData("1990-XX-XX", HolderMatchAnswer.Match)]
    [InlineData("1990-05-17T00:00:00", HolderMatchAnswer.Match)]
    [InlineData("1990-05-18", HolderMatchAnswer.Differs)]
    [InlineData("1990-06", HolderMatchAnswer.Differs)]
    [InlineData("1991", HolderMatchAnswer.Differs)]
    [InlineData("", HolderMatchAnswer.CannotTell)]
    [InlineData("1990-13-01", HolderMatchAnswer.CannotTell)]
    [InlineData("1990-02-30", HolderMatchAnswer.CannotTell)]
    [InlineData("soon", HolderMatchAnswer.CannotTell)]
    public void The_birth_date_must_agree_as_far_as_it_is_known(string certified, HolderMatchAnswer expected) =>
        Assert.Equal(expected, HolderMatch.Compare(new CertificateHolder([new HolderName("TESTPERSON", "ERIKA")], PartialDate.Parse(certified)), "Testperson Erika", Born));

    [Fact]
    public void One_form_of_the_name_is_enough_and_a_form_in_another_script_takes_nothing_away()
    {
        HolderName[] forms = [new("ZHANG", "XIAOMING"), new("张", "小明")];
        var holder = new CertificateHolder(forms, PartialDate.Parse("1990-05-17"));
        Assert.Equal(HolderMatchAnswer.Match, HolderMatch.Compare(holder, "张小明", Born));
        Assert.Equal(HolderMatchAnswer.Match, HolderMatch.Compare(holder, "Zhang Xiaoming", Born));
        Assert.Equal(HolderMatchAnswer.Differs, HolderMatch.Compare(holder, "Li Wei", Born));
    }

    [Fact]
    public void Without_holder_or_dates_nothing_can_be_told()
    {
        Assert.Equal(HolderMatchAnswer.CannotTell, HolderMatch.Compare(null, "Testperson Erika", Born));
        Assert.Equal(HolderMatchAnswer.CannotTell, HolderMatch.Compare(Gate().Verify(Hc1, Moment).Holder, "Testperson Erika", null));
    }

    [Fact]
    public void Verified_codes_of_both_kinds_can_be_compared()
    {
        foreach (var code in new[] { Hc1, Card })
        {
            var holder = Gate().Verify(code, Moment).Holder;
            Assert.Equal(HolderMatchAnswer.Match, HolderMatch.Compare(holder, "Erika Testperson", Born));
            Assert.Equal(HolderMatchAnswer.Differs, HolderMatch.Compare(holder, "Erika Testperson", Born.AddDays(1)));
            Assert.Equal(nameof(CertificateHolder), holder!.ToString());
        }
    }

    private static HolderMatchAnswer Compare(string surname, string given, string? card) =>
        HolderMatch.Compare(new CertificateHolder([new HolderName(surname, given)], PartialDate.Parse("1990-05-17")), card, Born);
}
