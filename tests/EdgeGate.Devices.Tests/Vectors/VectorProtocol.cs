using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Tests.Vectors;

/// <summary>How one protocol's frames read in the vectors' words.</summary>
internal abstract class VectorProtocol
{
    /// <summary>The bytes of a host command.</summary>
    public abstract byte[] Encode(JsonElement fields);

    /// <summary>The vector's chunks and pauses as <c>{frames, errors, pending}</c>.</summary>
    public abstract JsonObject Decode(DeviceVector vector);

    /// <param name="vector">The wire.</param>
    /// <param name="parser">The protocol.</param>
    /// <param name="describe">A frame in the vectors' words, or a fault found inside it.</param>
    protected static JsonObject Decode<T>(DeviceVector vector, FrameParser<T> parser, Func<T, (JsonObject? Frame, FrameFault Fault)> describe)
    {
        var frames = new JsonArray();
        var errors = new JsonArray();
        var held = Array.Empty<byte>();
        foreach (var step in vector.Steps)
        {
            if (step is byte[] chunk)
                held = [.. held, .. chunk];
            var buffer = new ReadOnlySequence<byte>(held);
            if (step is DeviceVector.Pause)
                Take(parser.Expire(ref buffer));
            while (true)
            {
                var next = parser.Next(ref buffer);
                if (next.Status == DecodeStatus.NeedMore)
                    break;
                Take(next);
            }
            held = buffer.ToArray();
        }
        return new JsonObject { ["frames"] = frames, ["errors"] = errors, ["pending"] = held.Length > 0 };

        void Take(Decoded<T> decoded)
        {
            if (decoded.Status == DecodeStatus.Corrupt)
                errors.Add(KindOf(decoded.Fault));
            if (decoded.Status != DecodeStatus.Complete)
                return;
            if (describe(decoded.Frame) is { Frame: { } frame })
                frames.Add(frame);
            else
                errors.Add(KindOf(describe(decoded.Frame).Fault));
        }
    }

    protected static string Hex(in ReadOnlySequence<byte> bytes) => Convert.ToHexString(bytes.ToArray());

    /// <summary>BadInnerLength is bad-inner-length.</summary>
    protected static string KindOf(FrameFault fault) => JsonNamingPolicy.KebabCaseLower.ConvertName(fault.ToString());
}
