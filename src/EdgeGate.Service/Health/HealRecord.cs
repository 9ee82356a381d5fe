using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Health;

/// <summary>Tells of a mended journal, as the first record in it.</summary>
internal static class HealRecord
{
    public static HealRecordWriter WriterFor(string site, string gate, GateClock clock) => (report, sequence, payload) =>
    {
        var now = clock.Read();
        var record = new StoreHealedRecord
        {
            Cause = report.Reason,
            Salvaged = report.Salvaged,
            Void = [.. report.NewlyVoid.Select(TallyService.VoidNumbersOf)],
            Clock = ClockRecord.From(now),
        };
        RecordEnvelope.Write(payload, site, gate, sequence, StoreHealedRecord.Type, now.Wall, record, RecordShapes.Default.StoreHealedRecord, alarm: record.Void.Count > 0 ? "records-lost" : null);
    };
}
