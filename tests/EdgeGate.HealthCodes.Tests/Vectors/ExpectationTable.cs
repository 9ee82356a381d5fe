using System.Text;

namespace EdgeGate.HealthCodes.Tests.Vectors;

/// <summary>Counts what test data expects and what came of it, and prints it as a table.</summary>
internal sealed class ExpectationTable(string title)
{
    private readonly Dictionary<string, Row> _rows = [];

    /// <summary>Misses that no known-bad list explains.</summary>
    public IReadOnlyList<string> Misses => [.. _rows.Values.SelectMany(row => row.Misses)];

    /// <param name="step">Row of the table.</param>
    /// <param name="file">Which case.</param>
    /// <param name="met">Null when it cannot be judged here.</param>
    /// <param name="knownBad">Why the case's own expectation is not to be trusted.</param>
    /// <param name="detail">What happened instead.</param>
    public void Add(string step, string file, bool? met, string? knownBad = null, string detail = "")
    {
        var row = _rows.TryGetValue(step, out var known) ? known : _rows[step] = new Row();
        row.Expected++;
        if (met is null)
            row.NotJudged++;
        else if (met.Value)
            row.Met++;
        else if (knownBad is null)
            row.Misses.Add($"{step} {file}: {detail}");
        else
            row.KnownBad.Add($"{step} {file}: {knownBad} {detail}");
    }

    public override string ToString()
    {
        var text = new StringBuilder().AppendLine().AppendLine($"{title,-28} expected   met missed known-bad cannot be judged");
        foreach (var (step, row) in _rows)
            text.AppendLine($"{step,-28} {row.Expected,8} {row.Met,5} {row.Misses.Count,6} {row.KnownBad.Count,9} {row.NotJudged,16}");
        foreach (var miss in Misses)
            text.AppendLine("missed: " + miss);
        foreach (var bad in _rows.Values.SelectMany(row => row.KnownBad))
            text.AppendLine("known bad: " + bad);
        return text.ToString();
    }

    private sealed class Row
    {
        public int Expected { get; set; }

        public int Met { get; set; }

        public int NotJudged { get; set; }

        public List<string> Misses { get; } = [];

        public List<string> KnownBad { get; } = [];
    }
}
