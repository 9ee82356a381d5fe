using System.Buffers;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Scanners;

/// <summary>
/// What a keyboard reports: the kernel's <c>struct input_event</c> without its time of day. The struct begins with two words
/// of the machine (24 bytes on 64-bit systems).
/// </summary>
internal readonly record struct KeyEvent(ushort Type, ushort Code, int Value)
{
    public const ushort Synchronisation = 0, Key = 1;

    /// <summary>Code of a synchronisation: the kernel's buffer was full and events are missing.</summary>
    public const ushort Dropped = 3;

    public const int Released = 0, Pressed = 1;

    private static readonly int TimeLength = 2 * IntPtr.Size;

    public static int Length => TimeLength + 8;

    /// <summary>Events carry no mark and no check; the kernel hands out whole ones only.</summary>
    public static Decoded<KeyEvent> Decode(ref ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length < Length)
            return Decoded.NeedMore<KeyEvent>();
        Span<byte> bytes = stackalloc byte[8];
        buffer.Slice(TimeLength, bytes.Length).CopyTo(bytes);
        buffer = buffer.Slice(Length);
        return Decoded.Complete(
            new KeyEvent(BitConverter.ToUInt16(bytes), BitConverter.ToUInt16(bytes[2..]), BitConverter.ToInt32(bytes[4..])), Length);
    }

    /// <summary>The way back; for simulated keyboards.</summary>
    public byte[] Encode()
    {
        var bytes = new byte[Length];
        BitConverter.TryWriteBytes(bytes.AsSpan(TimeLength), Type);
        BitConverter.TryWriteBytes(bytes.AsSpan(TimeLength + 2), Code);
        BitConverter.TryWriteBytes(bytes.AsSpan(TimeLength + 4), Value);
        return bytes;
    }
}
