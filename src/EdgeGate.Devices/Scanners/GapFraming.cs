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
        var wasTooLong = _tooLong;
        _tooLong |= buffer.Length > ScannedCode.MaxBytes;
        if (_tooLong)
            buffer = buffer.Slice(buffer.End);
        return _tooLong && !wasTooLong ? Decoded.Corrupt<ScannedCode>(FrameFault.TooLong) : Decoded.NeedMore<ScannedCode>();
    }

    /// <summary>The line has fallen silent: what is held is the code.</summary>
    public Decoded<ScannedCode> DecodeAtSilence(ref ReadOnlySequence<byte> buffer)
    {
        _tooLong = false;
        if (buffer.IsEmpty)
            return Decoded.NeedMore<ScannedCode>();
        var decoded = text.TryDecode(buffer, out var code)
            ? Decoded.Complete(code, claimed: 0)
            : Decoded.Corrupt<ScannedCode>(FrameFault.BadEncoding);
        buffer = buffer.Slice(buffer.End);
        return decoded;
    }
}
