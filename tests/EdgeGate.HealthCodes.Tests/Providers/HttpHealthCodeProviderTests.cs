using System.Net;
using System.Net.Sockets;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.Testing;

namespace EdgeGate.HealthCodes.Tests.Providers;

public class HttpHealthCodeProviderTests
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(3), SecondAttempt = TimeSpan.FromSeconds(1.2);

    [Theory]
    [InlineData("SIM:green:0001", HealthCodeStatus.ProviderGreen)]
    [InlineData("SIM:yellow:0001", HealthCodeStatus.ProviderYellow)]
    [InlineData("SIM:red:0001", HealthCodeStatus.ProviderRed)]
    [InlineData("SIM:expired:0001", HealthCodeStatus.ProviderExpired)]
    [InlineData("https://example.invalid/\"}{token}测试\r\n&sign=", HealthCodeStatus.ProviderNotFound)]
    public async Task The_provider_is_asked_and_its_answer_is_complete(string token, HealthCodeStatus status)
    {
        await using var bench = await ProviderBench.StartAsync();
        var answer = await bench.AskAsync(token);
        Assert.Equal((status, AnswerSource.Provider, 1, null, null), (answer.Status, answer.Source, answer.Attempts, answer.Fault, answer.WhenOffline));
        Assert.Equal(("simulated", TimeSpan.Zero), (answer.ProviderId, answer.Took));
        Assert.Matches("^[0-9a-f]{32}$", answer.TokenHash);
        if (status == HealthCodeStatus.ProviderGreen)
            Assert.Equal(("green", TimeSpan.FromHours(20), "测**", "invented by the stand-in"), (answer.Colour, answer.TestAge, answer.MaskedName, answer.Message));
    }

    [Fact]
    public async Task A_provider_that_never_answers_costs_the_budget_and_not_more()
    {
        await using var bench = await ProviderBench.StartAsync(SimulatedFault.Slow);
        var answer = await bench.AskInVainAsync(Budget, SecondAttempt);
        Assert.Equal((HealthCodeStatus.ProviderTimeout, AnswerSource.OfflinePolicy, OfflineAnswer.Guard), (answer.Status, answer.Source, answer.WhenOffline));
        Assert.Equal((Budget, 2, "no answer within 3 s"), (answer.Took, answer.Attempts, answer.Fault));
    }

    [Fact]
    public async Task A_budget_without_a_second_attempt_is_kept_as_well()
    {
        var budget = TimeSpan.FromSeconds(15); // long, because connecting has it in real time
        await using var bench = await ProviderBench.StartAsync(SimulatedFault.Slow, options => options with { Budget = budget, SecondAttemptAfter = null });
        var answer = await bench.AskInVainAsync(budget, secondAttemptAfter: null);
        Assert.Equal((HealthCodeStatus.ProviderTimeout, budget, 1), (answer.Status, answer.Took, answer.Attempts));
    }

    [Fact]
    public async Task The_second_attempt_answers_when_the_first_hangs()
    {
        await using var bench = await ProviderBench.StartAsync(SimulatedFault.Slow);
        var asking = bench.AskAsync();
        await ProviderBench.UntilAsync(() => bench.Server.Asked == 1 && bench.Time.WaitingTimers == 2);
        bench.Server.Fault = SimulatedFault.None;
        bench.Time.Advance(SecondAttempt);
        var answer = await asking;
        Assert.Equal((HealthCodeStatus.ProviderGreen, AnswerSource.Provider, SecondAttempt, 2), (answer.Status, answer.Source, answer.Took, answer.Attempts));
    }

    // With the clock standing still, none of these can be waiting for a timeout.
    [Theory]
    [InlineData(SimulatedFault.ServerError, 2, "answered 500")]
    [InlineData(SimulatedFault.Cut, 2, "the connection failed: ")]
    [InlineData(SimulatedFault.Garbage, 1, "the reply is not JSON")]
    [InlineData(SimulatedFault.Redirect, 1, "answered 302, a redirect, which is never followed")]
    [InlineData(SimulatedFault.HugeReply, 1, "the reply is longer than 65536 bytes")]
    [InlineData(SimulatedFault.UnknownColour, 1, "code is \"OK\", which is not in the table")]
    public async Task Each_fault_is_told_in_words_and_the_offline_policy_answers(SimulatedFault fault, int attempts, string words)
    {
        await using var bench = await ProviderBench.StartAsync(fault, options => options with { Offline = new() { Answer = OfflineAnswer.Deny } });
        var answer = await bench.AskAsync();
        Assert.Equal((HealthCodeStatus.ProviderError, AnswerSource.OfflinePolicy, OfflineAnswer.Deny), (answer.Status, answer.Source, answer.WhenOffline));
        Assert.StartsWith(words, answer.Fault, StringComparison.Ordinal);
        Assert.Equal((attempts, attempts, TimeSpan.Zero), (answer.Attempts, bench.Server.Asked, answer.Took));
    }

    [Fact]
    public async Task A_server_that_is_gone_is_tried_twice_and_reported()
    {
        await using var bench = await ProviderBench.StartAsync();
        await bench.Server.DisposeAsync();
        var answer = await bench.AskAsync();
        Assert.Equal((HealthCodeStatus.ProviderError, 2), (answer.Status, answer.Attempts));
        Assert.StartsWith("the connection failed: Connection refused", answer.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_takes_the_connection_and_never_speaks_TLS_costs_the_budget_and_not_more()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var time = new ManualTime();
        using var provider = new HttpHealthCodeProvider(SimulatedProvider.OptionsFor(new Uri($"https://{mute.LocalEndpoint}")), time);
        var asking = provider.AskAsync(ProviderBench.Question("SIM:green:0001"), CancellationToken.None).InTime();
        using var accepted = await mute.AcceptTcpClientAsync();
        await ProviderBench.UntilAsync(() => time.WaitingTimers == 2);
        time.Advance(Budget);
        var answer = await asking;
        Assert.Equal((HealthCodeStatus.ProviderTimeout, Budget), (answer.Status, answer.Took));
    }

    [Fact]
    public async Task The_breaker_opens_after_repeated_faults_and_closes_when_the_provider_is_back()
    {
        await using var bench = await ProviderBench.StartAsync(SimulatedFault.Garbage);
        for (var i = 0; i < 3; i++)
            await bench.AskAsync();
        Assert.True(bench.Provider.IsSuspended);

        var held = await bench.AskAsync();
        Assert.Equal((0, 3, "not asked: it failed repeatedly, and asking is suspended for a while"), (held.Attempts, bench.Server.Asked, held.Fault));
        Assert.Equal((HealthCodeStatus.ProviderError, AnswerSource.OfflinePolicy), (held.Status, held.Source));

        bench.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(1, (await bench.AskAsync()).Attempts); // the one that is let through fails: open again
        Assert.Equal(0, (await bench.AskAsync()).Attempts);

        bench.Server.Fault = SimulatedFault.None;
        bench.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(HealthCodeStatus.ProviderGreen, (await bench.AskAsync()).Status);
        Assert.False(bench.Provider.IsSuspended);
        Assert.Equal(HealthCodeStatus.ProviderGreen, (await bench.AskAsync()).Status);
    }

    [Fact]
    public async Task Slowness_opens_the_breaker_so_that_the_lane_does_not_wait_each_time()
    {
        await using var bench = await ProviderBench.StartAsync(SimulatedFault.Slow);
        for (var i = 0; i < 3; i++)
            Assert.Equal(HealthCodeStatus.ProviderTimeout, (await bench.AskInVainAsync(Budget, SecondAttempt)).Status);
        var held = await bench.AskAsync();
        Assert.Equal((TimeSpan.Zero, 0), (held.Took, held.Attempts));
    }

    [Fact]
    public async Task A_cached_green_helps_out_for_the_same_token_until_it_is_too_old()
    {
        await using var bench = await CachingAsync();
        await bench.AskAsync();
        bench.Server.Fault = SimulatedFault.Garbage;
        bench.Time.Advance(TimeSpan.FromMinutes(10));

        var cached = await bench.AskAsync();
        Assert.Equal((HealthCodeStatus.ProviderGreen, AnswerSource.Cache, TimeSpan.FromMinutes(10), null), (cached.Status, cached.Source, cached.CachedSince, cached.WhenOffline));
        Assert.Equal((TimeSpan.FromHours(20) + TimeSpan.FromMinutes(10), "the reply is not JSON", 1), (cached.TestAge, cached.Fault, cached.Attempts));

        var other = await bench.AskAsync("SIM:green:0002");
        Assert.Equal((HealthCodeStatus.ProviderError, AnswerSource.OfflinePolicy, OfflineAnswer.Guard), (other.Status, other.Source, other.WhenOffline));

        bench.Time.Advance(TimeSpan.FromMinutes(20) + TimeSpan.FromTicks(1));
        Assert.Equal(AnswerSource.OfflinePolicy, (await bench.AskAsync()).Source);
    }

    [Fact]
    public async Task A_state_that_is_not_known_is_an_answer_and_no_cached_green_stands_in_for_it()
    {
        await using var bench = await CachingAsync();
        await bench.AskAsync();
        bench.Server.Fault = SimulatedFault.UnknownColour;
        Assert.Equal((HealthCodeStatus.ProviderError, AnswerSource.OfflinePolicy), await StatusAsync());
        bench.Server.Fault = SimulatedFault.Garbage;
        Assert.Equal((HealthCodeStatus.ProviderError, AnswerSource.OfflinePolicy), await StatusAsync()); // nor afterwards: it is no longer the last that was said

        async Task<(HealthCodeStatus, AnswerSource)> StatusAsync() => await bench.AskAsync() is var answer ? (answer.Status, answer.Source) : default;
    }

    [Fact]
    public async Task A_wall_clock_set_back_does_not_make_a_cached_green_young()
    {
        await using var bench = await CachingAsync();
        await bench.AskAsync();
        bench.Server.Fault = SimulatedFault.Garbage;
        bench.Time.Advance(TimeSpan.FromMinutes(31));
        bench.Time.StepWallClock(bench.Time.GetUtcNow().AddHours(-1));
        Assert.Equal(AnswerSource.OfflinePolicy, (await bench.AskAsync()).Source);
    }

    [Fact]
    public void A_green_is_forgotten_when_the_provider_says_otherwise_and_when_there_are_too_many()
    {
        var time = new ManualTime();
        var cache = new GreenCache(TimeSpan.FromMinutes(30), capacity: 2, time);
        var green = new ProviderReply { Status = HealthCodeStatus.ProviderGreen };
        cache.Note("a", green);
        cache.Note("a", green with { Status = HealthCodeStatus.ProviderRed });
        Assert.Null(cache.Find("a"));

        foreach (var token in new[] { "a", "b", "a", "c" }) // a is younger than b when c comes
            cache.Note(token, green);
        Assert.Equal([true, false, true], new[] { "a", "b", "c" }.Select(token => cache.Find(token) is not null));
    }

    [Fact]
    public async Task Questions_beyond_the_rate_are_not_sent()
    {
        await using var bench = await ProviderBench.StartAsync(change: options => options with { MaxPerMinute = 2 });
        await bench.AskAsync();
        await bench.AskAsync();
        var third = await bench.AskAsync();
        Assert.Equal((0, 2, "not asked: more than 2 questions a minute"), (third.Attempts, bench.Server.Asked, third.Fault));
        Assert.False(bench.Provider.IsSuspended); // that was no fault of the provider

        bench.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(HealthCodeStatus.ProviderGreen, (await bench.AskAsync()).Status);
    }

    [Fact]
    public async Task More_questions_at_once_than_allowed_are_not_sent()
    {
        await using var bench = await ProviderBench.StartAsync(SimulatedFault.Slow, options => options with { MaxConcurrent = 1 });
        var first = bench.AskAsync();
        await ProviderBench.UntilAsync(() => bench.Server.Asked == 1 && bench.Time.WaitingTimers == 2);
        Assert.Equal("not asked: 1 questions are under way", (await bench.AskAsync()).Fault);
        bench.Time.Advance(Budget);
        Assert.Equal(HealthCodeStatus.ProviderTimeout, (await first).Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(ProviderQuestion.MaxTokenLength + 1)]
    public async Task A_token_no_code_can_hold_is_malformed_and_not_sent(int length)
    {
        await using var bench = await ProviderBench.StartAsync();
        var answer = await bench.AskAsync(new string('x', length));
        Assert.Equal((HealthCodeStatus.Malformed, 0), (answer.Status, answer.Attempts));
    }

    [Fact]
    public async Task Who_no_longer_waits_can_leave()
    {
        await using var bench = await ProviderBench.StartAsync(SimulatedFault.Slow);
        using var leaving = new CancellationTokenSource();
        var asking = bench.Provider.AskAsync(ProviderBench.Question("SIM:green:0001"), leaving.Token);
        await ProviderBench.UntilAsync(() => bench.Server.Asked == 1);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task The_same_token_has_the_same_hash_and_without_the_key_nobody_finds_it()
    {
        await using var one = await ProviderBench.StartAsync();
        await using var other = await ProviderBench.StartAsync();
        var hash = (await one.AskAsync()).TokenHash;
        Assert.Equal(hash, (await one.AskAsync()).TokenHash);
        Assert.NotEqual(hash, (await other.AskAsync()).TokenHash);
        Assert.DoesNotContain("SIM:green", ProviderBench.Question("SIM:green:0001").ToString(), StringComparison.Ordinal);
    }

    private static Task<ProviderBench> CachingAsync() =>
        ProviderBench.StartAsync(change: options => options with { Offline = new() { CachedGreenFor = TimeSpan.FromMinutes(30) } });
}
