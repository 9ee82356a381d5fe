using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.I2c;
using EdgeGate.Devices.Thermometers;

namespace EdgeGate.Devices.Tests.Vectors;

internal sealed class Gy614Vectors : VectorProtocol
{
    public override byte[] Encode(JsonElement fields) =>
        Gy614Frame.EncodeQuery(fields.GetProperty("register").GetByte(), fields.GetProperty("count").GetByte());

    public override JsonObject Decode(DeviceVector vector) =>
        Decode(vector, new FrameParser<Gy614Reading>(Gy614Frame.Decode), reading => (new JsonObject
        {
            ["emissivity"] = reading.EmissivityHundredths / 100.0,
            ["objectC"] = (double)reading.Temperature.Surface.Degrees,
            ["ambientC"] = (double)reading.Temperature.Ambient.Degrees,
            ["bodyC"] = (double)reading.Body.Degrees,
        }, default));
}

internal sealed class ModbusVectors : VectorProtocol
{
    public override byte[] Encode(JsonElement fields) => new ModbusRequest(
        fields.GetProperty("slave").GetByte(), (ModbusFunction)fields.GetProperty("function").GetByte(),
        fields.GetProperty("start").GetUInt16(), fields.GetProperty("count").GetUInt16()).Encode();

    public override JsonObject Decode(DeviceVector vector)
    {
        var request = Convert.FromHexString(vector.ContextText("request")!);
        var asked = new ModbusRequest(request[0], (ModbusFunction)request[1], (ushort)(request[2] << 8 | request[3]), (ushort)(request[4] << 8 | request[5]));
        return Decode(vector, new ModbusFrame(asked).Parser, reply =>
        {
            var frame = new JsonObject { ["slave"] = reply.Slave };
            if (reply.Exception is { } code)
            {
                frame["exception"] = code;
                return (frame, default);
            }
            frame["function"] = (byte)asked.Function;
            frame["registers"] = new JsonArray([.. reply.Registers.Select(register => (JsonNode)register)]);
            if (vector.Context.TryGetProperty("scale", out var scale))
                frame["celsius"] = (double)((short)reply.Registers[0] * scale.GetDecimal());
            return (frame, default);
        });
    }
}

/// <summary>Single transactions, not a stream: each chunk is what one of them gave.</summary>
internal sealed class BusVectors(Func<DeviceVector, byte[], (JsonObject? Frame, FrameFault Fault)> read) : VectorProtocol
{
    public static readonly BusVectors Mlx90614 = new((vector, reply) =>
    {
        var address = byte.Parse(vector.ContextText("address")!, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var register = vector.ContextText("register")!;
        var command = byte.Parse(register, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if (!SmBusWord.TryDecode(address, command, reply, out var word))
            return (null, FrameFault.BadChecksum);
        return Mlx90614Word.TryDecode(word, out var celsius)
            ? (new JsonObject { ["register"] = register, ["raw"] = word, ["celsius"] = (double)celsius.Degrees }, default)
            : (null, FrameFault.SensorError);
    });

    /// <summary>The vectors name a few of the 64 pixels.</summary>
    public static readonly BusVectors Amg8833Pixels = new((vector, block) =>
    {
        var grid = ThermalGrid.Decode(block);
        var named = vector.Expect.GetProperty("frames")[0].GetProperty("pixels").EnumerateObject()
            .Select(pixel => KeyValuePair.Create(pixel.Name, (JsonNode?)(double)grid[int.Parse(pixel.Name, CultureInfo.InvariantCulture)].Degrees));
        return (new JsonObject { ["pixels"] = new JsonObject(named) }, default);
    });

    public static readonly BusVectors Amg8833Thermistor = new((_, bytes) =>
        (new JsonObject { ["celsius"] = (double)ThermalGrid.DecodeThermistor(bytes).Degrees }, default));

    public override byte[] Encode(JsonElement fields) => throw new NotSupportedException("these cases are replies");

    public override JsonObject Decode(DeviceVector vector)
    {
        var (frames, errors) = (new JsonArray(), new JsonArray());
        foreach (var reply in vector.Steps.OfType<byte[]>())
        {
            var (frame, fault) = read(vector, reply);
            if (frame is null)
                errors.Add(KindOf(fault));
            else
                frames.Add(frame);
        }
        return new JsonObject { ["frames"] = frames, ["errors"] = errors, ["pending"] = false };
    }
}
