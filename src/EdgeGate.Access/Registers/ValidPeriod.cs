using System.Globalization;

namespace EdgeGate.Access.Registers;

/// <summary>From an instant until before another, in the gate's local time. A missing end is open.</summary>
public readonly record struct ValidPeriod(DateTime? From, DateTime? Until)
{
    private const string Minute = "yyyy-MM-dd'T'HH:mm";

    public static ValidPeriod Always => default;

    public bool IsAlways => From is null && Until is null;

    /// <summary>Null when it cannot be told, because the gate does not know what day it is.</summary>
    public bool? Contains(ClockReading at) =>
        IsAlways ? true
        : at.Grade is ClockGrade.Unset ? null
        : !(at.Wall.DateTime < From) && !(at.Wall.DateTime >= Until);

    /// <summary>For example <c>2022-03-01T00:00..2022-03-15T00:00</c>, <c>..2022-03-15T00:00</c>; empty for always.</summary>
    public override string ToString() => IsAlways
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{From?.ToString(Minute, CultureInfo.InvariantCulture)}..{Until?.ToString(Minute, CultureInfo.InvariantCulture)}");

    /// <summary>
    /// Takes what <see cref="ToString"/> gives, and what people and Excel write: <c>2022-03-01</c>, <c>2022/3/1 8:30</c>. A last
    /// day without a time counts to its end.
    /// </summary>
    public static bool TryParse(string text, out ValidPeriod period)
    {
        period = Always;
        if (text.Length == 0)
            return true;
        return text.Split("..") is [var from, var until] && TryParse(from, until, out period);
    }

    public static bool TryParse(string from, string until, out ValidPeriod period)
    {
        period = Always;
        if (!TryParse(from, isEnd: false, out var first) || !TryParse(until, isEnd: true, out var last) || last <= first)
            return false;
        period = new ValidPeriod(first, last);
        return true;
    }

    private static bool TryParse(string text, bool isEnd, out DateTime? instant)
    {
        instant = null;
        var written = text.Trim();
        if (written.Length == 0)
            return true;
        if (DateOnly.TryParseExact(written, ["yyyy-M-d", "yyyy/M/d"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            if (isEnd && day == DateOnly.MaxValue)
                return false;
            instant = (isEnd ? day.AddDays(1) : day).ToDateTime(TimeOnly.MinValue);
            return true;
        }
        if (!DateTime.TryParseExact(written, ["yyyy-M-d'T'H:m", "yyyy-M-d H:m", "yyyy/M/d H:m"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return false;
        instant = time;
        return true;
    }
}
