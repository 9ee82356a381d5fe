using EdgeGate.Center.Tracing;
using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.Tracing;

/// <summary>
/// Who hangs together with whom, as SVG: the person in the middle, the closest contacts around, theirs outside, each on the ray of the contact they were
/// near. The numbers are those of the table; the thicker a line, the more often.
/// </summary>
internal static class TraceGraph
{
    private const int Width = 1000, Height = 620, MostOfEach = 24;

    private sealed record Node(int Rank, Contact Contact, double Angle, double X, double Y, double FromX, double FromY);

    public static Html Of(Visit visit, Trace trace)
    {
        var ranked = trace.Contacts.Index().Select(item => (Rank: item.Index + 1, Contact: item.Item)).ToArray();
        var first = ranked.Where(item => item.Contact.Degree == 1).Take(MostOfEach).ToArray();
        var inner = first.Select((item, index) => Place(item, (2 * Math.PI * index / first.Length) - (Math.PI / 2), radius: 0.5, parent: null)).ToArray();
        var outer = inner.SelectMany(carrier => Fan(carrier, inner.Length, [.. ranked.Where(item => item.Contact.Through?.AsSpan().SequenceEqual(carrier.Contact.Person) is true)]))
            .OrderBy(node => node.Rank).Take(MostOfEach).ToArray();
        var drawn = inner.Concat(outer).ToArray();
        return Html.Of(
            $"""
            <svg class="graph" viewBox="0 0 {Width} {Height}" role="img" aria-label="{visit.Say($"本人居中，{inner.Length} 名密接环绕，{outer.Length} 名次密接在外", $"The person in the middle, {inner.Length} contacts around, {outer.Length} of theirs outside")}">
            {drawn.Select(node => Html.Of($"""<line x1="{node.FromX:0}" y1="{node.FromY:0}" x2="{node.X:0}" y2="{node.Y:0}" stroke-width="{Math.Clamp(node.Contact.Times, 1, 6)}"/>"""))}
            <circle class="centre" cx="{Width / 2}" cy="{Height / 2}" r="26"/><text class="on" x="{Width / 2}" y="{(Height / 2) + 5}" text-anchor="middle">{visit.Say("本人", "Person")}</text>
            {drawn.Select(node => Shape(visit, node))}
            </svg>
            <p class="soft"><span class="node-key close"></span>{visit.Say("同住或同行", "household or companion")}　<span class="node-key"></span>{visit.Say("同一通道、单元或楼栋", "same lane, stairwell or building")}　<span class="node-key second"></span>{visit.Say("次密接", "second degree")}
            {(drawn.Length < ranked.Length ? visit.Say($"（共 {ranked.Length} 人，画出最近的）", $"({ranked.Length} in all; the closest are drawn)") : "")}</p>
            """);
    }

    private static Node Place((int Rank, Contact Contact) item, double angle, double radius, Node? parent) => new(
        item.Rank, item.Contact, angle, (Width / 2) + (Math.Cos(angle) * radius * Width * 0.46), (Height / 2) + (Math.Sin(angle) * radius * Height * 0.46), parent?.X ?? Width / 2, parent?.Y ?? Height / 2);

    /// <summary>Side by side around the ray of the one they were near.</summary>
    private static IEnumerable<Node> Fan(Node carrier, int carriers, (int Rank, Contact Contact)[] theirs)
    {
        var share = 2 * Math.PI / Math.Max(3, carriers);
        return theirs.Select((item, index) => Place(item, carrier.Angle + (share * ((index + 1.0) / (theirs.Length + 1) - 0.5)), radius: 0.98, carrier));
    }

    private static Html Shape(Visit visit, Node node)
    {
        var kind = node.Contact.Degree == 2 ? "second" : node.Contact.Closeness <= Closeness.Companion ? "close" : "";
        return Html.Of(
            $"""
            <g class="node {kind}"><circle cx="{node.X:0}" cy="{node.Y:0}" r="17"/><text class="on" x="{node.X:0}" y="{node.Y + 4:0}" text-anchor="middle">{node.Rank}</text>
            <title>{node.Contact.MaskedName}: {TracePages.ReasonOf(visit, node.Contact)}</title></g>
            """);
    }
}
