using EdgeGate.Service.Demo;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests;

/// <summary>Nobody here leaves anything out: a window that ended would say only that the machine is busy.</summary>
public sealed class FirstPassageTests(ITestOutputHelper output) : SystemTest(output, new DemoOptions { Window = Patience })
{
    [SkippableFact]
    public async Task Everybody_is_answered_as_they_should_be_and_every_count_adds_up()
    {
        var people = Visitor.Crowd(seed: 7).Take(10).ToArray();
        foreach (var visitor in people)
            Assert.Equal(visitor.ShouldBe.ToString(), await Site.MakeAsync(visitor, CancellationToken.None), ignoreCase: true);
        await Site.WaitUntilAllArrivedAsync(Patience, CancellationToken.None);
        await Site.Process.StopAsync();

        var tally = await DemoTally.CountAsync(people.Length, Site, TimeSpan.Zero, CancellationToken.None);
        Assert.Empty(tally.Faults);
        Assert.Equal(Enumerable.Range(1, (int)tally.Journaled).Select(number => (long)number), Site.Subscriber.Order);
        NobodyCanBeReadAnywhere(people);
    }

    /// <summary>Everything the gate wrote: journal, WAL, free pages, logs, settings, what the broker kept.</summary>
    private void NobodyCanBeReadAnywhere(IEnumerable<Visitor> people)
    {
        var forms = people.Where(person => person.UsesCard)
            .SelectMany(person => new[] { person.Name, person.Shows })
            .Concat(people.Where(person => !person.UsesCard).Select(person => person.Shows))
            .SelectMany(text => new[] { System.Text.Encoding.UTF8.GetBytes(text), System.Text.Encoding.Unicode.GetBytes(text) })
            .ToArray();
        var files = Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).LinkTarget is null); // not the device lines
        foreach (var file in files)
        {
            var content = File.ReadAllBytes(file);
            Assert.All(forms, form => Assert.True(content.AsSpan().IndexOf(form) < 0, $"{file} holds personal data in the clear"));
        }
    }
}
