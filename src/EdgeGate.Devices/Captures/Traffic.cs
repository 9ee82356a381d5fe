using System.Globalization;

namespace EdgeGate.Devices.Captures;

/// <summary>Bytes that went over a line in one piece.</summary>
/// <param name="At">Since the recording began.</param>
/// <param name="FromDevice">Otherwise from the host to the device.</param>
public sealed record Traffic(TimeSpan At, bool FromDevice, byte[] Bytes)
{
    private const int MostBytes = 8192;

    /// <summary>Seconds, direction (&lt; from the device, &gt; to it), bytes in hexadecimal. hardware/captures.md</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{At.TotalSeconds,9:0.0000} {(FromDevice ? '<' : '>')} {BitConverter.ToString(Bytes).Replace('-', ' ')}");

    /// <summary>The whole of a capture. Empty lines, and those that begin with <c>#</c> (remarks) or <c>=</c> (what it means), are passed over.</summary>
    /// <exception cref="FormatException">The message names the line.</exception>
    public static IReadOnlyList<Traffic> Parse(IEnumerable<string> lines)
    {
        var traffic = new List<Traffic>();
        foreach (var (index, line) in lines.Index())
        {
            if (line.Trim() is { Length: > 0 } text && text[0] is not ('#' or '='))
                traffic.Add(ParseLine(text) is { } piece && !(piece.At < traffic.LastOrDefault()?.At) ? piece : throw new FormatException($"line {index + 1} is none of a capture: {Short(text)}"));
        }
        return traffic;
    }

    private static Traffic? ParseLine(string text)
    {
        var parts = text.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        if (parts is not [var seconds, ['<' or '>'] direction, var hex]
            || !decimal.TryParse(seconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var at) || at > (decimal)TimeSpan.FromDays(1).TotalSeconds)
        {
            return null;
        }
        var bytes = new byte[Math.Min(hex.Length / 2 + 1, MostBytes)];
        return Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal), bytes, out _, out var written) is System.Buffers.OperationStatus.Done
            ? new Traffic(TimeSpan.FromSeconds((double)at), direction[0] == '<', bytes[..written])
            : null;
    }

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
