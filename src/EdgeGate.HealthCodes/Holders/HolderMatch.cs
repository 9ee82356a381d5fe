using System.Text;

namespace EdgeGate.HealthCodes.Holders;

/// <summary>Whether a certificate and an ID card are of the same person.</summary>
public enum HolderMatchAnswer
{
    Match,
    Differs,

    /// <summary>Not enough to say, for example a name in Chinese against one in Latin letters: a person must look.</summary>
    CannotTell,
}

/// <summary>Compares a certificate's holder with an ID card shown in the same encounter. The rules stand in README.md.</summary>
public static class HolderMatch
{
    /// <param name="holder">Of the certificate; null when it names none.</param>
    /// <param name="cardName">As on the card, surname first or last; null when not known.</param>
    /// <param name="birthDate">As on the card; null when not known.</param>
    public static HolderMatchAnswer Compare(CertificateHolder? holder, string? cardName, DateOnly? birthDate)
    {
        if (holder is null)
            return HolderMatchAnswer.CannotTell;
        var birth = (holder.BirthDate, birthDate) switch
        {
            ({ } certified, { } date) => certified.Agrees(date) ? HolderMatchAnswer.Match : HolderMatchAnswer.Differs,
            _ => HolderMatchAnswer.CannotTell,
        };
        var name = CompareName(holder.Names, cardName);
        if (birth == HolderMatchAnswer.Differs || name == HolderMatchAnswer.Differs)
            return HolderMatchAnswer.Differs;
        return birth == HolderMatchAnswer.Match && name == HolderMatchAnswer.Match ? HolderMatchAnswer.Match : HolderMatchAnswer.CannotTell;
    }

    /// <summary>One form that matches is enough; forms that cannot be compared say nothing.</summary>
    private static HolderMatchAnswer CompareName(IReadOnlyList<HolderName> forms, string? cardName)
    {
        if (string.IsNullOrWhiteSpace(cardName))
            return HolderMatchAnswer.CannotTell;
        var answers = forms.Select(form => CompareName(form, cardName)).ToHashSet();
        return answers.Contains(HolderMatchAnswer.Match) ? HolderMatchAnswer.Match
            : answers.Contains(HolderMatchAnswer.CannotTell) || !answers.Contains(HolderMatchAnswer.Differs) ? HolderMatchAnswer.CannotTell
            : HolderMatchAnswer.Differs;
    }

    /// <returns>Null when the two cannot be compared.</returns>
    private static HolderMatchAnswer? CompareName(HolderName form, string cardName) =>
        LatinFold.Words(form.Surname) is { } surname && LatinFold.Words(form.Given) is { } given && LatinFold.Words(cardName) is { } card ? CompareLatin(surname, given, card)
        : IsSameInOwnScript(form, cardName) ? HolderMatchAnswer.Match
        : null;

    private static HolderMatchAnswer CompareLatin(IReadOnlyList<FoldedWord> surname, IReadOnlyList<FoldedWord> given, IReadOnlyList<FoldedWord> card)
    {
        // Word boundaries differ between documents (XIAO-MING, XIAOMING): first without them, in both orders.
        var whole = Joined(card);
        if (card.Count > 0 && (whole.IsSame(Joined([.. surname, .. given])) || whole.IsSame(Joined([.. given, .. surname]))))
            return HolderMatchAnswer.Match;
        var left = card.ToList();
        var surnameShared = surname.Count(TakeFromCard);
        var givenShared = given.Any(TakeFromCard);
        // Second given names are often left out: the whole surname and one given name are enough.
        if (surname.Count > 0 && surnameShared == surname.Count && givenShared)
            return HolderMatchAnswer.Match;
        // One surname for life or two, maiden or married, given names cut off: a person must look. A surname alone is shared by a family.
        return givenShared || (surnameShared > 0 && given.Count == 0) ? HolderMatchAnswer.CannotTell : HolderMatchAnswer.Differs;

        // A word on the card is surname or given name, and never both: Li Na is not Li Li.
        bool TakeFromCard(FoldedWord word)
        {
            var at = left.FindIndex(word.IsSame);
            if (at >= 0)
                left.RemoveAt(at);
            return at >= 0;
        }
    }

    private static FoldedWord Joined(IReadOnlyList<FoldedWord> words) => words.Aggregate(FoldedWord.Empty, (joined, word) => joined.Followed(word));

    /// <summary>
    /// For names of which one at least is not Latin: the same letters are the same name. Different letters say nothing: a Chinese name cannot be
    /// derived from a Latin one, nor a simplified from a traditional one, without tables.
    /// </summary>
    private static bool IsSameInOwnScript(HolderName form, string cardName)
    {
        var card = Letters(cardName);
        return card == Letters(form.Surname) + Letters(form.Given) || card == Letters(form.Given) + Letters(form.Surname);
    }

    /// <summary>Everything but blanks and punctuation: rare characters of names lie beyond 16 bits, or in private use.</summary>
    private static string Letters(string name) =>
        string.Concat(name.EnumerateRunes().Where(rune => !Rune.IsWhiteSpace(rune) && !Rune.IsPunctuation(rune)).Select(Rune.ToUpperInvariant));
}
