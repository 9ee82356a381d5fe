using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.Devices.DoorContacts;

namespace EdgeGate.Devices.Tests.Vectors;

/// <summary>Runs every pair of files of the shared device vectors whose protocol is known here. New files need no new code.</summary>
public class VectorTests
{
    private const string NoVectors = "(none)";

    private static readonly Dictionary<string, VectorProtocol> Protocols = new(StringComparer.Ordinal)
    {
        ["sam-v"] = new SamVVectors(),
        ["scanner-line"] = new ScannerVectors(),
        ["scanner-stx-etx"] = new ScannerVectors(),
        ["scanner-gap"] = new ScannerVectors(),
        ["gy-mcu90614"] = new GyMcu90614Vectors(),
        ["gm65"] = new Gm65Vectors(),
        ["gm67"] = new Gm67Vectors(),
        ["osdp"] = new OsdpVectors(),
        ["osdp-secure"] = new OsdpSecureVectors(),
        ["wiegand-bits"] = new WiegandVectors(),
        ["gy-614"] = new Gy614Vectors(),
        ["modbus-rtu"] = new ModbusVectors(),
        ["mlx90614-smbus-word"] = BusVectors.Mlx90614,
        ["amg88xx-block"] = BusVectors.Amg8833Pixels,
        ["amg88xx-thermistor"] = BusVectors.Amg8833Thermistor,
        ["mqtt-json"] = new DoorVectors(payload => Zigbee2MqttDoor.Decode(payload), saysDoor: true),
        ["zcl-ias-zone"] = new DoorVectors(payload => IasZoneDoor.Decode(payload), saysDoor: true),
        ["lorawan-ws301"] = new DoorVectors(payload => Ws301Door.Decode(payload), saysDoor: false),
    };

    public static TheoryData<string> Known => [.. DeviceVector.Ids.Where(id => Protocols.ContainsKey(DeviceVector.Load(id).Protocol)).DefaultIfEmpty(NoVectors)];

    [SkippableTheory, MemberData(nameof(Known))]
    public void Wire_bytes_and_meaning_agree(string id)
    {
        Skip.If(id is NoVectors, "No device vectors: neither GATE_VECTORS nor ../shared/vectors names a folder with devices/ in it.");
        var vector = DeviceVector.Load(id);
        var protocol = Protocols[vector.Protocol];
        if (vector.Expect.TryGetProperty("encode", out var fields))
        {
            Assert.Equal((byte[])Assert.Single(vector.Steps), protocol.Encode(fields));
            return;
        }
        var expected = JsonNode.Parse(vector.Expect.GetRawText());
        var actual = protocol.Decode(vector);
        Assert.True(JsonNode.DeepEquals(expected, actual), $"expected {expected?.ToJsonString(Readable)}\nbut was  {actual.ToJsonString(Readable)}");
    }

    [SkippableFact]
    public void Every_protocol_of_the_vectors_is_known()
    {
        var missing = DeviceVector.Ids.CountBy(id => DeviceVector.Load(id).Protocol).Where(count => !Protocols.ContainsKey(count.Key))
            .Select(count => $"{count.Key} ({count.Value})").Order(StringComparer.Ordinal).ToArray();
        Skip.If(missing.Length > 0, "Not supported yet: " + string.Join(", ", missing));
    }

    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
