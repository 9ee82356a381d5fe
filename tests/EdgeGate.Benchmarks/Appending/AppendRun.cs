namespace EdgeGate.Benchmarks.Appending;

/// <param name="PerSecond">Durable records a second, all writers together.</param>
/// <param name="Microseconds">Of each append, from the call to its end.</param>
/// <param name="PerCommit">Records that shared a flush, on average.</param>
/// <param name="AllocatedPerRecord">Bytes of managed memory.</param>
internal sealed record AppendResult(double PerSecond, IReadOnlyList<double> Microseconds, double PerCommit, double AllocatedPerRecord);

/// <summary>A closed loop: each writer appends its next record as soon as its last one is durable.</summary>
internal static class AppendRun
{
    public static async Task<AppendResult> MeasureAsync(IContender contender, int writers, byte[] payload, TimeSpan duration, TimeProvider time)
    {
        for (var i = 0; i < 200; i++)
            await contender.AppendAsync(payload); // compiled and warm
        var commits = contender.Commits;
        var allocated = GC.GetTotalAllocatedBytes();
        var begun = time.GetTimestamp();
        var taken = await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(WriteAsync)));
        var seconds = time.GetElapsedTime(begun).TotalSeconds;
        var records = taken.Sum(one => one.Count);
        return new AppendResult(
            records / seconds,
            [.. taken.SelectMany(one => one)],
            (double)records / (contender.Commits - commits),
            (double)(GC.GetTotalAllocatedBytes() - allocated) / records);

        async Task<List<double>> WriteAsync()
        {
            var micros = new List<double>(100_000);
            while (time.GetElapsedTime(begun) < duration)
            {
                var asked = time.GetTimestamp();
                await contender.AppendAsync(payload);
                micros.Add(time.GetElapsedTime(asked).TotalMicroseconds);
            }
            return micros;
        }
    }

    /// <summary>The same from one thread without any hand-over: <paramref name="group"/> records a commit.</summary>
    public static double BareRate(IBareStore store, int group, byte[] record, TimeSpan duration, TimeProvider time)
    {
        byte[][] records = [.. Enumerable.Repeat(record, group)];
        for (var i = 0; i < 50; i++)
            store.Commit(records);
        var begun = time.GetTimestamp();
        long written = 0;
        while (time.GetElapsedTime(begun) < duration)
        {
            store.Commit(records);
            written += group;
        }
        return written / time.GetElapsedTime(begun).TotalSeconds;
    }
}
