using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.Devices.DoorContacts;

namespace EdgeGate.Devices.Tests.Vectors;

/// <param name="decode">One message.</param>
/// <param name="saysDoor">Whether the vectors write a door that nothing was said of as null; else it is left out.</param>
internal sealed class DoorVectors(Func<byte[], DoorReading> decode, bool saysDoor) : VectorProtocol
{
    public override byte[] Encode(JsonElement fields) => throw new NotSupportedException("contacts take no commands");

    public override JsonObject Decode(DeviceVector vector)
    {
        var (frames, errors) = (new JsonArray(), new JsonArray());
        foreach (var message in vector.Steps.OfType<byte[]>())
        {
            var (report, fault) = decode(message);
            if (report is not null)
                frames.Add(Describe(report));
            if (fault is { } wrong)
                errors.Add(KindOf(wrong));
        }
        return new JsonObject { ["frames"] = frames, ["errors"] = errors, ["pending"] = false };
    }

    private JsonObject Describe(DoorReport report)
    {
        var frame = new JsonObject();
        if (report.IsOpen is { } open)
            frame["door"] = open ? "open" : "closed";
        else if (saysDoor)
            frame["door"] = null;
        if (report.BatteryPercent is { } percent)
            frame["battery"] = percent;
        if (report.Tamper is { } tamper)
            frame["tamper"] = tamper;
        if (report.BatteryLow is { } low)
            frame["batteryLow"] = low;
        return frame;
    }
}
