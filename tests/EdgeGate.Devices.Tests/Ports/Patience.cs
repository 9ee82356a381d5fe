using System.Buffers;
using System.IO.Pipelines;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Tests.Ports;

/// <summary>Waiting for what must happen, bounded so generously that only a hang fails.</summary>
internal static class Patience
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Limit, TimeProvider.System);

    public static Task InTime(this Task task) => task.WaitAsync(Limit, TimeProvider.System);

    public static Task<T> InTime<T>(this ValueTask<T> task) => task.AsTask().InTime();

    public static Task InTime(this ValueTask task) => task.AsTask().InTime();

    /// <summary>For conditions that nothing announces, such as the code under test having reached its delay.</summary>
    public static Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    public static async Task Until(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, limit.Token);
    }

    /// <summary>For conditions that may hold by chance for a moment.</summary>
    public static Task UntilOftenInARow(int looks, Func<bool> condition)
    {
        var held = 0;
        return Until(() => (held = condition() ? held + 1 : 0) == looks);
    }

    public static async Task<byte[]> ReadBytesAsync(this IDeviceLine line, int count, CancellationToken cancellationToken = default)
    {
        var read = await line.Input.ReadAtLeastAsync(count, cancellationToken).InTime();
        var bytes = read.Buffer.Slice(0, Math.Min(count, read.Buffer.Length)).ToArray();
        line.Input.AdvanceTo(read.Buffer.GetPosition(bytes.Length));
        return bytes;
    }

    /// <summary>Reads and throws away until the line fails or ends.</summary>
    public static async Task ReadToTheEndAsync(this PipeReader input)
    {
        while (await input.ReadAsync() is { IsCompleted: false } read)
            input.AdvanceTo(read.Buffer.End);
    }
}
