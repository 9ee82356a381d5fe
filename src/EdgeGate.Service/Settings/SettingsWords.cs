using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace EdgeGate.Service.Settings;

/// <summary>What faults say: what a setting must be, what it is instead, what may have been meant.</summary>
internal static class SettingsWords
{
    private const int LongestQuote = 60;

    /// <summary>What follows "must be" for a value of this type.</summary>
    public static string Of(JsonTypeInfo type) => (Nullable.GetUnderlyingType(type.Type) ?? type.Type) switch
    {
        _ when type.Kind == JsonTypeInfoKind.Enumerable => "a list [ … ]",
        _ when type.Kind == JsonTypeInfoKind.Object => "an object { … }",
        { IsEnum: true } names => OneOf(SettingsJson.Names(names)),
        var bare when bare == typeof(bool) => "true or false",
        var bare when bare == typeof(int) => "a whole number",
        var bare when bare == typeof(decimal) => "a number",
        var text when text == typeof(TimeSpan) => "a time span such as \"00:00:10\"",
        var text when text == typeof(TimeOnly) => "a time of day such as \"07:30\"",
        var text when text == typeof(DateOnly) => "a date such as \"2026-12-31\"",
        _ => "text in double quotes",
    };

    /// <summary>Whether values of this type stand in JSON without double quotes.</summary>
    public static bool IsBare(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var bare && (bare == typeof(bool) || bare == typeof(int) || bare == typeof(decimal));

    /// <summary>What follows "must be" for a limit.</summary>
    public static string Of(ValidationAttribute limit) => limit switch
    {
        PatternAttribute pattern => pattern.Words,
        RangeAttribute range => $"from {range.Minimum} to {range.Maximum}",
        AllowedValuesAttribute allowed => OneOf(allowed.Values.Select(value => $"{value}")),
        DurationAttribute duration => $"from {duration.Least} to {duration.Most}",
        CountAttribute { Least: 0 } count => $"a list of at most {count.Most}",
        CountAttribute count => $"a list of {count.Least} to {count.Most}",
        StringLengthAttribute { MinimumLength: 0 } text => $"at most {text.MaximumLength} characters long",
        StringLengthAttribute text => $"{text.MinimumLength} to {text.MaximumLength} characters long",
        _ => throw new NotSupportedException($"{limit.GetType()} has no words."),
    };

    public static string OneOf(IEnumerable<string> names) => "one of " + string.Join(", ", names);

    public static string Description(ICustomAttributeProvider? described) =>
        described?.GetCustomAttributes(typeof(DescriptionAttribute), inherit: false) is [DescriptionAttribute found] ? found.Description : "";

    public static string Index(int index) => index.ToString(CultureInfo.InvariantCulture);

    /// <summary>The end of a sentence that says what the value must be.</summary>
    public static string Not(JsonNode? value) => $", not {Quote(value)}.";

    /// <summary>The value as written, if it is short enough to be read.</summary>
    private static string Quote(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject => "an object { … }",
        JsonArray items => $"a list of {items.Count}",
        _ => Shorten(value.ToJsonString(SettingsJson.Options)),
    };

    /// <summary>A key nobody knows, as part of a path: in double quotes unless it looks like a key.</summary>
    public static string Key(string key) =>
        key.Length > 0 && key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '$' or '-' or '_')
            ? Shorten(key)
            : Quote(JsonValue.Create(key));

    private static string Shorten(string text) =>
        text.Length <= LongestQuote ? text : string.Concat(text.AsSpan(0, LongestQuote), "…");

    /// <summary>The known key that a misspelt one was most likely meant to be; null when none is near.</summary>
    public static string? Nearest(string key, IEnumerable<string> known) =>
        known.Select(candidate => (Key: candidate, Distance: Distance(key.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(candidate => candidate.Distance <= Math.Max(1, Math.Min(key.Length, candidate.Key.Length) / 3))
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Key)
            .FirstOrDefault();

    /// <summary>Optimal string alignment: insertions, deletions, changes and swapped neighbours. A mere beginning counts as near.</summary>
    private static int Distance(string written, string known)
    {
        if (written.Length >= 3 && known.StartsWith(written, StringComparison.Ordinal))
            return Math.Min(1, known.Length - written.Length);
        if (written.Length > LongestQuote)
            return int.MaxValue;
        var d = new int[written.Length + 1, known.Length + 1];
        for (var i = 0; i <= written.Length; i++)
        {
            for (var j = 0; j <= known.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }
                var change = written[i - 1] == known[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && written[i - 1] == known[j - 2] && written[i - 2] == known[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }
        return d[written.Length, known.Length];
    }
}
