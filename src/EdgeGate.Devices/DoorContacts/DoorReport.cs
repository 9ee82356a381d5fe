using System.Buffers.Binary;
using System.Text.Json;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.DoorContacts;

/// <summary>
/// What one message of a wireless door contact says. What it does not say is null: a battery report without the contact says
/// nothing of the door, least of all that it is closed.
/// </summary>
/// <param name="BatteryPercent">0 to 100.</param>
/// <param name="Tamper">Taken off the wall, or opened.</param>
public sealed record DoorReport(bool? IsOpen = null, int? BatteryPercent = null, bool? Tamper = null, bool? BatteryLow = null);

/// <summary>A report, and what was wrong with the message; what came before the fault counts.</summary>
public readonly record struct DoorReading(DoorReport? Report, FrameFault? Fault = null);

/// <summary>zigbee2mqtt: a JSON object on base/name, where contact true means closed.</summary>
public static class Zigbee2MqttDoor
{
    public static DoorReading Decode(ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload);
            using var message = JsonDocument.ParseValue(ref reader);
            if (message.RootElement.ValueKind is not JsonValueKind.Object || payload[(int)reader.BytesConsumed..].Trim(" \t\r\n"u8).Length > 0)
                return new(null, FrameFault.BadValue);
            var contact = Flag(message.RootElement, "contact");
            return new(new DoorReport(!contact, Percent(message.RootElement), Flag(message.RootElement, "tamper"), Flag(message.RootElement, "battery_low")));
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException) // the second for a name that is no Unicode
        {
            return new(null, FrameFault.BadValue);
        }
    }

    private static bool? Flag(JsonElement message, string name) =>
        message.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

    private static int? Percent(JsonElement message) =>
        message.TryGetProperty("battery", out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var percent) && percent is >= 0 and <= 100
            ? (int)percent
            : null;
}

/// <summary>The zone status of the Zigbee cluster library's IAS zone cluster (8.2.2.2.1.3), for a contact switch (zone type 0015).</summary>
public static class IasZoneDoor
{
    private const int Length = 2;
    private const ushort Opened = 0x1, Tampered = 0x4, BatteryIsLow = 0x8;

    /// <param name="status">Two bytes, low byte first.</param>
    public static DoorReading Decode(ReadOnlySpan<byte> status)
    {
        if (status.Length != Length)
            return new(null, FrameFault.BadLength);
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(status);
        return new(new DoorReport((bits & Opened) != 0, BatteryPercent: null, (bits & Tampered) != 0, (bits & BatteryIsLow) != 0));
    }
}

/// <summary>Milesight WS301 over LoRaWAN: channel, type and value, in any order.</summary>
public static class Ws301Door
{
    private const int HeadLength = 2;

    public static DoorReading Decode(ReadOnlySpan<byte> payload)
    {
        var (report, any) = (new DoorReport(), false);
        while (!payload.IsEmpty)
        {
            if (payload.Length >= HeadLength && (payload[0], payload[1]) is not ((0x01, 0x75) or (0x03, 0x00) or (0x04, 0x00)))
                return Ending(FrameFault.Unsupported); // its length is not known, so nothing after it can be read
            if (payload.Length <= HeadLength)
                return Ending(FrameFault.BadLength);
            var value = payload[HeadLength];
            report = payload[0] switch
            {
                0x01 => report with { BatteryPercent = value },
                0x03 => report with { IsOpen = value != 0 },
                _ => report with { Tamper = value != 0 },
            };
            any = true;
            payload = payload[(HeadLength + 1)..];
        }
        return Ending(fault: null);

        DoorReading Ending(FrameFault? fault) => new(any ? report : null, fault);
    }
}
