namespace EdgeGate.Testing;

/// <summary>
/// A clock that runs by itself, as fast as the system's, but in steps: while this process or its thread pool is held up no time passes, so that no limit of
/// what is tested ends because the machine stood still. For tests whose two ends wait for each other, where nobody could say when to move a <see cref="ManualTime"/>.
/// </summary>
public sealed class RunningTime : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5), LongestStep = TimeSpan.FromMilliseconds(20);

    private readonly ManualTime _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public RunningTime() : this(TimeProvider.System) { }

    /// <param name="real">By which it runs.</param>
    public RunningTime(TimeProvider real)
    {
        _time = new ManualTime(real.GetUtcNow());
        _running = RunAsync(real);
    }

    public TimeProvider Clock => _time;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(TimeProvider real)
    {
        var seen = real.GetTimestamp();
        while (true)
        {
            await Task.Delay(Step, real, _stop.Token); // goes on in the pool: where there is no thread for the tested there is none for their clock
            var passed = real.GetElapsedTime(seen);
            seen = real.GetTimestamp();
            _time.Advance(passed < LongestStep ? passed : LongestStep);
        }
    }
}
