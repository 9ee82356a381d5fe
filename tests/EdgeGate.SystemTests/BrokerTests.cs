using EdgeGate.Service.Demo;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests;

public sealed class BrokerTests(ITestOutputHelper output) : SystemTest(output)
{
    [SkippableFact]
    public async Task While_the_broker_is_away_people_pass_and_afterwards_every_record_arrives_in_order()
    {
        await PassAsync(people: 2, seed: 1);
        await Site.WaitUntilAllArrivedAsync(TimeSpan.FromSeconds(20), CancellationToken.None);
        await Site.Broker.StopAsync();
        var away = Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System);
        var passed = 0;
        while (!away.IsCompleted)
        {
            Assert.NotNull(await Site.MakeAsync(Visitor.Crowd(seed: 2).ElementAt(passed), CancellationToken.None));
            passed++;
        }
        Assert.True((await HealthAsync()).GetProperty("journal").GetProperty("backlog").GetInt64() >= passed);
        await Site.Broker.StartAsync(CancellationToken.None);
        await PassAsync(people: 2, seed: 3);
        await Site.WaitUntilAllArrivedAsync(TimeSpan.FromSeconds(45), CancellationToken.None);
        await Site.Process.StopAsync();

        var tally = await DemoTally.CountAsync(passed + 4, Site, TimeSpan.Zero, CancellationToken.None);
        Assert.Empty(tally.Faults);
        Assert.Equal(Enumerable.Range(1, (int)tally.Journaled).Select(number => (long)number), Site.Subscriber.Order);
        Report($"20 s without broker: {passed} people passed meanwhile, {tally.Journaled} records, {tally.Doubled} delivered twice");
    }
}
