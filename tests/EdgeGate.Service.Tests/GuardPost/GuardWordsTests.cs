using EdgeGate.Access;
using EdgeGate.Service.GuardPost;

namespace EdgeGate.Service.Tests.GuardPost;

public sealed class GuardWordsTests
{
    [Fact]
    public void Every_reason_has_words_of_its_own_in_both_languages()
    {
        Assert.Empty(Enum.GetValues<DenyReason>().Except(GuardWords.OfReasons.Keys));
        Assert.Equal(GuardWords.OfReasons.Count, GuardWords.OfReasons.Values.Select(words => words.Zh).Distinct().Count());
        Assert.Equal(GuardWords.OfReasons.Count, GuardWords.OfReasons.Values.Select(words => words.En).Distinct().Count());
        Assert.NotEmpty(GuardWords.Of((DenyReason)999).En);
    }

    [Fact]
    public void The_page_has_a_button_for_every_reason_and_a_sentence_for_every_word()
    {
        var (live, words) = (PageFile("live.js"), PageFile("words.js"));
        foreach (var reason in GuardWords.GrantReasons.Concat(GuardWords.DenyReasons).Concat(GuardWords.OpenReasons))
        {
            Assert.Contains($"'{reason}'", live, StringComparison.Ordinal);
            Assert.True(words.Contains($"{reason}: [", StringComparison.Ordinal) || words.Contains($"'{reason}': [", StringComparison.Ordinal), reason);
        }
    }

    private static string PageFile(string name)
    {
        using var file = new StreamReader(typeof(GuardWords).Assembly.GetManifestResourceStream("GuardPost/" + name)!);
        return file.ReadToEnd();
    }
}
