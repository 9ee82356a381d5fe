using System.Buffers;

namespace EdgeGate.Journal.Tests;

/// <summary>
/// The process that the kill test kills: <c>dotnet EdgeGate.Journal.Tests.dll DIRECTORY</c> appends from four tasks and prints every number
/// only after its append returned. It never ends by itself.
/// </summary>
internal static class KillChild
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [var directory])
            return 2;
        var journal = await GateJournal.OpenAsync(new JournalOptions { Directory = directory, GateId = "gate-1" }, TimeProvider.System, CancellationToken.None);
        var print = new Lock();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
        {
            await Task.Yield();
            while (true)
            {
                var sequence = await journal.AppendAsync((number, payload) => Fill(number, payload), CancellationToken.None);
                lock (print)
                    Console.Out.WriteLine(sequence);
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
