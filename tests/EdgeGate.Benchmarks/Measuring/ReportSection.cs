using System.Globalization;
using System.Text;

namespace EdgeGate.Benchmarks.Measuring;

/// <summary>
/// What one verb found, printed as it comes and kept as one section of the report. Sections stand side by side in the file and
/// each run replaces its own, so that every verb can be repeated alone.
/// </summary>
internal sealed class ReportSection(string verb, BenchSetting setting)
{
    private const string Title = "# Measurements\n\nMade by `./dev bench`; README.md beside this says how to read them.\n";
    private const string Charts = "charts";
    private readonly StringBuilder _text = new();
    private readonly Dictionary<string, BarChart> _charts = [];

    public void Say(string paragraph) => Write(paragraph + "\n");

    public void Table(string[] head, IEnumerable<string[]> rows)
    {
        var table = new StringBuilder().AppendLine(Row(head)).AppendLine(Row(head.Select(_ => "---")));
        foreach (var row in rows)
            table.AppendLine(Row(row));
        Write(table.ToString());

        static string Row(IEnumerable<string> cells) => "| " + string.Join(" | ", cells) + " |";
    }

    /// <param name="name">Of its file beside the report, behind the verb's.</param>
    public void Chart(string name, BarChart chart)
    {
        _charts[$"{verb}-{name}.svg"] = chart;
        Write($"![{chart.Title}]({Charts}/{verb}-{name}.svg)\n");
    }

    public void ReplaceIn(string path)
    {
        var folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, Charts);
        foreach (var (name, chart) in _charts)
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(folder).FullName, name), chart.ToSvg());
        var old = File.Exists(path) ? File.ReadAllText(path) : Title;
        var sections = old.Split("\n## ").ToList();
        sections.RemoveAll(section => section.StartsWith(verb + "\n", StringComparison.Ordinal));
        sections.Add($"{verb}\n\n{Circumstances()}\n{_text}".TrimEnd() + "\n");
        // The title is first; the rest in the alphabet's order, so that a repeated run changes only its own lines.
        var ordered = sections.Take(1).Concat(sections.Skip(1).Order(StringComparer.Ordinal));
        File.WriteAllText(path, string.Join("\n## ", ordered.Select(section => section.TrimEnd() + "\n")));
    }

    private void Write(string text)
    {
        Console.WriteLine(text);
        _text.AppendLine(text);
    }

    private string Circumstances() => string.Create(
        CultureInfo.InvariantCulture,
        $"{setting.Time.GetUtcNow():yyyy-MM-dd HH:mm} UTC, {(setting.Quick ? "**quick form**, " : "")}{Machine.Describe()}, load {Machine.Load()} at the end.\n");
}
