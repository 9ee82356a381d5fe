using System.Buffers;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Scanners;

/// <summary>
/// Codes without any terminator: silence ends them. Not quite pure: it remembers that it is inside a code too long to hold.
/// </summary>
public sealed class GapFraming(ScannerText text)
{
    private bool _tooLong;

    public Decoded<ScannedCode> Decode(ref ReadOnlySequence<byte> buffer)
    {
        if (_tooLong && buffer.Length > 1)
        {
            buffer = buffer.Slice(buffer.Length - 1); // one byte stays, so that the line counts as unfinished until it falls silent
            return Decoded.NeedMore<ScannedCode>();
        }
        if (buffer.Length <= ScannedCode.MaxBytes)
            return Decoded.NeedMore<ScannedCode>();
        _tooLong = true;
        buffer = buffer.Slice(buffer.Length - 1);
        return Decoded.Corrupt<ScannedCode>(FrameFault.TooLong);
    }

    /// <summary>The line has fallen silent: what is held is the code.</summary>
    public Decoded<ScannedCode> DecodeAtSilence(ref ReadOnlySequence<byte> buffer)
    {
        var whole = buffer;
        buffer = buffer.Slice(buffer.End);
        var rest = _tooLong;
        _tooLong = false;
        if (rest || whole.IsEmpty)
            return Decoded.NeedMore<ScannedCode>();
        return text.TryDecode(whole, out var code)
            ? Decoded.Complete(code, claimed: 0)
            : Decoded.Corrupt<ScannedCode>(FrameFault.BadEncoding);
    }
}
