using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EdgeGate.HealthCodes.Providers;

/// <summary>Reads a provider's reply. Pure; any bytes give an answer or a fault.</summary>
internal static class ReplyReader
{
    private const int MaxColour = 32, MaxName = 32, MaxMessage = 200;

    /// <summary>A provider's clock may be a little ahead of ours; a test further in the future is a mistake.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <param name="body">As received.</param>
    /// <param name="form">Where things stand.</param>
    /// <param name="now">For the age of a test.</param>
    public static ProviderReply Read(ReadOnlyMemory<byte> body, ProviderReplyForm form, DateTimeOffset now)
    {
        try
        {
            using var json = JsonDocument.Parse(body, Strict);
            return Read(json.RootElement, form, now);
        }
        catch (JsonException)
        {
            return ProviderReply.Failed("the reply is not JSON");
        }
        catch (InvalidOperationException) // what System.Text.Json says to half a surrogate pair
        {
            return ProviderReply.Failed("the reply holds a string that is not Unicode text");
        }
    }

    private static ProviderReply Read(JsonElement reply, ProviderReplyForm form, DateTimeOffset now)
    {
        string? unknown = null;
        foreach (var path in form.Colour)
        {
            if (TextAt(reply, path) is not { Length: > 0 } text)
                continue;
            var colour = Shown(text, MaxColour);
            if (!form.States.TryGetValue(text, out var status))
            {
                unknown ??= $"{path} is \"{colour}\", which is not in the table";
                continue;
            }
            if (status is HealthCodeStatus.ProviderError or HealthCodeStatus.ProviderTimeout)
                return ProviderReply.Failed($"the provider itself could not find out ({path} is \"{colour}\")", status: status);
            return new ProviderReply
            {
                Status = status,
                Colour = colour,
                TestAge = TestAge(reply, form, now),
                MaskedName = TextAt(reply, form.MaskedName) is { Length: > 0 } name ? Masked(Shown(name, MaxName)) : null,
                Message = TextAt(reply, form.Message) is { Length: > 0 } message ? Shown(message, MaxMessage) : null,
            };
        }
        return unknown is null
            ? ProviderReply.Failed($"the reply has nothing at {string.Join(" or ", form.Colour)}")
            : ProviderReply.Failed(unknown) with { IsNotUnderstood = true };
    }

    private static TimeSpan? TestAge(JsonElement reply, ProviderReplyForm form, DateTimeOffset now)
    {
        if (TextAt(reply, form.TestTime) is { } text && TimeFrom(text, form.TestTimeOffset) is { } time)
            return now - time is var age && age >= -ClockTolerance ? Max(age, TimeSpan.Zero) : null;
        if (TextAt(reply, form.TestAgeHours) is { } hours
            && double.TryParse(hours, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 24 * 36_500)
            return TimeSpan.FromHours(number);
        return null;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static DateTimeOffset? TimeFrom(string text, TimeSpan offset)
    {
        DateTimeOffset? time = null;
        if (text.Length is 10 or 13 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sinceEpoch))
            time = text.Length == 10 ? DateTimeOffset.FromUnixTimeSeconds(sinceEpoch) : DateTimeOffset.FromUnixTimeMilliseconds(sinceEpoch);
        else if (DateTime.TryParseExact(text, ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            time = local.Year is >= 1970 and < 2200 ? new DateTimeOffset(local, offset) : null;
        else if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
            time = parsed;
        return time is { Year: >= 1970 and < 2200 } ? time : null;
    }

    /// <summary>A string, or the digits of a number; null for everything else.</summary>
    private static string? TextAt(JsonElement reply, string? path)
    {
        if (path is null)
            return null;
        var found = reply;
        foreach (var name in path.Split('.'))
        {
            if (found.ValueKind == JsonValueKind.Object && found.TryGetProperty(name, out var member))
                found = member;
            else if (found.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, null, out var index) && index < found.GetArrayLength())
                found = found[index];
            else
                return null;
        }
        return found.ValueKind switch
        {
            JsonValueKind.String => found.GetString(),
            JsonValueKind.Number => found.GetRawText(),
            _ => null,
        };
    }

    /// <summary>Fit for a screen and a log: no control, formatting or bidirectional characters, and no more than so many.</summary>
    private static string Shown(string text, int most)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length + rune.Utf16SequenceLength > most)
                break;
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned))
                shown.Append(rune);
        }
        return shown.ToString();
    }

    private static string Masked(string name)
    {
        var characters = name.EnumerateRunes().ToArray();
        return name.Contains('*', StringComparison.Ordinal) || characters.Length == 0 ? name : characters[0] + new string('*', Math.Clamp(characters.Length - 1, 1, 4));
    }
}
