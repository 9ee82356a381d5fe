using System.Globalization;

namespace EdgeGate.Center.Web.Frame;

/// <summary>What browsers send for date and time fields, in the center's own zone.</summary>
internal static class FormReading
{
    private const string LocalMinute = "yyyy-MM-ddTHH:mm";

    /// <summary>Null when it is no local time.</summary>
    public static DateTimeOffset? LocalTime(this Visit visit, string text) =>
        DateTime.TryParseExact(text, [LocalMinute, "yyyy-MM-ddTHH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) && HasNeighbours(local.Year)
            ? new DateTimeOffset(local, visit.Time.LocalTimeZone.GetUtcOffset(local)).ToUniversalTime()
            : null;

    public static string LocalField(this Visit visit, DateTimeOffset at) => visit.Local(at).ToString(LocalMinute, CultureInfo.InvariantCulture);

    /// <summary>The day that is asked for, else today.</summary>
    public static DateOnly Day(this Visit visit, string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && HasNeighbours(day.Year) ? day : DateOnly.FromDateTime(visit.Time.GetLocalNow().DateTime);

    /// <summary>When a day begins and ends here: 23 or 25 hours where clocks are changed.</summary>
    public static (DateTimeOffset From, DateTimeOffset To) Bounds(this Visit visit, DateOnly day)
    {
        return (Start(day), Start(day.AddDays(1)));

        DateTimeOffset Start(DateOnly date)
        {
            var local = date.ToDateTime(TimeOnly.MinValue);
            return new DateTimeOffset(local, visit.Time.LocalTimeZone.GetUtcOffset(local)).ToUniversalTime();
        }
    }

    /// <summary>So that a zone, or a day more, leads to no time that there is none of.</summary>
    private static bool HasNeighbours(int year) => year is > 1 and < 9990;

    public static int? Whole(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null;
}
