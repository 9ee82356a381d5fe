using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Thermometers;

namespace EdgeGate.Devices.Tests.Vectors;

internal sealed class GyMcu90614Vectors : VectorProtocol
{
    public override byte[] Encode(JsonElement fields) => (fields.GetProperty("command").GetString() switch
    {
        "query" => GyMcu90614Command.OneReading,
        "stream" => GyMcu90614Command.Stream,
        var other => throw new NotSupportedException($"command {other}"),
    }).ToArray();

    public override JsonObject Decode(DeviceVector vector) =>
        Decode(vector, new FrameParser<TemperatureReading>(GyMcu90614Frame.Decode), reading =>
            (new JsonObject { ["objectC"] = (double)reading.Surface.Degrees, ["ambientC"] = (double)reading.Ambient.Degrees }, default));
}
