using EdgeGate.Journal;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests;

public sealed class KillTests(ITestOutputHelper output) : SystemTest(output)
{
    [SkippableFact]
    public async Task Killed_without_mercy_the_gate_goes_on_without_gap_or_reuse_and_no_opening_is_without_its_record()
    {
        var random = new Random(20261122);
        var people = Task.Run(() => PassAsync(people: 14));
        for (var kill = 0; kill < 4; kill++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1500, 3500)), TimeProvider.System);
            await Site.Process.KillAsync();
            Site.Process.Start();
        }
        await people;
        await PassAsync(people: 1, seed: 1); // whom no kill keeps from passing
        await Site.WaitUntilAllArrivedAsync(Patience, CancellationToken.None);
        await Site.Process.StopAsync();

        using (var reader = JournalReader.Open(Site.JournalDirectory))
            Assert.Null(reader.Verify().Fault);
        var records = await JournalAsync();
        Assert.Equal(Enumerable.Range(1, records.Count).Select(number => number.ToString()), records.Select(record => record.GetProperty("sequence").GetString()));
        var granted = records.Count(record => record.GetProperty("data").TryGetProperty("outcome", out var outcome) && outcome.GetString() == "granted");
        Assert.True(Site.Lane.Openings.Count <= granted, $"{Site.Lane.Openings.Count} openings and {granted} grants on record");
        Assert.Equal(records.Count, Site.Subscriber.Received);
        Report($"4 kills: {records.Count} records, {granted} granted, {Site.Lane.Openings.Count} opened, {Site.Subscriber.Doubled} delivered twice");
    }
}
