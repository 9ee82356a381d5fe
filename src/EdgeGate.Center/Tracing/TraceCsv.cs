using System.Buffers.Text;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Center.Tracing;

/// <summary>The contacts of a trace as a spreadsheet reads them, the closest first. Times in UTC (ISO 8601).</summary>
internal static class TraceCsv
{
    public static void Write(Trace trace, TextWriter to)
    {
        to.WriteLine("rank,degree,closeness,reason,person,masked_name,unit,times,nearest_seconds,first,last,through,clock");
        foreach (var (index, contact) in trace.Contacts.Index())
        {
            to.WriteLine(CsvLine.Join(
                $"{index + 1}", $"{contact.Degree}", $"{contact.Closeness}", contact.Reason, Key(contact.Person), contact.MaskedName, contact.Unit,
                $"{contact.Times}", contact.Nearest is { } nearest ? $"{nearest.TotalSeconds:0}" : "", $"{contact.First:O}", $"{contact.Last:O}", contact.Through is { } through ? Key(through) : "", contact.Clock?.ToString().ToLowerInvariant()));
        }
    }

    private static string Key(byte[] person) => Base64Url.EncodeToString(person);
}
