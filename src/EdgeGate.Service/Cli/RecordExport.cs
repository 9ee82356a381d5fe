using System.Text;
using EdgeGate.Journal;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Service.Cli;

internal enum ExportFormat
{
    Jsonl,
    Csv,
}

internal static class RecordExport
{
    private static readonly string[] Columns =
    [
        "sequence", "time", "kind", "lane", "direction", "reader", "outcome", "reasons", "person", "maskedName", "decision", "portal", "passage", "clock",
    ];

    /// <summary>JSON lines are the bytes as journaled and sent. CSV is RFC 4180 in UTF-8 with a byte order mark, which Excel wants.</summary>
    public static async Task WriteAsync(Stream to, IAsyncEnumerable<JournalRecord> records, ExportFormat format, CancellationToken cancellationToken)
    {
        await using var buffered = new BufferedStream(to);
        if (format is ExportFormat.Csv)
        {
            await buffered.WriteAsync(Encoding.UTF8.GetPreamble(), cancellationToken);
            await buffered.WriteAsync(Row(Columns), cancellationToken);
        }
        await foreach (var record in records.WithCancellation(cancellationToken))
        {
            if (format is ExportFormat.Csv)
            {
                await buffered.WriteAsync(Row(Fields(RecordSummary.Of(record))), cancellationToken);
                continue;
            }
            await buffered.WriteAsync(record.Payload, cancellationToken);
            buffered.WriteByte((byte)'\n');
        }
    }

    private static string[] Fields(RecordSummary row) =>
    [
        row.Sequence.ToString(), row.Time, row.Kind, row.Lane, row.Direction, row.Reader, row.Outcome, row.Reasons,
        row.Person, row.MaskedName, row.Decision, row.Portal, row.Passage, row.Clock,
    ];

    private static byte[] Row(IEnumerable<string> fields) => Encoding.UTF8.GetBytes(CsvLine.Join(fields) + "\r\n");
}
