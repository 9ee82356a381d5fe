using System.Buffers;
using System.Buffers.Binary;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Thermometers;

public enum ModbusFunction : byte
{
    ReadHoldingRegisters = 3,
    ReadInputRegisters = 4,
}

/// <summary>What is asked of one device: so many registers from one on.</summary>
/// <param name="Slave">1 to 247.</param>
/// <param name="Start">As on the wire, from 0; many manuals count from 1, or from 40001.</param>
/// <param name="Count">1 to 125.</param>
public readonly record struct ModbusRequest(byte Slave, ModbusFunction Function, ushort Start, ushort Count)
{
    /// <summary>Slave, function, start, count (big-endian), CRC (low byte first). Modbus over serial line 1.02, 2.5.1; application protocol 1.1b3, 6.3.</summary>
    public byte[] Encode()
    {
        byte[] frame = [Slave, (byte)Function, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), Start);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(4), Count);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(6), ModbusCrc.Of(frame.AsSpan(..6)));
        return frame;
    }
}

/// <summary>Registers, or the code by which the device refuses.</summary>
/// <param name="Registers">Empty for an exception.</param>
/// <param name="Exception">1 unknown function, 2 no such register, 3 bad value, 4 device failure, 6 busy; null for registers.</param>
public sealed record ModbusReply(byte Slave, IReadOnlyList<ushort> Registers, byte? Exception = null)
{
    public byte[] Encode(ModbusFunction function)
    {
        byte[] body = Exception is { } code
            ? [Slave, (byte)((byte)function | ModbusFrame.Refused), code]
            : [Slave, (byte)function, (byte)(Registers.Count * 2), .. Registers.SelectMany(register => (byte[])[(byte)(register >> 8), (byte)register])];
        var crc = ModbusCrc.Of(body);
        return [.. body, (byte)crc, (byte)(crc >> 8)];
    }
}

/// <summary>CRC-16, polynomial A001 reflected, from FFFF.</summary>
internal static class ModbusCrc
{
    /// <summary>Whether the last two bytes are the CRC of those before.</summary>
    public static bool Fits(ReadOnlySpan<byte> frame) => Of(frame[..^2]) == BinaryPrimitives.ReadUInt16LittleEndian(frame[^2..]);

    public static ushort Of(ReadOnlySpan<byte> bytes)
    {
        ushort crc = 0xFFFF;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (ushort)((crc & 1) != 0 ? crc >> 1 ^ 0xA001 : crc >> 1);
        }
        return crc;
    }
}

/// <summary>
/// The reply to one request. A reply names no register, so it means something only to who asked; a frame has no start sign and
/// ends by silence. What is sound is taken as soon as it is whole, and what is not is named when the silence falls.
/// hardware/modbus-thermometer/README.md
/// </summary>
public sealed class ModbusFrame(ModbusRequest asked)
{
    /// <summary>Set in the function of a reply that refuses.</summary>
    internal const byte Refused = 0x80;

    private const int ExceptionLength = 5, Overhead = 5;

    /// <summary>No frame is longer: what has not become one by then is dropped from its beginning.</summary>
    private const int LongestFrame = 256;

    private readonly int _replyLength = Overhead + 2 * asked.Count;

    public FrameParser<ModbusReply> Parser => new(Decode, JudgeAtSilence);

    private Decoded<ModbusReply> Decode(ref ReadOnlySequence<byte> buffer)
    {
        var held = buffer.IsSingleSegment ? buffer.FirstSpan : buffer.ToArray();
        // A transceiver that turns round puts a byte or two before many a reply.
        for (var start = 0; start + ExceptionLength <= held.Length; start++)
        {
            if (Take(held[start..]) is not { } reply)
                continue;
            if (start > 0)
            {
                buffer = buffer.Slice(start);
                return Decoded.Corrupt<ModbusReply>(FrameFault.Garbage);
            }
            var length = reply.Exception is null ? _replyLength : ExceptionLength;
            buffer = buffer.Slice(length);
            return Decoded.Complete(reply, length);
        }
        if (held.Length <= LongestFrame)
            return Decoded.NeedMore<ModbusReply>();
        buffer = buffer.Slice(held.Length - LongestFrame);
        return Decoded.Corrupt<ModbusReply>(FrameFault.Garbage);
    }

    private ModbusReply? Take(ReadOnlySpan<byte> held)
    {
        if (held[0] != asked.Slave)
            return null;
        if (held[1] == ((byte)asked.Function | Refused) && ModbusCrc.Fits(held[..ExceptionLength]))
            return new ModbusReply(asked.Slave, [], held[2]);
        if (held[1] != (byte)asked.Function || held[2] != 2 * asked.Count || held.Length < _replyLength || !ModbusCrc.Fits(held[.._replyLength]))
            return null;
        var registers = new ushort[asked.Count];
        for (var i = 0; i < registers.Length; i++)
            registers[i] = BinaryPrimitives.ReadUInt16BigEndian(held[(3 + 2 * i)..]);
        return new ModbusReply(asked.Slave, registers);
    }

    /// <summary>All that was held is one frame that was none of ours.</summary>
    private Decoded<ModbusReply> JudgeAtSilence(ref ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsEmpty)
            return Decoded.NeedMore<ModbusReply>();
        var fault = FaultOf(buffer.ToArray());
        buffer = buffer.Slice(buffer.End);
        return Decoded.Corrupt<ModbusReply>(fault);
    }

    private FrameFault FaultOf(ReadOnlySpan<byte> frame)
    {
        var isSound = frame.Length >= ExceptionLength && ModbusCrc.Fits(frame);
        if (frame[0] != asked.Slave)
            return isSound ? FrameFault.WrongSlave : FrameFault.Garbage;
        var isOurs = frame.Length > 2 && (frame[1] & ~Refused) == (byte)asked.Function;
        if (isOurs && frame[1] == (byte)asked.Function && frame[2] != 2 * asked.Count)
            return FrameFault.BadLength;
        if (isSound)
            return FrameFault.BadValue; // another function than the one asked for
        var whole = isOurs && (frame[1] & Refused) != 0 ? ExceptionLength : _replyLength;
        return frame.Length < whole ? FrameFault.Timeout : FrameFault.BadChecksum;
    }
}
