using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.Reports;

/// <summary>Two bars for each hour of a day, in and out, as SVG.</summary>
internal static class HourChart
{
    private const int Width = 960, Height = 260, Foot = 24, Left = 44, Hour = (Width - Left) / 24;

    public static Html Of(Visit visit, long[] @in, long[] @out)
    {
        var most = RoundUp(Math.Max(4, Math.Max(@in.Max(), @out.Max())));
        var lines = new[] { 0, most / 2, most }.Select(count => Html.Of(
            $"""<line x1="{Left}" x2="{Width}" y1="{Y(count):0.#}" y2="{Y(count):0.#}"/><text class="soft" x="{Left - 8}" y="{Y(count) + 4:0.#}" text-anchor="end">{count}</text>"""));
        var bars = Enumerable.Range(0, 24).Select(hour => Html.Of(
            $"""
            {Bar("one", hour, 4, @in[hour], visit.Say("进", "in"))}{Bar("two", hour, (Hour / 2) + 1, @out[hour], visit.Say("出", "out"))}
            <text class="soft" x="{Left + (hour * Hour) + (Hour / 2)}" y="{Height - 6}" text-anchor="middle">{hour}</text>
            """));
        return Html.Of(
            $"""
            <svg class="chart" viewBox="0 0 {Width} {Height}" role="img" aria-label="{visit.Say($"每小时通行：进 {@in.Sum()}，出 {@out.Sum()}", $"Passages by the hour: {@in.Sum()} in, {@out.Sum()} out")}">{lines}{bars}</svg>
            """);

        double Y(long count) => 10 + ((Height - Foot - 10) * (1 - ((double)count / most)));

        Html Bar(string kind, int hour, int offset, long count, string direction) => Html.Of(
            $"""<rect class="{kind}" x="{Left + (hour * Hour) + offset}" y="{Y(count):0.#}" width="{(Hour / 2) - 4}" height="{Y(0) - Y(count):0.#}"><title>{hour}:00 {direction} {count}</title></rect>""");
    }

    /// <summary>To one even digit and zeros, so that the middle line is a whole number.</summary>
    private static long RoundUp(long most)
    {
        var step = (long)Math.Pow(10, Math.Floor(Math.Log10(most)));
        var steps = (most + step - 1) / step;
        return step == 1 ? steps + (steps % 2) : steps * step;
    }
}
