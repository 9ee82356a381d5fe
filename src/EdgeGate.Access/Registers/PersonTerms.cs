using System.Diagnostics.CodeAnalysis;

namespace EdgeGate.Access.Registers;

/// <summary>A mark on a person, for example <c>medicine</c> or <c>exit-approved</c>, for a time.</summary>
public sealed record PersonTag(string Name, ValidPeriod Valid)
{
    public override string ToString() => Valid.IsAlways ? Name : $"{Name}@{Valid}";

    public static bool TryParse(string text, [NotNullWhen(true)] out PersonTag? tag)
    {
        tag = null;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? text : text[..at];
        if (!ListWord.IsValid(name) || !ValidPeriod.TryParse(at < 0 ? "" : text[(at + 1)..], out var valid))
            return false;
        tag = new PersonTag(name, valid);
        return true;
    }
}

/// <summary>
/// What a register says about a person beyond name and unit. Few differ within a register, so persons with equal terms share one
/// instance; two are equal when their texts are.
/// </summary>
public sealed class PersonTerms : IEquatable<PersonTerms>
{
    private const char FieldEnd = ';', ItemEnd = ',';

    private readonly string _text;

    /// <param name="status">A word such as <c>resident</c>, <c>visitor</c>, <c>staff</c>; empty when the list says nothing.</param>
    /// <param name="valid">When the entry counts at all.</param>
    /// <param name="schedule">Name of the schedule in the site's plan that the person keeps to; null for none.</param>
    /// <param name="gates">Where the person may pass; empty for every gate.</param>
    /// <exception cref="ArgumentException">A name is no <see cref="ListWord"/>.</exception>
    public PersonTerms(
        string status = "", ValidPeriod valid = default, string? schedule = null, IReadOnlyList<string>? gates = null, IReadOnlyList<PersonTag>? tags = null)
    {
        (Status, Valid, Schedule, Gates, Tags) = (status, valid, schedule, gates ?? [], tags ?? []);
        if (status is not "" && !ListWord.IsValid(status))
            throw new ArgumentException("the status is no word", nameof(status));
        if (schedule is not null && !ListWord.IsValid(schedule))
            throw new ArgumentException("the schedule's name is no word", nameof(schedule));
        if (!Gates.All(ListWord.IsValid))
            throw new ArgumentException("a gate's name is no word", nameof(gates));
        if (!Tags.All(tag => ListWord.IsValid(tag.Name)))
            throw new ArgumentException("a tag's name is no word", nameof(tags));
        _text = string.Join(FieldEnd, status, valid, schedule, string.Join(ItemEnd, Gates), string.Join(ItemEnd, Tags));
    }

    public static PersonTerms None { get; } = new();

    public string Status { get; }
    public ValidPeriod Valid { get; }
    public string? Schedule { get; }
    public IReadOnlyList<string> Gates { get; }
    public IReadOnlyList<PersonTag> Tags { get; }

    /// <summary>Of a text that <see cref="ToString"/> gave, without reading the rest.</summary>
    public static ReadOnlySpan<char> StatusIn(ReadOnlySpan<char> text) => text.IndexOf(FieldEnd) is >= 0 and var end ? text[..end] : default;

    /// <summary>Takes what <see cref="ToString"/> gives.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PersonTerms? terms)
    {
        terms = null;
        if (text.Split(FieldEnd) is not [var status, var period, var schedule, var gates, var marks] || !ValidPeriod.TryParse(period, out var valid))
            return false;
        var tags = new List<PersonTag>();
        foreach (var mark in marks.Split(ItemEnd, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!PersonTag.TryParse(mark, out var tag))
                return false;
            tags.Add(tag);
        }
        try
        {
            terms = new PersonTerms(status, valid, schedule is "" ? null : schedule, gates.Split(ItemEnd, StringSplitOptions.RemoveEmptyEntries), tags);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public override string ToString() => _text;
    public bool Equals(PersonTerms? other) => other is not null && _text == other._text;
    public override bool Equals(object? obj) => Equals(obj as PersonTerms);
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);
}

/// <summary>The names that lists, tags, statuses, schedules and gates have: 1 to 32 lower-case letters, digits and hyphens.</summary>
public static class ListWord
{
    public static bool IsValid(string? word) =>
        word is { Length: >= 1 and <= 32 } && word[0] != '-' && word.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');
}
