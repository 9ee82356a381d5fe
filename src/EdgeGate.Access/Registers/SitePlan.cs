namespace EdgeGate.Access.Registers;

/// <summary>How dangerous an area is taken to be.</summary>
public enum RiskLevel
{
    /// <summary>People come and go.</summary>
    Low,

    /// <summary>Nobody leaves the area.</summary>
    Medium,

    /// <summary>Nobody leaves home.</summary>
    High,
}

/// <param name="Units">Beginnings of the units that lie in the zone, for example <c>3-</c>; an empty one takes all.</param>
public sealed record Zone(string Name, RiskLevel Risk, IReadOnlyList<string> Units);

/// <summary>A time of day on some days.</summary>
/// <param name="Days">Null or empty for every day.</param>
/// <param name="From">Null for midnight.</param>
/// <param name="To">First minute after; null for the end of the day. Earlier than <paramref name="From"/>: over midnight, counted to the day it began.</param>
/// <param name="OnHolidays">Whether it holds on the site's holidays, whatever day of the week they are, and only there.</param>
public sealed record ScheduleWindow(IReadOnlyList<DayOfWeek>? Days = null, TimeOnly? From = null, TimeOnly? To = null, bool OnHolidays = false);

/// <summary>Open whenever one of its windows is.</summary>
public sealed record Schedule(string Name, IReadOnlyList<ScheduleWindow> Windows);

/// <summary>When the people of some buildings may go out, for example to fetch goods.</summary>
/// <param name="Units">Beginnings of the units it is for.</param>
public sealed record Slot(IReadOnlyList<string> Units, string Schedule);

/// <summary>What a site decides about its places and hours. Kept and versioned as a register; what its JSON leaves out is empty.</summary>
public sealed record SitePlan
{
    public IReadOnlyList<Zone> Zones { get => field ?? []; init; }
    public IReadOnlyList<Schedule> Schedules { get => field ?? []; init; }
    public IReadOnlyList<Slot> Slots { get => field ?? []; init; }
    public IReadOnlyList<DateOnly> Holidays { get => field ?? []; init; }

    /// <summary>The zone whose unit beginning fits best; null when none does.</summary>
    public Zone? ZoneOf(string unit) => Longest(Zones, zone => zone.Units, unit);

    public Slot? SlotOf(string unit) => Longest(Slots, slot => slot.Units, unit);

    /// <summary>Null when there is no such schedule.</summary>
    public bool? IsOpen(string schedule, DateTime at) =>
        Schedules.FirstOrDefault(candidate => candidate.Name == schedule)?.Windows.Any(window => IsOpen(window, at));

    private bool IsOpen(ScheduleWindow window, DateTime at)
    {
        var (from, to, time) = (window.From ?? TimeOnly.MinValue, window.To, TimeOnly.FromDateTime(at));
        if (to is null || from < to)
            return Holds(window, at) && time >= from && !(time >= to);
        return time >= from ? Holds(window, at) : time < to && Holds(window, at.AddDays(-1));
    }

    private bool Holds(ScheduleWindow window, DateTime day) =>
        window.OnHolidays == Holidays.Contains(DateOnly.FromDateTime(day))
        && (window.OnHolidays || window.Days is null or [] || window.Days.Contains(day.DayOfWeek));

    private static T? Longest<T>(IEnumerable<T> of, Func<T, IReadOnlyList<string>> units, string unit) where T : class =>
        of.SelectMany(item => units(item).Select(beginning => (Item: item, Beginning: beginning)))
            .Where(candidate => unit.StartsWith(candidate.Beginning, StringComparison.Ordinal))
            .OrderByDescending(candidate => candidate.Beginning.Length)
            .Select(candidate => candidate.Item)
            .FirstOrDefault();
}
