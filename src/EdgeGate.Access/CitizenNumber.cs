using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EdgeGate.Access;

/// <summary>Sex as coded by GB/T 2261.1.</summary>
public enum Sex
{
    Unknown = 0,
    Male = 1,
    Female = 2,
    NotStated = 9,
}

/// <summary>
/// A citizen number of GB 11643: 6 digits region, 8 birth date, 3 order (odd for men), 1 check character. Residence
/// permits (regions 81 to 83) and foreigners' cards of 2023 (first digit 9) carry numbers of the same form.
/// Having the form is all a value promises: <see cref="HasValidCheckDigit"/> and <see cref="BirthDate"/> tell whether it makes sense.
/// </summary>
public sealed record CitizenNumber
{
    public const int Length = 18;

    private CitizenNumber(string value) => Value = value;

    /// <summary>18 characters, a check character X always the capital letter.</summary>
    public string Value { get; }

    /// <summary>Takes 17 digits and a digit or X. Scanners and people also send x and the full-width forms of X and of the digits.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CitizenNumber? number)
    {
        number = null;
        if (text is not { Length: Length })
            return false;
        Span<char> narrow = stackalloc char[Length];
        for (var i = 0; i < Length; i++)
            narrow[i] = text[i] is >= '\uFF01' and <= '\uFF5E' ? (char)(text[i] - 0xFEE0) : text[i];
        if (narrow[^1] == 'x')
            narrow[^1] = 'X';
        if (narrow[..^1].ContainsAnyExceptInRange('0', '9') || !(char.IsAsciiDigit(narrow[^1]) || narrow[^1] == 'X'))
            return false;
        number = new CitizenNumber(new string(narrow));
        return true;
    }

    public bool HasValidCheckDigit => Iso7064Mod112.CheckCharacter(Value.AsSpan(..^1)) == Value[^1];

    /// <summary>Six digits of GB/T 2260: province, prefecture, county.</summary>
    public string Region => Value[..6];

    /// <summary>Null when the eight digits are no date.</summary>
    public DateOnly? BirthDate =>
        DateOnly.TryParseExact(Value.AsSpan(6, 8), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    public Sex Sex => (Value[16] - '0') % 2 == 1 ? Sex.Male : Sex.Female;

    /// <summary>Says nothing of the number: it is personal data and must not slip into a log.</summary>
    public override string ToString() => nameof(CitizenNumber);
}
