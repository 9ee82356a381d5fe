namespace EdgeGate.Devices.Scanners;

/// <summary>What a scanner is set to put around each code, and what is therefore no part of it.</summary>
public sealed record CodeDecoration
{
    /// <summary>Text before each code.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Text after each code, before the terminator.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>
    /// Whether a symbology identifier (ISO/IEC 15424, such as <c>]Q1</c>) stands before the code, behind the prefix. Only where the
    /// scanner is set to send it: a code may itself begin like one.
    /// </summary>
    public bool HasSymbologyIdentifier { get; init; }

    /// <returns>The bare code. What is not there is not taken away: a scanner may be set otherwise than these settings say.</returns>
    public ScannedCode Strip(ScannedCode code)
    {
        var text = code.Text.AsSpan();
        if (Prefix.Length > 0 && text.StartsWith(Prefix, StringComparison.Ordinal))
            text = text[Prefix.Length..];
        if (Suffix.Length > 0 && text.EndsWith(Suffix, StringComparison.Ordinal))
            text = text[..^Suffix.Length];
        if (HasSymbologyIdentifier && text is [']', var symbology, var modifier, ..] && char.IsAsciiLetter(symbology) && char.IsAsciiLetterOrDigit(modifier))
            return code with { Text = text[3..].ToString(), Symbology = text[1..3].ToString() };
        return text.Length == code.Text.Length ? code : code with { Text = text.ToString() };
    }
}
