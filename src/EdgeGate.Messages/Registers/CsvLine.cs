namespace EdgeGate.Messages.Registers;

/// <summary>One line of CSV (RFC 4180) for a spreadsheet.</summary>
public static class CsvLine
{
    /// <summary>
    /// Quoted where needed, without the line's end. Names come from whoever made the card: what a spreadsheet would run as a formula begins with an apostrophe, which
    /// <see cref="PersonCsv.Read"/> takes off again; so does a key that happens to begin with a hyphen. The full-width signs are formulas where Chinese or Japanese is set.
    /// </summary>
    public static string Join(params IEnumerable<string?> fields) => string.Join(',', fields.Select(Field));

    private static string Field(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        if ("=+-@\t\r\n＝＋－＠".Contains(text[0]))
            text = '\'' + text;
        return text.AsSpan().ContainsAny("\",\r\n") ? '"' + text.Replace("\"", "\"\"") + '"' : text;
    }
}
