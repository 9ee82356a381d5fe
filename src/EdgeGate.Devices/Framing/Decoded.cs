using System.Buffers;

namespace EdgeGate.Devices.Framing;

public enum DecodeStatus
{
    /// <summary>What is held is the beginning of a frame, or nothing: read more and ask again.</summary>
    NeedMore,

    /// <summary>Bytes were dropped; <see cref="FrameFault"/> says why. Ask again, a good frame may be held already.</summary>
    Corrupt,

    /// <summary>One frame was taken.</summary>
    Complete,
}

/// <summary>What can be wrong on a line. The names are counted and shown to installers, one meaning for every protocol.</summary>
public enum FrameFault
{
    /// <summary>Bytes that belong to no frame. Reported once for a run of them.</summary>
    Garbage,

    /// <summary>The length field holds what the protocol cannot have.</summary>
    BadLength,

    /// <summary>The frame is complete and its check value is wrong.</summary>
    BadChecksum,

    /// <summary>The frame is sound, but lengths inside it contradict it.</summary>
    BadInnerLength,

    /// <summary>The line fell silent in the middle of a frame.</summary>
    Timeout,

    /// <summary>A text went on longer than any code can be.</summary>
    TooLong,

    /// <summary>The text is in none of the encodings this device is set up for.</summary>
    BadEncoding,

    /// <summary>A new frame began before the last one had ended.</summary>
    Truncated,

    /// <summary>Part of it never reached this program, as whoever passes it on says.</summary>
    Lost,

    /// <summary>A parity bit of a card is wrong.</summary>
    BadParity,

    /// <summary>A message of a secure session does not carry the code that proves where it comes from.</summary>
    BadMac,

    /// <summary>The device itself flags what it measured as wrong.</summary>
    SensorError,

    /// <summary>A sound reply of another device on the same line.</summary>
    WrongSlave,

    /// <summary>Sound, and nothing that was asked for or that makes sense.</summary>
    BadValue,

    /// <summary>The frame goes on with a part that is not known here; what came before it counts.</summary>
    Unsupported,
}

/// <summary>
/// What one call of a <see cref="FrameDecoder{T}"/> found. <paramref name="Claimed"/> is how many bytes the frame lays
/// claim to, counted from its first byte: all of a rejected frame, though only its first byte was dropped.
/// </summary>
public readonly record struct Decoded<T>(DecodeStatus Status, T Frame, FrameFault Fault, long Claimed);

public static class Decoded
{
    public static Decoded<T> NeedMore<T>() => default;

    public static Decoded<T> Complete<T>(T frame, long claimed) => new(DecodeStatus.Complete, frame, default, claimed);

    public static Decoded<T> Corrupt<T>(FrameFault fault, long claimed = 0) => new(DecodeStatus.Corrupt, default!, fault, claimed);
}

/// <summary>
/// Takes at most one frame and moves the buffer past what it used. Pure: no port, no clock, no log. Bytes before the
/// start of a frame are <see cref="FrameFault.Garbage"/>, reported in a call of their own; a rejected frame costs its
/// first byte only, so that a good frame swallowed by a lying header is still found.
/// </summary>
public delegate Decoded<T> FrameDecoder<T>(ref ReadOnlySequence<byte> buffer);
