using EdgeGate.Service.Demo;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests;

public sealed class HealthCodeTests(ITestOutputHelper output) : SystemTest(output, new DemoOptions { ChecksHealthCodes = true, MeasuresTemperature = false, Window = Patience })
{
    [SkippableFact]
    public async Task Every_kind_of_code_is_answered_as_it_should_be_and_leaves_nothing_in_the_clear()
    {
        var people = Visitor.CrowdWithHealthCodes(seed: 3).Take(40).Where(person => person.Errand is Errand.HealthyResident).DistinctBy(person => person.Code).ToArray();
        Assert.Equal(Enum.GetValues<ShownCode>().Length - 1, people.Length); // every kind but none at all

        foreach (var person in people)
            Assert.Equal($"{person.Code} {person.ShouldBe}", $"{person.Code} {await AnswerAsync(person)}", ignoreCase: true);
        var texts = people.Select(person => Site.HealthOffice!.CodeOf(person)!).ToArray();
        await Site.Process.StopAsync();

        var decided = (await JournalAsync()).Select(record => record.GetProperty("data")).Where(data => data.TryGetProperty("outcome", out _)).ToArray();
        Assert.True(decided.Count(data => data.TryGetProperty("healthCode", out _)) >= people.Length); // on a busy machine somebody may have tried twice
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Root, "site"), "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).LinkTarget is null))
        {
            var content = await File.ReadAllTextAsync(file);
            Assert.All(texts, text => Assert.DoesNotContain(text, content, StringComparison.Ordinal));
            Assert.DoesNotContain("Ceshi", content, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>The kiosk says "see the guard" where a decision says "guard".</summary>
    private async Task<string?> AnswerAsync(Visitor person) => (await Site.MakeAsync(person, CancellationToken.None))?.Replace("seeGuard", "guard", StringComparison.Ordinal);
}
