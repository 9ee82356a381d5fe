using System.Diagnostics;

namespace EdgeGate.Benchmarks.Draining;

/// <summary>The far end: mosquitto_sub, a C client, so that the receiver is not the brake. Two bytes a message come out of it.</summary>
internal sealed class CountingSubscriber : IAsyncDisposable
{
    private const string Program = "/usr/bin/mosquitto_sub";
    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly Task _counting;
    private long _bytes;

    private CountingSubscriber(Process process, TimeProvider time)
    {
        (_process, _time) = (process, time);
        _counting = Task.Run(CountAsync);
    }

    public long Count => Interlocked.Read(ref _bytes) / 2;

    /// <summary>When the first message came, and the latest.</summary>
    public long FirstAt { get; private set; }

    public long LatestAt { get; private set; }

    /// <summary>The subscription stands when this returns: a first, short-lived client makes the session that the counting one takes over.</summary>
    public static async Task<CountingSubscriber> StartAsync(string topic, int port, TimeProvider time, CancellationToken cancellationToken)
    {
        string[] session = ["-h", "127.0.0.1", "-p", $"{port}", "-q", "1", "-t", topic, "-i", "bench-far-end", "-c"];
        using (var first = Process.Start(Program, [.. session, "-E"]))
            await first.WaitForExitAsync(cancellationToken);
        return new CountingSubscriber(
            Process.Start(new ProcessStartInfo(Program, [.. session, "-F", "."]) { RedirectStandardOutput = true, UseShellExecute = false })!,
            time);
    }

    /// <summary>Waits until so many have come, or none has for ten seconds.</summary>
    public async Task WaitForAsync(long count, CancellationToken cancellationToken)
    {
        for (var (seen, still) = (Count, 0); seen < count && still < 1000; still = Count == seen ? still + 1 : 0, seen = Count)
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time, cancellationToken);
    }

    /// <summary>Messages a second from the first to the latest.</summary>
    public double Rate => (Count - 1) / _time.GetElapsedTime(FirstAt, LatestAt).TotalSeconds;

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _counting;
        _process.Dispose();
    }

    private async Task CountAsync()
    {
        var buffer = new byte[64 * 1024];
        var output = _process.StandardOutput.BaseStream;
        while (await output.ReadAsync(buffer) is > 0 and var read)
        {
            LatestAt = _time.GetTimestamp();
            if (_bytes == 0)
                FirstAt = LatestAt;
            Interlocked.Add(ref _bytes, read);
        }
    }
}
