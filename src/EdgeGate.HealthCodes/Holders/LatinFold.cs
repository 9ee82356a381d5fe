using System.Text;

namespace EdgeGate.HealthCodes.Holders;

/// <summary>A word in A–Z, in both foldings; they are the same for most.</summary>
internal readonly record struct FoldedWord(string Expanded, string Plain)
{
    public static readonly FoldedWord Empty = new("", "");

    public bool IsSame(FoldedWord other) => Expanded == other.Expanded || Plain == other.Plain || Expanded == other.Plain || Plain == other.Expanded;

    public FoldedWord Followed(FoldedWord next) => new(Expanded + next.Expanded, Plain + next.Plain);
}

/// <summary>
/// Folds a Latin name to A–Z as machine-readable zones have it (ICAO Doc 9303-3, section 6 A). Some letters have two foldings in use, such as
/// Ü as UE or U: both are made. A combining mark counts like the precomposed letter (the framework cannot compose without ICU).
/// </summary>
internal static class LatinFold
{
    private const string TwoWays = "ÄÖÜÅØÆŒẞßÞÐĐÑŁ";
    private static readonly string[] Expanded = ["AE", "OE", "UE", "AA", "OE", "AE", "OE", "SS", "SS", "TH", "D", "D", "N", "L"];
    private static readonly string[] Plain = ["A", "O", "U", "A", "O", "AE", "OE", "SS", "SS", "TH", "D", "D", "N", "L"];

    // Letters with one folding, by what they fold to.
    private static readonly Dictionary<char, char> Letters = Table(
        ('A', "ÀÁÂÃĀĂĄǍẠẢẤẦẨẪẬẮẰẲẴẶ"), ('C', "ÇĆĈĊČ"), ('D', "Ď"), ('E', "ÈÉÊËĒĔĖĘĚẸẺẼẾỀỂỄỆ"), ('G', "ĜĞĠĢ"), ('H', "ĤĦ"), ('I', "ÌÍÎÏĨĪĬĮİIıǏỈỊ"), ('J', "Ĵ"), ('K', "Ķ"),
        ('L', "ĹĻĽĿ"), ('N', "ŃŅŇŊ"), ('O', "ÒÓÔÕŌŎŐǑƠỌỎỐỒỔỖỘỚỜỞỠỢ"), ('R', "ŔŖŘ"), ('S', "ŚŜŞŠȘ"), ('T', "ŢŤŦȚ"), ('U', "ÙÚÛŨŪŬŮŰŲǓǗǙǛǕƯỤỦỨỪỬỮỰ"), ('W', "Ŵ"), ('Y', "ÝŶŸỲỴỶỸ"), ('Z', "ŹŻŽ"));

    /// <summary>The name's words; null when the name has a letter that is not Latin.</summary>
    public static IReadOnlyList<FoldedWord>? Words(string name)
    {
        var words = new List<FoldedWord>();
        var (expanded, plain) = (new StringBuilder(), new StringBuilder());
        for (var i = 0; i < name.Length; i++)
        {
            var letter = char.ToUpperInvariant(name[i]);
            if (i + 1 < name.Length && Composed(letter, name[i + 1]) is { } composed)
            {
                letter = composed;
                i++;
            }
            if (Fold(letter, expand: true) is { } folded)
            {
                expanded.Append(folded);
                plain.Append(Fold(letter, expand: false));
            }
            else if (IsSeparator(letter))
                EndWord();
            else if (!IsSilent(letter))
                return null;
        }
        EndWord();
        return words;

        void EndWord()
        {
            if (expanded.Length > 0)
                words.Add(new FoldedWord(expanded.ToString(), plain.ToString()));
            expanded.Clear();
            plain.Clear();
        }
    }

    private static string? Fold(char letter, bool expand)
    {
        if (letter is >= 'A' and <= 'Z')
            return letter.ToString();
        if (letter is >= 'Ａ' and <= 'Ｚ')
            return ((char)(letter - 'Ａ' + 'A')).ToString();
        if (TwoWays.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var index)
            return (expand ? Expanded : Plain)[index];
        return Letters.TryGetValue(letter, out var plain) ? plain.ToString() : null;
    }

    /// <summary>The letters with a mark that fold in two ways; any other mark is silent.</summary>
    private static char? Composed(char letter, char mark) => (letter, mark) switch
    {
        ('A', '\u0308') => 'Ä',
        ('O', '\u0308') => 'Ö',
        ('U', '\u0308') => 'Ü',
        ('A', '\u030A') => 'Å',
        _ => null,
    };

    private static bool IsSeparator(char letter) => char.IsWhiteSpace(letter) || letter is '<' or '-' or ',' or '/' or '·' or '‐' or '–';

    /// <summary>Apostrophes, full stops and combining marks vanish without parting a word.</summary>
    private static bool IsSilent(char letter) => letter is '\'' or '’' or '‘' or '`' or '´' or '.' or '(' or ')' || char.GetUnicodeCategory(letter) == System.Globalization.UnicodeCategory.NonSpacingMark;

    private static Dictionary<char, char> Table(params ReadOnlySpan<(char To, string From)> rows)
    {
        var table = new Dictionary<char, char>();
        foreach (var (to, from) in rows)
        {
            foreach (var letter in from)
                table[letter] = to;
        }
        return table;
    }
}
