using EdgeGate.Devices.Thermometers;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Thermometers;

/// <summary>Runs a thermometer and keeps what it said, while the test moves the clock.</summary>
internal sealed class ReadingLoop : IAsyncDisposable
{
    private readonly ManualTime _time;
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60), TimeProvider.System);
    private readonly Task _running;

    public ReadingLoop(IThermometer thermometer, ManualTime time, params Func<CancellationToken, Task>[] peers)
    {
        _time = time;
        thermometer.TroubleChanged += trouble =>
        {
            lock (Troubles) Troubles.Add(trouble);
        };
        _running = Task.WhenAll([ReadAsync(thermometer), .. peers.Select(peer => peer(_stop.Token))]);
    }

    public List<ThermometerTrouble?> Troubles { get; } = [];

    public ThermometerTrouble? Trouble
    {
        get { lock (Troubles) return Troubles.LastOrDefault(); }
    }

    /// <summary>The last reading; reset to see that another one comes.</summary>
    public TemperatureReading? Last { get; set; }

    /// <summary>What the loop ended with.</summary>
    public Exception? Ended { get; private set; }

    /// <summary>
    /// Lets time pass in small steps until the condition holds. A breath after each, so that on a busy machine driver and peer get their turn
    /// long before the tests' time is up.
    /// </summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            _stop.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, _stop.Token);
        }
    }

    /// <summary>A reading that was taken after this was called.</summary>
    public async Task<TemperatureReading> NextAsync()
    {
        Last = null;
        await UntilAsync(() => Last is not null);
        return Last!.Value;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(_ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }

    private async Task ReadAsync(IThermometer thermometer)
    {
        try
        {
            await foreach (var reading in thermometer.ReadAsync(_stop.Token))
                Last = reading;
        }
        catch (Exception ended) when (ended is not OperationCanceledException)
        {
            Ended = ended;
        }
    }
}
