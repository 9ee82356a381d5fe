using System.Buffers;
using System.Text;

namespace EdgeGate.Journal.Tests;

internal static class Appending
{
    /// <summary>A payload that names itself: "n:text".</summary>
    public static ValueTask<long> AppendTextAsync(this GateJournal journal, string text) =>
        journal.AppendAsync((sequence, payload) => payload.Write(Encoding.UTF8.GetBytes($"{sequence}:{text}")), CancellationToken.None);

    public static string Text(this JournalRecord record) => Encoding.UTF8.GetString(record.Payload.Span);
}
