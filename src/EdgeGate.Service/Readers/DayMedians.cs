using EdgeGate.Access;

namespace EdgeGate.Service.Readers;

/// <summary>
/// Notices a thermometer that slowly goes wrong: the median of a day's people hardly moves from day to day, however many of
/// them have a fever. Counts, no persons.
/// </summary>
internal sealed class DayMedians
{
    /// <summary>Fewer people say nothing about a sensor.</summary>
    private const int FewestPeople = 30;

    /// <summary>So many earlier days make what is usual.</summary>
    private const int FewestDays = 3, MostDays = 14;

    /// <summary>More than weather and chance make of a median.</summary>
    private static readonly Celsius Tolerance = new(50);

    private readonly SortedDictionary<int, int> _today = []; // tenths of a degree: at most as many as the plausible range has
    private readonly List<int> _before; // medians in hundredths, the oldest first
    private DateOnly _day;
    private int _people;

    /// <param name="before">Medians of earlier days in hundredths of a degree, the oldest first.</param>
    public DayMedians(IEnumerable<int> before) => _before = [.. before.TakeLast(MostDays)];

    public IReadOnlyList<int> Before => _before;

    /// <summary>How far today is from what is usual; null while nobody can say.</summary>
    public Celsius? Drift => _people >= FewestPeople && _before.Count >= FewestDays
        ? new Celsius(Median() - _before.Order().ElementAt(_before.Count / 2))
        : null;

    public bool IsDrifting => Drift is { } drift && Math.Abs(drift.Hundredths) > Tolerance.Hundredths;

    /// <summary>One person's temperature.</summary>
    /// <returns>Whether a day has ended with it: <see cref="Before"/> is another then.</returns>
    public bool Add(Celsius body, DateOnly day)
    {
        var ended = day != _day && _people >= FewestPeople;
        if (ended)
        {
            _before.Add(Median());
            if (_before.Count > MostDays)
                _before.RemoveAt(0);
        }
        if (day != _day)
        {
            _today.Clear();
            (_day, _people) = (day, 0);
        }
        var tenths = body.Hundredths / 10;
        _today[tenths] = _today.GetValueOrDefault(tenths) + 1;
        _people++;
        return ended;
    }

    private int Median()
    {
        var left = _people / 2;
        return _today.First(count => (left -= count.Value) < 0).Key * 10;
    }
}
