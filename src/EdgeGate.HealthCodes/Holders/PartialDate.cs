using System.Globalization;

namespace EdgeGate.HealthCodes.Holders;

/// <summary>A birth date of which only the year, or the year and month, may be known.</summary>
internal readonly record struct PartialDate(int Year, int? Month, int? Day)
{
    /// <summary>Takes <c>1990</c>, <c>1990-05</c>, <c>1990-05-17</c>, the last with a time behind it, and X for unknown digits; null for anything else, also for an empty text.</summary>
    public static PartialDate? Parse(string? text)
    {
        if (text is null || text.Length < 4 || Number(text, 0, 4) is not (> 1800 and < 2200) || (text.Length > 4 && text[4] != '-'))
            return null;
        var year = Number(text, 0, 4)!.Value;
        if (Number(text, 5, 2) is not (>= 1 and <= 12 and var month))
            return text.Length == 4 || text.StartsWith(text[..4] + "-XX", StringComparison.Ordinal) ? new PartialDate(year, null, null) : null;
        if (Number(text, 8, 2) is { } day)
            return text[7] == '-' && day >= 1 && day <= DateTime.DaysInMonth(year, month) && (text.Length == 10 || text[10] == 'T') ? new PartialDate(year, month, day) : null;
        return text.Length == 7 || text[7..] == "-XX" ? new PartialDate(year, month, null) : null;
    }

    /// <summary>Whether the date is one that this may be.</summary>
    public bool Agrees(DateOnly date) => date.Year == Year && (Month is null || date.Month == Month) && (Day is null || date.Day == Day);

    private static int? Number(string text, int start, int length) =>
        text.Length >= start + length && int.TryParse(text.AsSpan(start, length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
