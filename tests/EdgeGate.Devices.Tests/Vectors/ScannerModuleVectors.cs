using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Scanners;

namespace EdgeGate.Devices.Tests.Vectors;

internal sealed class Gm65Vectors : VectorProtocol
{
    public override byte[] Encode(JsonElement fields)
    {
        var zone = ushort.Parse(fields.GetProperty("address").GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var data = Convert.FromHexString(fields.GetProperty("data").GetString()!);
        var command = fields.GetProperty("type").GetString() switch
        {
            "07" => Gm65Frame.Read(zone, data[0]),
            "08" => Gm65Frame.Write(zone, data),
            _ => Gm65Frame.Save(),
        };
        // The driver always sends the CRC; the form without one differs in its last two bytes only.
        return fields.GetProperty("crc").GetString() is "ABCD-bypass" ? [.. command[..^2], 0xAB, 0xCD] : command;
    }

    public override JsonObject Decode(DeviceVector vector) =>
        Decode(vector, new FrameParser<Gm65Message>(new Gm65Framing(ScannerText.Chinese).Decode), message => (Describe(message), default));

    private static JsonObject Describe(Gm65Message message) => message.Reply is { } reply
        ? new() { ["reply"] = ((byte)reply.Status).ToString("X2"), ["dataHex"] = Convert.ToHexString(reply.Data.Span) }
        : new() { ["text"] = message.Code.Text, ["encoding"] = message.Code.Encoding.WebName };
}

internal sealed class Gm67Vectors : VectorProtocol
{
    public override byte[] Encode(JsonElement fields)
    {
        var data = Convert.FromHexString(fields.GetProperty("data").GetString()!);
        return Gm67Frame.SetParameter(data[1], data[2], permanent: fields.GetProperty("status").GetString() is "08");
    }

    public override JsonObject Decode(DeviceVector vector) => Decode(vector, new FrameParser<Gm67Packet>(Gm67Frame.Decode), packet =>
    {
        var json = new JsonObject { ["opcode"] = ((byte)packet.Opcode).ToString("X2") };
        if (packet.Opcode is Gm67Opcode.Scanned or Gm67Opcode.ScannedLong)
            (json["symbology"], json["text"]) = (packet.Symbology.ToString("X2"), Encoding.UTF8.GetString(packet.Text.Span));
        return (json, default);
    });
}
