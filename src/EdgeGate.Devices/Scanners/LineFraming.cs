using System.Buffers;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Scanners;

/// <summary>
/// Codes that end with CR, LF or both. Empty lines are nothing, which makes CR LF one terminator even when the two come
/// apart. Not quite pure: it remembers that it is inside a line too long to hold.
/// </summary>
public sealed class LineFraming(ScannerText text)
{
    private bool _tooLong;

    /// <summary>Within a line too long to hold.</summary>
    internal bool IsSkipping => _tooLong;

    private static ReadOnlySpan<byte> Terminators => "\r\n"u8;

    public Decoded<ScannedCode> Decode(ref ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            var reader = new SequenceReader<byte>(buffer);
            if (!reader.TryReadToAny(out ReadOnlySequence<byte> line, Terminators))
                return Unfinished(ref buffer);

            buffer = buffer.Slice(reader.Position);
            var rest = _tooLong;
            _tooLong = false;
            if (rest || line.IsEmpty)
                continue;
            if (line.Length > ScannedCode.MaxBytes)
                return Decoded.Corrupt<ScannedCode>(FrameFault.TooLong);
            return text.TryDecode(line, out var code)
                ? Decoded.Complete(code, claimed: 0)
                : Decoded.Corrupt<ScannedCode>(FrameFault.BadEncoding);
        }
    }

    private Decoded<ScannedCode> Unfinished(ref ReadOnlySequence<byte> buffer)
    {
        if (_tooLong)
        {
            buffer = buffer.Slice(buffer.End);
            return Decoded.NeedMore<ScannedCode>();
        }
        if (buffer.Length <= ScannedCode.MaxBytes)
            return Decoded.NeedMore<ScannedCode>();
        _tooLong = true;
        buffer = buffer.Slice(buffer.End);
        return Decoded.Corrupt<ScannedCode>(FrameFault.TooLong);
    }
}
