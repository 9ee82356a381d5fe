using EdgeGate.HealthCodes.Providers;

namespace EdgeGate.HealthCodes.Tests.Providers;

public class PassageReportTests
{
    [Fact]
    public async Task The_passage_is_reported_under_the_request_of_its_question()
    {
        await using var bench = await ProviderBench.StartAsync();
        using var stopping = new CancellationTokenSource();
        var answer = await bench.AskAsync();
        bench.Provider.Report(new ProviderPassage(answer.RequestId, "scanner-1", "gate-1", Passed: true, bench.Time.GetUtcNow()));
        var running = bench.Provider.RunReportsAsync(stopping.Token);
        await ProviderBench.UntilAsync(() => bench.Provider.Reports.Sent == 1);

        var passage = Assert.Single(bench.Server.Passages);
        Assert.Equal((answer.RequestId, true, 1646121600000), ((string?)passage["requestId"], (bool?)passage["passed"], (long?)passage["time"]));
        Assert.DoesNotContain("SIM", passage.ToJsonString(), StringComparison.Ordinal);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Reports_that_find_nobody_are_counted_and_the_next_is_tried()
    {
        await using var bench = await ProviderBench.StartAsync(change: options => options with { Report = options.Report! with { Address = options.Verify.Address + "/nowhere" } });
        using var stopping = new CancellationTokenSource();
        var running = bench.Provider.RunReportsAsync(stopping.Token);
        bench.Provider.Report(Passage(1));
        bench.Provider.Report(Passage(2));
        await ProviderBench.UntilAsync(() => bench.Provider.Reports.Failed == 2);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task When_too_many_wait_the_oldest_are_dropped_and_counted()
    {
        var reports = new PassageReports();
        for (var i = 0; i < 103; i++)
            reports.Add(Passage(i));
        Assert.Equal(new PassageReportCounts(0, 0, 3), reports.Counts);

        using var stopping = new CancellationTokenSource();
        var sent = new List<string>();
        var running = reports.RunAsync((passage, _) =>
        {
            sent.Add(passage.RequestId);
            if (sent.Count == 100)
                stopping.Cancel();
            return Task.FromResult(true);
        }, stopping.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(("3", "102"), (sent[0], sent[^1]));
    }

    private static ProviderPassage Passage(int number) => new($"{number}", "scanner-1", "gate-1", Passed: false, default);
}
