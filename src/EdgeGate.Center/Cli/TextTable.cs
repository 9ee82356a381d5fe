namespace EdgeGate.Center.Cli;

/// <summary>Columns for a terminal, two spaces apart.</summary>
internal static class TextTable
{
    public static async Task WriteAsync(TextWriter to, string[] head, IEnumerable<string[]> rows)
    {
        string[][] all = [head, .. rows];
        var widths = Enumerable.Range(0, head.Length).Select(column => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
            await to.WriteLineAsync(string.Join("  ", row.Select((text, column) => text.PadRight(widths[column]))).TrimEnd());
    }
}
