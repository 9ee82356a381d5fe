using EdgeGate.Center.Fleet;
using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.Fleet;

/// <summary>A site's entrances with their states, as SVG: on the picture of its grounds, or on a plain one along the edge.</summary>
internal static class EntrancePlan
{
    private const int Width = 1000, Height = 560;

    /// <summary>Of the gates that nobody placed so many find room along the edge with their names.</summary>
    private const int MostOnEdge = 40;

    public static Html Of(Visit visit, string site, IReadOnlyList<GateView> gates, bool hasPicture)
    {
        var ground = hasPicture
            ? Html.Of($"""<image href="{PathOf(site)}/picture" x="0" y="0" width="{Width}" height="{Height}" preserveAspectRatio="none"/>""")
            : Html.Of($"""<rect class="ground" x="90" y="60" width="{Width - 180}" height="{Height - 120}" rx="14"/><text class="soft" x="{Width / 2}" y="{Height / 2}" text-anchor="middle">{site}</text>""");
        var onEdge = gates.Where(gate => gate.Place is null).OrderBy(gate => gate.OpenAlarms == 0 && FleetWords.StateOf(visit, gate).Class is "good").ToArray();
        var drawn = gates.Where(gate => gate.Place is not null).Concat(onEdge.Take(MostOnEdge).OrderBy(gate => gate.Name.Gate, StringComparer.Ordinal)).ToArray();
        return Html.Of(
            $"""
            <svg class="plan" viewBox="0 0 {Width} {Height}" data-plan role="group" aria-label="{visit.Say($"{site} 的出入口", $"Entrances of {site}")}">
            {ground}
            {drawn.Index().Select(item => Marker(visit, item.Item, item.Index, drawn.Length))}
            </svg>
            {(onEdge.Length > MostOnEdge ? Html.Of($"""<p class="soft">{visit.Say($"未摆放的门岗有 {onEdge.Length} 个，图上画出 {MostOnEdge} 个，有异常的优先。", $"{onEdge.Length} gates have no place; {MostOnEdge} of them are drawn, those in trouble first.")}</p>""") : Html.None)}
            """);
    }

    public static string PathOf(string site) => "/plan/" + Uri.EscapeDataString(site);

    private static Html Marker(Visit visit, GateView gate, int index, int count)
    {
        var (x, y) = gate.Place is { } place ? (place.X * Width / 1000.0, place.Y * Height / 1000.0) : OnEdge((index + 0.5) / count);
        var (kind, words) = FleetWords.StateOf(visit, gate);
        var alarms = gate.OpenAlarms > 0 ? visit.Say($"，{gate.OpenAlarms} 个警报", $", {gate.OpenAlarms} alarms") : "";
        // A shape for each kind, for who cannot tell the colours.
        var shape = kind switch
        {
            "good" => Html.Of($"""<circle r="13"/>"""),
            "bad" => Html.Of($"""<path d="M-13-13H13V13H-13z"/>"""),
            _ => Html.Of($"""<path d="M0-16 16 12H-16z"/>"""),
        };
        var (textX, anchor) = x > Width - 200 ? (-20, "end") : (20, "start");
        return Html.Of(
            $"""
            <a href="{GatePage.PathOf(gate.Name)}" class="gate {(gate.OpenAlarms > 0 ? "bad" : kind)}" transform="translate({x:0} {y:0})">{shape}
            <text x="{textX}" y="5" text-anchor="{anchor}">{gate.Name.Gate}: {words}{alarms}</text></a>
            """);
    }

    /// <summary>A point on the edge of the plain ground, a part of the way round from its upper left corner.</summary>
    private static (double X, double Y) OnEdge(double part)
    {
        const double Left = 90, Top = 60, Wide = Width - 180, High = Height - 120;
        var way = part * 2 * (Wide + High);
        return way < Wide ? (Left + way, Top)
            : way < Wide + High ? (Left + Wide, Top + way - Wide)
            : way < (2 * Wide) + High ? (Left + Wide - (way - Wide - High), Top + High)
            : (Left, Top + High - (way - (2 * Wide) - High));
    }
}
