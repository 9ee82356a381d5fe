using System.Globalization;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Kiosk;

/// <summary>When each lane is open today, by the hours in which its mode is not closed. What somebody set by command or at the guard post is not in it: that stands until it is taken back.</summary>
internal sealed class OpeningHours(GateSettings settings, RegisterShelf shelf)
{
    private const int MostSpans = 3, MinutesOfDay = 24 * 60;

    /// <summary>Of the day and the plan it was worked out for. Replaced as a whole: two screens at once only do the same work twice.</summary>
    private Day? _day;

    private sealed record Day(DateOnly Date, SitePlan Plan, IReadOnlyDictionary<string, Bilingual?> Words);

    /// <summary>Null when the lane has no hours of its own today: it is open all day, or its plan is missing.</summary>
    public Bilingual? Words(string lane, DateTime now)
    {
        if (shelf.Find(settings.Registers.Plan)?.Plan is not { } plan)
            return null;
        var (date, day) = (DateOnly.FromDateTime(now), Volatile.Read(ref _day));
        if (day is null || day.Date != date || !ReferenceEquals(day.Plan, plan))
        {
            day = new Day(date, plan, settings.Lanes.ToDictionary(each => each.Id, each => WordsOf(each, plan, date), StringComparer.Ordinal));
            Volatile.Write(ref _day, day);
        }
        return day.Words.GetValueOrDefault(lane);
    }

    private static Bilingual? WordsOf(LaneSettings lane, SitePlan plan, DateOnly date)
    {
        if (lane.Modes.All(hours => hours.Mode is not PortalMode.Closed))
            return null;
        var spans = Spans([.. Enumerable.Range(0, MinutesOfDay).Select(minute => IsOpen(lane, plan, date.ToDateTime(TimeOnly.MinValue).AddMinutes(minute)))]).ToArray();
        if (spans.Length == 0)
            return new Bilingual("今日不开放", "Closed today");
        if (spans is [(0, MinutesOfDay)] or { Length: > MostSpans }) // of more nobody would read them at a gate
            return null;
        var times = string.Join(", ", spans.Select(span => $"{Time(span.From)}–{Time(span.To)}"));
        return new Bilingual($"今日开放 {times}", $"Open today {times}");
    }

    private static bool IsOpen(LaneSettings lane, SitePlan plan, DateTime at) =>
        lane.Modes.FirstOrDefault(hours => plan.IsOpen(hours.Schedule, at) is true)?.Mode is not PortalMode.Closed;

    private static IEnumerable<(int From, int To)> Spans(bool[] open)
    {
        for (var from = 0; from < open.Length; from++)
        {
            if (!open[from])
                continue;
            var to = Array.IndexOf(open, false, from);
            to = to < 0 ? open.Length : to;
            yield return (from, to);
            from = to;
        }
    }

    private static string Time(int minute) => string.Create(CultureInfo.InvariantCulture, $"{minute / 60:00}:{minute % 60:00}");
}
