using EdgeGate.Service.Demo;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests;

public sealed class BrokerTests(ITestOutputHelper output) : SystemTest(output)
{
    [SkippableFact]
    public async Task While_the_broker_is_away_people_pass_and_afterwards_every_record_arrives_in_order()
    {
        await PassAsync(people: 2, seed: 1);
        await Site.WaitUntilAllArrivedAsync(Patience, CancellationToken.None);
        await Site.Broker.StopAsync();
        const int Passed = 6;
        foreach (var visitor in Visitor.Crowd(seed: 2).Take(Passed))
            Assert.NotNull(await Site.MakeAsync(visitor, CancellationToken.None));
        Assert.True((await HealthAsync()).GetProperty("journal").GetProperty("backlog").GetInt64() >= Passed);
        await Site.Broker.StartAsync(CancellationToken.None);
        await PassAsync(people: 2, seed: 3);
        await Site.WaitUntilAllArrivedAsync(Patience, CancellationToken.None);
        await Site.Process.StopAsync();

        var tally = await DemoTally.CountAsync(Passed + 4, Site, TimeSpan.Zero, CancellationToken.None);
        Assert.Empty(tally.Faults);
        Assert.Equal(Enumerable.Range(1, (int)tally.Journaled).Select(number => (long)number), Site.Subscriber.Order);
        Report($"without broker: {Passed} people passed meanwhile, {tally.Journaled} records, {tally.Doubled} delivered twice");
    }
}
