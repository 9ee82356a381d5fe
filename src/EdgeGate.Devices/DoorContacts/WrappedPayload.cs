using System.Buffers.Binary;
using System.Text.Json;

namespace EdgeGate.Devices.DoorContacts;

/// <summary>A device's own bytes inside the JSON of the server that passes them on, such as a LoRaWAN network server's.</summary>
public static class WrappedPayload
{
    private const int ZoneStatusLength = 2;

    /// <param name="member">Names joined by dots, from the outside in.</param>
    /// <returns>A text as Base64, a whole number as the two bytes of a zone status, low byte first; null when there is neither.</returns>
    public static byte[]? Unwrap(ReadOnlyMemory<byte> message, string member)
    {
        try
        {
            using var json = JsonDocument.Parse(message);
            var value = json.RootElement;
            foreach (var name in member.Split('.'))
            {
                if (value.ValueKind is not JsonValueKind.Object || !value.TryGetProperty(name, out value))
                    return null;
            }
            if (value.ValueKind is JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes))
                return bytes;
            if (value.ValueKind is not JsonValueKind.Number || !value.TryGetUInt16(out var number))
                return null;
            var status = new byte[ZoneStatusLength];
            BinaryPrimitives.WriteUInt16LittleEndian(status, number);
            return status;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException) // the second for a text that is no Unicode
        {
            return null;
        }
    }
}
