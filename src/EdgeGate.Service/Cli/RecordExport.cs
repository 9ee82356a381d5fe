using System.Text;
using EdgeGate.Journal;

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

    private static byte[] Row(IEnumerable<string> fields) => Encoding.UTF8.GetBytes(string.Join(',', fields.Select(Field)) + "\r\n");

    /// <summary>
    /// A name comes from whoever made the card: a field that begins like a formula would be run by the spreadsheet. So would a person key
    /// that happens to begin with a hyphen. The full-width signs are formulas too where Chinese or Japanese is set.
    /// </summary>
    private static string Field(string text)
    {
        if (text.Length > 0 && "=+-@\t\r＝＋－＠".Contains(text[0]))
            text = '\'' + text;
        return text.AsSpan().ContainsAny("\",\r\n") ? '"' + text.Replace("\"", "\"\"") + '"' : text;
    }
}
