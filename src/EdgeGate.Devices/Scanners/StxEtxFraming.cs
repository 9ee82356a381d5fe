using System.Buffers;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Scanners;

/// <summary>
/// Codes between STX and ETX; anything else may stand inside. A second STX means that an ETX was lost: the code begun
/// before is dropped. Not quite pure: it remembers that it is inside a code too long to hold.
/// </summary>
public sealed class StxEtxFraming(ScannerText text)
{
    private const byte Stx = 0x02;
    private const byte Etx = 0x03;

    private bool _tooLong;

    private static ReadOnlySpan<byte> Delimiters => [Stx, Etx];

    public Decoded<ScannedCode> Decode(ref ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            if (_tooLong)
                SkipTooLong(ref buffer);
            if (Preamble.Seek(ref buffer, [Stx]))
                return Decoded.Corrupt<ScannedCode>(FrameFault.Garbage);
            if (buffer.IsEmpty)
                return Decoded.NeedMore<ScannedCode>();

            var reader = new SequenceReader<byte>(buffer.Slice(1));
            if (!reader.TryReadToAny(out ReadOnlySequence<byte> content, Delimiters, advancePastDelimiter: false))
            {
                if (buffer.Length - 1 <= ScannedCode.MaxBytes)
                    return Decoded.NeedMore<ScannedCode>();
                _tooLong = true;
                buffer = buffer.Slice(buffer.End);
                return Decoded.Corrupt<ScannedCode>(FrameFault.TooLong);
            }

            reader.TryRead(out var delimiter);
            buffer = buffer.Slice(delimiter == Etx ? reader.Position : content.End);
            if (content.Length > ScannedCode.MaxBytes)
                return Decoded.Corrupt<ScannedCode>(FrameFault.TooLong);
            if (delimiter == Stx)
                return Decoded.Corrupt<ScannedCode>(FrameFault.Truncated);
            if (content.IsEmpty)
                continue;
            return text.TryDecode(content, out var code)
                ? Decoded.Complete(code, claimed: 0)
                : Decoded.Corrupt<ScannedCode>(FrameFault.BadEncoding);
        }
    }

    private void SkipTooLong(ref ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        _tooLong = !reader.TryAdvanceToAny(Delimiters, advancePastDelimiter: false);
        if (_tooLong)
            reader.AdvanceToEnd();
        else if (reader.TryPeek(out var delimiter) && delimiter == Etx)
            reader.Advance(1);
        buffer = buffer.Slice(reader.Position);
    }
}
