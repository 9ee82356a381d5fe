using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;

namespace EdgeGate.Service.Cli;

/// <summary>A record as a person reads it: what is in the open, in one row. Fields that a kind of record lacks are empty.</summary>
internal sealed record RecordSummary(
    long Sequence, string Time, string Kind, string Lane, string Direction, string Reader, string Outcome, string Reasons,
    string Person, string MaskedName, string Decision, string Portal, string Passage, string Clock)
{
    public static RecordSummary Of(JournalRecord record)
    {
        using var document = JsonDocument.Parse(record.Payload);
        var root = document.RootElement;
        var data = root.GetProperty("data");
        return new RecordSummary(
            record.Sequence,
            Text(root, "time"),
            Text(root, "type") switch
            {
                DecidedRecord.Type => "decided",
                PassageRecord.Type => "passage",
                PortalEventRecord.Type => "portal",
                ExitRequestedRecord.Type => "exit",
                DeviceSwapRecord.Type or DeviceEventRecord.Type => "device",
                DoorContactRecord.Type => "contact",
                StoreHealedRecord.Type => "healed",
                RecordsDroppedRecord.Type => "dropped",
                RegisterChangedRecord.Type => "register",
                OccupancyCorrectedRecord.Type => "corrected",
                GuardSessionRecord.Type or GuardSignInsRefusedRecord.Type => "sign-in",
                GuardActionRecord.Type => "guard",
                RoundRecord.Type => "round",
                DeliveryRecord.Type => "delivery",
                var other => other,
            },
            Text(data, "lane"),
            Text(data, "direction"),
            Text(data, "reader") is { Length: > 0 } reader ? reader : Text(data, "device") is { Length: > 0 } device ? device : Text(data, "contact"),
            data.TryGetProperty("open", out var open) ? (open.GetBoolean() ? "open" : "closed") : Text(data, "outcome"),
            data.TryGetProperty("reasons", out var reasons) ? string.Join(' ', reasons.EnumerateArray().Select(reason => reason.GetString())) : "",
            Text(data, "person"),
            Text(data, "maskedName"),
            Text(data, "decision"),
            Text(data, "portal"),
            data.TryGetProperty("event", out var happened) ? happened.ToString() : Text(data, "passage"),
            data.TryGetProperty("clock", out var clock) ? Text(clock, "grade") : "");
    }

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out var value) ? value.ToString() : "";
}

internal static class RecordLine
{
    /// <summary>For a terminal 100 characters wide.</summary>
    public static string Of(JournalRecord record)
    {
        var row = RecordSummary.Of(record);
        var what = row.Kind switch
        {
            "decided" => $"{row.Outcome,-8} {row.Reader,-12} {row.MaskedName,-4} {row.Reasons}",
            "passage" => $"{row.Portal,-8} for record {row.Decision}, passage {row.Passage}",
            "portal" => row.Decision.Length > 0 ? $"{row.Passage} behind record {row.Decision}" : row.Passage,
            "exit" => $"{row.Outcome,-8} {row.Reasons}",
            "device" => $"{row.Reader} {row.Passage}",
            "contact" => $"{row.Reader} {row.Outcome}",
            _ => "",
        };
        var time = DateTimeOffset.TryParse(row.Time, out var wall) ? wall.ToString("yyyy-MM-dd HH:mm:ss.fff") : row.Time; // the gate's local time
        return $"{row.Sequence,8}  {time}  {row.Kind,-8} {what}".TrimEnd();
    }
}
