using EdgeGate.HealthCodes.Providers;
using EdgeGate.Testing;

namespace EdgeGate.HealthCodes.Tests.Providers;

/// <summary>Waiting for what must happen, bounded so generously that only a hang fails.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Limit, TimeProvider.System);
}

/// <summary>A provider under test, the stand-in it asks over real sockets, and a clock that only the test moves.</summary>
internal sealed class ProviderBench : IAsyncDisposable
{
    private ProviderBench(SimulatedProvider server, HttpHealthCodeProvider provider, ManualTime time) => (Server, Provider, Time) = (server, provider, time);

    public SimulatedProvider Server { get; }

    public HttpHealthCodeProvider Provider { get; }

    public ManualTime Time { get; }

    public static async Task<ProviderBench> StartAsync(SimulatedFault fault = SimulatedFault.None, Func<ProviderOptions, ProviderOptions>? change = null)
    {
        var time = new ManualTime();
        var server = await SimulatedProvider.StartAsync(0, time);
        server.Fault = fault;
        return new ProviderBench(server, new HttpHealthCodeProvider((change ?? (options => options))(server.Options), time), time);
    }

    public Task<ProviderAnswer> AskAsync(string token = "SIM:green:0001") => Provider.AskAsync(Question(token), CancellationToken.None).InTime();

    public static ProviderQuestion Question(string token) => new(token, "QR", "scanner-1", "gate-1", 36.5m);

    /// <summary>Asks, moves the clock when the server has got each request and the budget has run out, and returns the answer.</summary>
    public async Task<ProviderAnswer> AskInVainAsync(TimeSpan budget, TimeSpan? secondAttemptAfter)
    {
        var before = Server.Asked;
        var asking = AskAsync();
        await UntilAsync(() => Server.Asked == before + 1 && Time.WaitingTimers == (secondAttemptAfter is null ? 1 : 2));
        if (secondAttemptAfter is { } after)
        {
            Time.Advance(after);
            await UntilAsync(() => Server.Asked == before + 2);
            Assert.False(asking.IsCompleted);
            Time.Advance(budget - after);
        }
        else
        {
            Time.Advance(budget);
        }
        return await asking;
    }

    /// <summary>Waits for what other threads do; the test's clock stands still meanwhile.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience.Limit, TimeProvider.System);
        while (!holds())
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Provider.Dispose();
        await Server.DisposeAsync();
    }
}
