using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace EdgeGate.Service.Settings;

/// <summary>
/// What a text must look like: for the schema a pattern (.NET and ECMA 262 must read it alike), for people words that
/// follow "must be". Stricter than <see cref="RegularExpressionAttribute"/>, which lets every empty text pass.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal class PatternAttribute(string pattern, string words) : ValidationAttribute
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public string Pattern => pattern;
    public string Words => words;

    // The length counts because .NET's $ also stands before a last line feed. Our patterns leave nothing to try twice; NonBacktracking would build
    // automata for them, which cost each start 40 ms and 1 MB.
    public override bool IsValid(object? value) =>
        value is string text && Regex.Match(text, pattern, RegexOptions.CultureInvariant, Patience) is { Success: true } match && match.Length == text.Length;
}

internal sealed class IdAttribute()
    : PatternAttribute("^[a-z0-9][a-z0-9-]{0,31}$", "1 to 32 lower-case letters, digits or hyphens, beginning with a letter or digit");

internal sealed class AbsolutePathAttribute() : PatternAttribute(Expression, "an absolute path, beginning with a slash")
{
    public const string Expression = @"^/[^\u0000-\u001f]{1,1023}$";
}

/// <summary>A path that people mistake for the secret itself, so a fault does not repeat what they wrote.</summary>
internal sealed class SecretFileAttribute()
    : PatternAttribute(AbsolutePathAttribute.Expression, "the absolute path of a file that holds the secret, not the secret itself");
