using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace EdgeGate.Devices.Scanners;

/// <param name="Text">What the code holds, the terminator left out.</param>
/// <param name="Encoding">Which encoding the bytes were in.</param>
public readonly record struct ScannedCode(string Text, Encoding Encoding)
{
    /// <summary>The largest QR code (version 40, level L) holds 7,089 digits; no code is longer in bytes.</summary>
    public const int MaxBytes = 7089;

    /// <summary>What kind of code it was, where the scanner says so: two characters by ISO/IEC 15424, such as Q1 for a QR code.</summary>
    public string? Symbology { get; init; }

    /// <summary>Without the text: a code can hold personal data and must not slip into a log.</summary>
    public override string ToString() => nameof(ScannedCode);
}

/// <summary>Turns the bytes of a code into text: UTF-8 where they are valid UTF-8, else the fallback.</summary>
public sealed class ScannerText
{
    private readonly Encoding? _fallback;

    /// <param name="fallback">For codes that are not UTF-8; null for none.</param>
    public ScannerText(Encoding? fallback)
    {
        _fallback = (Encoding?)fallback?.Clone();
        _fallback?.DecoderFallback = DecoderFallback.ExceptionFallback;
    }

    /// <summary>Chinese codes that are not UTF-8 are GBK, of which GB18030 is the superset.</summary>
    public static ScannerText Chinese { get; } = new(CodePagesEncodingProvider.Instance.GetEncoding("gb18030"));

    public bool TryDecode(in ReadOnlySequence<byte> bytes, out ScannedCode code)
    {
        code = default;
        if (bytes.IsSingleSegment)
            return TryDecode(bytes.FirstSpan, out code);
        Span<byte> joined = stackalloc byte[(int)bytes.Length];
        bytes.CopyTo(joined);
        return TryDecode(joined, out code);
    }

    private bool TryDecode(ReadOnlySpan<byte> bytes, out ScannedCode code)
    {
        code = default;
        if (Utf8.IsValid(bytes))
            code = new(Encoding.UTF8.GetString(bytes), Encoding.UTF8);
        else if (_fallback is not null && TryDecode(bytes, _fallback, out var text))
            code = new(text, _fallback);
        return code.Text is not null;
    }

    private static bool TryDecode(ReadOnlySpan<byte> bytes, Encoding encoding, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = encoding.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = null;
            return false;
        }
    }
}
