namespace EdgeGate.Center.People;

/// <summary>By when a measure must be there: at the same times every day, by the center's local time. Each asks for one measure since the time before it.</summary>
/// <param name="By">Times of day, ascending; two of them for twice a day.</param>
internal sealed record MeasurePlan(IReadOnlyList<TimeOnly> By, TimeZoneInfo Zone)
{
    /// <summary>Whoever is taken under observation shortly before such a time was seen just now.</summary>
    public static TimeSpan FirstAfter { get; } = TimeSpan.FromHours(2);

    /// <summary>The times after one moment up to another, each with the one before it.</summary>
    public IEnumerable<(DateTimeOffset Since, DateTimeOffset Due)> Between(DateTimeOffset after, DateTimeOffset upTo)
    {
        var due = new List<DateTimeOffset>();
        for (var day = DateOnly.FromDateTime(Local(after).DateTime).AddDays(-1); day <= DateOnly.FromDateTime(Local(upTo).DateTime); day = day.AddDays(1))
            due.AddRange(By.Select(time => Instant(day.ToDateTime(time))));
        return due.Zip(due.Skip(1)).Select(pair => (pair.First, pair.Second)).Where(pair => pair.Second > after && pair.Second <= upTo);
    }

    private DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone);

    /// <summary>An hour that a change of clocks leaves out is told by the clock before it.</summary>
    private DateTimeOffset Instant(DateTime local) => new DateTimeOffset(local, Zone.GetUtcOffset(local)).ToUniversalTime();
}
