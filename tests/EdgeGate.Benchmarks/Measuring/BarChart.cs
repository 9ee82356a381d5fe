using System.Globalization;
using System.Net;
using System.Text;

namespace EdgeGate.Benchmarks.Measuring;

/// <summary>One bar a contender, the first one's darker: a picture of one column of a table, as SVG.</summary>
internal sealed record BarChart(string Title, string Unit, IReadOnlyList<(string Name, double Value)> Bars)
{
    private const int Width = 640, NameWidth = 150, ValueWidth = 90, BarHeight = 22, Step = 30, Head = 34;

    public string ToSvg()
    {
        var most = Math.Max(Bars.Max(bar => bar.Value), double.Epsilon);
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Head + Step * Bars.Count + 6}" width="{Width}" role="img" font-family="sans-serif" font-size="14">""");
        svg.AppendLine("""<rect width="100%" height="100%" fill="#ffffff"/>""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="8" y="22" font-weight="bold" fill="#1c2530">{WebUtility.HtmlEncode(Title)}</text>""");
        for (var i = 0; i < Bars.Count; i++)
        {
            var (name, value) = Bars[i];
            var (top, length) = (Head + Step * i, (Width - NameWidth - ValueWidth) * value / most);
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{NameWidth - 8}" y="{top + 16}" text-anchor="end" fill="#1c2530">{WebUtility.HtmlEncode(name)}</text>""");
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect x="{NameWidth}" y="{top}" width="{length:0.#}" height="{BarHeight}" fill="{(i == 0 ? "#0b6e4f" : "#9aa7b4")}"/>""");
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{NameWidth + length + 6:0.#}" y="{top + 16}" fill="#1c2530">{value.Figure()} {WebUtility.HtmlEncode(Unit)}</text>""");
        }
        return svg.AppendLine("</svg>").ToString();
    }
}
