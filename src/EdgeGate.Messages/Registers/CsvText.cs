using System.Text;

namespace EdgeGate.Messages.Registers;

/// <param name="Line">Where the row begins in the file, from 1.</param>
public sealed record CsvRow(int Line, IReadOnlyList<string> Fields);

/// <summary>
/// Text tables as spreadsheets save them: RFC 4180 with comma, semicolon or tab; UTF-8 with or without a byte order mark, UTF-16 with
/// one, or GB18030, which Excel writes on Chinese Windows.
/// </summary>
public static class CsvText
{
    private static readonly Encoding StrictUtf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Every row that has a field with something in it.</summary>
    /// <exception cref="FormatException">In words for whoever made the file.</exception>
    public static IReadOnlyList<CsvRow> Read(ReadOnlySpan<byte> file)
    {
        var text = Decode(file);
        var at = 0;
        var line = 1;
        char? separator = null;
        if (text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && text.Length > 4) // what Excel believes before anything else
        {
            separator = text[4];
            at = Math.Max(text.IndexOf('\n', StringComparison.Ordinal) + 1, 5);
            line = 2;
        }
        separator ??= SeparatorOf(text);
        var rows = new List<CsvRow>();
        while (at < text.Length)
        {
            var row = new CsvRow(line, Row(text, separator.Value, ref at, ref line));
            if (row.Fields.Any(field => field.Length > 0))
                rows.Add(row);
        }
        return rows;
    }

    private static string Decode(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith(Encoding.UTF8.Preamble))
            file = file[Encoding.UTF8.Preamble.Length..];
        else if (file is [0xFF, 0xFE, ..])
            return Encoding.Unicode.GetString(file[2..]);
        else if (file is [0xFE, 0xFF, ..])
            return Encoding.BigEndianUnicode.GetString(file[2..]);
        else if (file.StartsWith("PK"u8))
            throw new FormatException("this is an Excel workbook: save it as CSV");
        try
        {
            return StrictUtf8.GetString(file);
        }
        catch (DecoderFallbackException)
        {
            // Bytes that are no UTF-8 come from a Chinese Windows.
        }
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding("GB18030", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!.GetString(file);
        }
        catch (DecoderFallbackException neither)
        {
            throw new FormatException("the text is neither UTF-8 nor GB18030: save the file as \"CSV UTF-8\"", neither);
        }
    }

    /// <summary>The one that stands most often in the first line.</summary>
    private static char SeparatorOf(string text)
    {
        var end = text.IndexOfAny(['\r', '\n']);
        var first = end < 0 ? text : text[..end];
        return ",;\t".MaxBy(candidate => first.Count(letter => letter == candidate));
    }

    private static List<string> Row(string text, char separator, ref int at, ref int line)
    {
        var fields = new List<string>();
        while (true)
        {
            fields.Add(Field(text, separator, ref at, ref line).Trim());
            if (at < text.Length && text[at] == separator)
            {
                at++;
                continue;
            }
            if (at < text.Length && text[at] == '\r')
                at++;
            if (at < text.Length && text[at] == '\n')
                at++;
            line++;
            return fields;
        }
    }

    private static string Field(string text, char separator, ref int at, ref int line)
    {
        if (at >= text.Length || text[at] != '"')
        {
            var start = at;
            while (at < text.Length && text[at] != separator && text[at] is not ('\r' or '\n'))
                at++;
            return text[start..at];
        }
        var (opened, field) = (line, new StringBuilder());
        while (++at < text.Length)
        {
            if (text[at] == '\n')
                line++;
            if (text[at] != '"')
                field.Append(text[at]);
            else if (at + 1 < text.Length && text[at + 1] == '"')
                field.Append(text[++at]);
            else
                break;
        }
        if (at >= text.Length)
            throw new FormatException($"line {opened}: a quotation mark is opened and never closed");
        at++;
        if (at < text.Length && text[at] != separator && text[at] is not ('\r' or '\n'))
            throw new FormatException($"line {line}: something stands between a closing quotation mark and the next field");
        return field.ToString();
    }
}
