namespace EdgeGate.Center.Registers;

/// <summary>One line of CSV (RFC 4180) for a spreadsheet.</summary>
internal static class CsvLine
{
    /// <summary>Quoted where needed; what a spreadsheet would take for a formula begins with an apostrophe.</summary>
    public static string Join(params IEnumerable<string?> fields) => string.Join(',', fields.Select(Field));

    private static string Field(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        var safe = text[0] is '=' or '+' or '-' or '@' ? "'" + text : text;
        return safe.AsSpan().IndexOfAny("\",\r\n") >= 0 ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
