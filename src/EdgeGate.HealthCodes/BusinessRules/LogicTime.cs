using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>Date-times of the operations <c>plusTime</c> and <c>dccDateOfBirth</c>, in UTC and whole milliseconds.</summary>
internal static partial class LogicTime
{
    public static readonly string[] Units = ["year", "month", "day", "hour"];

    /// <summary>A date, a partial date, or a date-time with any number of decimals and an offset in one of six spellings; without one it is UTC.</summary>
    /// <exception cref="CertLogicException">Anything else.</exception>
    public static DateTime Parse(string text) =>
        PartialDate().Match(text) is { Success: true } date ? LastDayOf(date, text)
        : DateAndTime().Match(text) is { Success: true } full ? InUtc(full, text)
        : throw NotATime(text);

    /// <summary>A birth date of a certificate; of a partial one the last day it can be ("2004" is 2004-12-31).</summary>
    /// <exception cref="CertLogicException">Not YYYY, YYYY-MM or YYYY-MM-DD.</exception>
    public static DateTime ParseBirthDate(string text) => PartialDate().Match(text) is { Success: true } date ? LastDayOf(date, text) : throw NotATime(text);

    /// <summary>
    /// As JavaScript's setters do (specification, "Leap days"): a day that the month does not have runs over into the next one, so
    /// 2020-02-29 and a year is 2021-03-01. .NET's own AddYears would stay in February.
    /// </summary>
    /// <exception cref="CertLogicException">Beyond the years 1 to 9999, or an unknown unit.</exception>
    public static DateTime Add(DateTime from, long amount, string unit)
    {
        try
        {
            return unit switch
            {
                "year" => AddMonths(from, checked(amount * 12)),
                "month" => AddMonths(from, amount),
                "day" => from.AddDays(amount),
                "hour" => from.AddHours(amount),
                _ => throw new CertLogicException($"\"{unit}\" is no unit of time"),
            };
        }
        catch (Exception tooFar) when (tooFar is ArgumentException or OverflowException)
        {
            throw new CertLogicException($"a date-time beyond the years 1 to 9999 ({amount} times one {unit} away)", tooFar);
        }
    }

    private static DateTime AddMonths(DateTime from, long months)
    {
        var month = checked(from.Year * 12L + from.Month - 1 + months);
        var first = new DateTime(checked((int)(month / 12)), (int)(month % 12) + 1, 1, 0, 0, 0, DateTimeKind.Utc);
        return first.AddDays(from.Day - 1) + from.TimeOfDay;
    }

    private static DateTime LastDayOf(Match date, string text)
    {
        var year = Number(date, "year");
        var month = date.Groups["month"].Success ? Number(date, "month") : 12;
        if (year < 1 || month is < 1 or > 12)
            throw NotATime(text);
        var lastDay = DateTime.DaysInMonth(year, month);
        var day = date.Groups["day"].Success ? Number(date, "day") : lastDay;
        return day >= 1 && day <= lastDay ? new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc) : throw NotATime(text);
    }

    private static DateTime InUtc(Match full, string text)
    {
        var fraction = full.Groups["fraction"].Value.PadRight(3, '0')[..3]; // further decimals are cut off, not rounded
        var offset = new TimeSpan(Number(full, "hours"), Number(full, "minutes"), 0);
        try
        {
            var local = new DateTime(
                Number(full, "year"), Number(full, "month"), Number(full, "day"), Number(full, "hour"), Number(full, "minute"), Number(full, "second"),
                int.Parse(fraction, CultureInfo.InvariantCulture), DateTimeKind.Utc);
            return full.Groups["sign"].Value == "-" ? local + offset : local - offset;
        }
        catch (ArgumentOutOfRangeException noSuchTime)
        {
            throw NotATime(text, noSuchTime);
        }
    }

    private static int Number(Match match, string group) => match.Groups[group] is { Success: true } found ? int.Parse(found.ValueSpan, NumberStyles.None) : 0;

    // Not the text itself, which may be a birth date: messages go into records.
    private static CertLogicException NotATime(string text, Exception? inner = null) =>
        new($"a string of {text.Length} characters that is no date or date-time in an allowed format", inner);

    [GeneratedRegex(@"^(?<year>[0-9]{4})(-(?<month>[0-9]{2})(-(?<day>[0-9]{2}))?)?\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex PartialDate();

    [GeneratedRegex(
        @"^(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})T(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(\.(?<fraction>[0-9]+))?(Z|(?<sign>[+-])(?<hours>[0-9]{1,2})(:?(?<minutes>[0-9]{2}))?)?\z",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex DateAndTime();
}
