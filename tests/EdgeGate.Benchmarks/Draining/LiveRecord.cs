using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using EdgeGate.Benchmarks.Appending;

namespace EdgeGate.Benchmarks.Draining;

/// <summary>A record of the yardsticks' size that says when it was made, by the machine's monotonic clock, which all processes share.</summary>
internal static class LiveRecord
{
    private const int Digits = 20;

    public static void Write(IBufferWriter<byte> to, long timestamp)
    {
        var record = to.GetSpan(JournalBench.PayloadBytes)[..JournalBench.PayloadBytes];
        record.Fill((byte)' ');
        Utf8Formatter.TryFormat(timestamp, record, out _, new StandardFormat('D', Digits));
        to.Advance(record.Length);
    }

    public static long MadeAt(ReadOnlySpan<byte> record) => long.Parse(record[..Digits], CultureInfo.InvariantCulture);
}
