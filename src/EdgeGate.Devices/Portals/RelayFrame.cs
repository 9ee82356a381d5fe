using System.Buffers;

namespace EdgeGate.Devices.Portals;

/// <summary>
/// One order to a serial relay board of the LCUS-1 kind (9600 baud, up to 8 channels): A0, channel from 1, 01 for on or 00
/// for off, and the low byte of the sum of these three. The board does not answer.
/// </summary>
internal readonly record struct RelayFrame(byte Channel, bool On)
{
    public const int Length = 4;
    private const byte Start = 0xA0;

    public byte[] Encode()
    {
        var state = (byte)(On ? 1 : 0);
        return [Start, Channel, state, Sum(Channel, state)];
    }

    /// <summary>Takes the first whole frame and moves the buffer past it, and past everything before it that is none.</summary>
    /// <returns>False when more bytes are needed.</returns>
    public static bool TryDecode(ref ReadOnlySequence<byte> buffer, out RelayFrame frame)
    {
        frame = default;
        Span<byte> bytes = stackalloc byte[Length];
        while (buffer.PositionOf(Start) is { } start)
        {
            buffer = buffer.Slice(start);
            if (buffer.Length < Length)
                return false;
            buffer.Slice(0, Length).CopyTo(bytes);
            if (bytes[2] <= 1 && bytes[3] == Sum(bytes[1], bytes[2]))
            {
                frame = new RelayFrame(bytes[1], bytes[2] == 1);
                buffer = buffer.Slice(Length);
                return true;
            }
            buffer = buffer.Slice(1); // the real start may be inside what looked like a frame
        }
        buffer = buffer.Slice(buffer.End);
        return false;
    }

    private static byte Sum(byte channel, byte state) => unchecked((byte)(Start + channel + state));
}

/// <summary>Opens by switching one channel of an LCUS-1 style relay board on, closes by switching it off.</summary>
/// <param name="channel">From 1.</param>
public sealed class RelayCommands(byte channel) : IPortalCommands
{
    private readonly byte[] _on = new RelayFrame(channel, On: true).Encode();

    public ReadOnlyMemory<byte> Close { get; } = new RelayFrame(channel, On: false).Encode();

    public ReadOnlyMemory<byte> Hold => _on;

    public ReadOnlyMemory<byte> Release => ReadOnlyMemory<byte>.Empty;

    public ReadOnlyMemory<byte> Open(string credential) => _on;
}
