using EdgeGate.Center.Tracing;
using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.Tracing;

/// <summary>When the person passed, and below from when to when each of the closest was near, as SVG.</summary>
internal static class TraceTimeline
{
    private const int Width = 1000, Names = 190, RowHeight = 26, Head = 30, MostRows = 20;

    public static Html Of(Visit visit, TraceForm form, Trace trace)
    {
        // From the first to the last thing there is to see: in two weeks of period an hour would be a dot.
        var times = trace.Passages.Select(passage => passage.At).Concat(trace.Contacts.SelectMany(contact => new[] { contact.First, contact.Last }).OfType<DateTimeOffset>()).ToArray();
        if (times.Length == 0)
            return Html.Of($"<p>{visit.Say("这段时间没有记录。", "There is nothing in this time.")}</p>");
        var (from, to) = (times.Min(), times.Max());
        if (to - from < TimeSpan.FromMinutes(10))
            (from, to) = (from.AddMinutes(-5), to.AddMinutes(5));
        var near = trace.Contacts.Index().Where(item => item.Item.First is not null).Take(MostRows).ToArray();
        var height = Head + (RowHeight * (near.Length + 1)) + 8;
        var rows = near.Select((item, row) => Bar(item.Index + 1, item.Item, Head + (RowHeight * (row + 1))));
        return Html.Of(
            $"""
            <svg class="chart" viewBox="0 0 {Width} {height}" role="img" aria-label="{visit.Say("本人的通行，以及最近的接触者在附近的时间", "The person's passages, and when those closest were near")}">
            {Enumerable.Range(0, 5).Select(Tick)}
            <text x="0" y="{Head + 17}" font-weight="700">{visit.Say("本人", "The person")}</text>
            {trace.Passages.Select(passage => Html.Of($"""<circle class="two" cx="{X(passage.At):0.#}" cy="{Head + 13}" r="5"><title>{Words(passage.At)} {passage.Gate} {passage.Lane}</title></circle>"""))}
            {rows}
            </svg>
            {(near.Length < trace.Contacts.Count(contact => contact.First is not null) ? Html.Of($"<p class=\"soft\">{visit.Say($"只画最近的 {MostRows} 人。", $"Only the {MostRows} closest are drawn.")}</p>") : Html.None)}
            """);

        double X(DateTimeOffset at) => Names + ((Width - Names - 10) * ((at - from) / (to - from)));

        string Words(DateTimeOffset at) => visit.Local(at).ToString("MM-dd HH:mm");

        Html Tick(int index)
        {
            var at = from + ((to - from) * (index / 4.0));
            var anchor = index == 0 ? "start" : index == 4 ? "end" : "middle";
            return Html.Of($"""<line x1="{X(at):0.#}" x2="{X(at):0.#}" y1="{Head - 8}" y2="{height}"/><text class="soft" x="{X(at):0.#}" y="14" text-anchor="{anchor}">{Words(at)}</text>""");
        }

        Html Bar(int rank, Contact contact, int y)
        {
            var (start, end) = (X(contact.First!.Value), X(contact.Last ?? contact.First.Value));
            return Html.Of(
                $"""
                <text x="0" y="{y + 17}">{rank}. {contact.MaskedName} {(contact.Degree == 2 ? visit.Say("次密接", "2nd degree") : "")}</text>
                <rect class="one" x="{start - 3:0.#}" y="{y + 7}" width="{Math.Max(6, end - start + 6):0.#}" height="12" rx="4"><title>{TracePages.ReasonOf(visit, contact)}</title></rect>
                """);
        }
    }
}
