using System.Buffers;
using System.Diagnostics;

namespace EdgeGate.Journal.Tests;

/// <summary>
/// The process that the kill test kills: <c>dotnet EdgeGate.Journal.Tests.dll DIRECTORY COUNT</c> appends from four tasks and prints every number
/// as soon as its append returned. After that many it kills itself, at the very moment of an acknowledgement: a number told too early
/// shows, all the more as the records are large and their commits take milliseconds.
/// </summary>
internal static class KillChild
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [var directory, var count])
            return 2;
        var left = int.Parse(count);
        var journal = await GateJournal.OpenAsync(new JournalOptions { Directory = directory, GateId = "gate-1" }, TimeProvider.System, CancellationToken.None);
        var print = new Lock();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
        {
            await Task.Yield();
            while (true)
            {
                var sequence = await journal.AppendAsync((_, payload) => payload.Advance(payload.GetSpan(60_000)[..60_000].Length), CancellationToken.None);
                lock (print)
                {
                    Console.Out.WriteLine(sequence);
                    if (--left == 0)
                        Process.GetCurrentProcess().Kill();
                }
                journal.Acknowledge(sequence - 100);
            }
        }));
        return 0;
    }

    /// <summary>0 to 2,999 bytes, all telling the number: some records need overflow pages.</summary>
    public static void Fill(long number, IBufferWriter<byte> payload)
    {
        var length = (int)(number * 7919 % 3000);
        payload.GetSpan(length)[..length].Fill((byte)number);
        payload.Advance(length);
    }
}
