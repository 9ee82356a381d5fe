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
        return Best(forms.SelectMany(form => CompareName(form, cardName)));
    }

    private static HolderMatchAnswer Best(IEnumerable<HolderMatchAnswer> answers)
    {
        var all = answers.ToHashSet();
        return all.Contains(HolderMatchAnswer.Match) ? HolderMatchAnswer.Match
            : all.Contains(HolderMatchAnswer.CannotTell) || all.Count == 0 ? HolderMatchAnswer.CannotTell
            : HolderMatchAnswer.Differs;
    }

    /// <summary>An answer for each way to fold the two names; none when they cannot be compared.</summary>
    private static IEnumerable<HolderMatchAnswer> CompareName(HolderName form, string cardName)
    {
        foreach (var (expandForm, expandCard) in new[] { (true, true), (false, false), (true, false), (false, true) })
        {
            if (LatinFold.Words(form.Surname, expandForm) is { } surname && LatinFold.Words(form.Given, expandForm) is { } given
                && LatinFold.Words(cardName, expandCard) is { } card)
                yield return CompareLatin(surname, given, card);
            else if (IsSameInOwnScript(form, cardName))
                yield return HolderMatchAnswer.Match;
        }
    }

    private static HolderMatchAnswer CompareLatin(IReadOnlyList<string> surname, IReadOnlyList<string> given, IReadOnlyList<string> card)
    {
        // Word boundaries differ between documents (XIAO-MING, XIAOMING): first without them, in both orders.
        var whole = string.Concat(card);
        if (whole.Length > 0 && (whole == string.Concat([.. surname, .. given]) || whole == string.Concat([.. given, .. surname])))
            return HolderMatchAnswer.Match;
        var surnameShared = surname.Any(card.Contains);
        var givenShared = given.Any(card.Contains);
        // Second given names are often left out: the whole surname and one given name are enough.
        if (surname.Count > 0 && surname.All(card.Contains) && givenShared)
            return HolderMatchAnswer.Match;
        // One surname for life or two, maiden or married, given names cut off: a person must look. A surname alone is shared by a family.
        return givenShared || (surnameShared && given.Count == 0) ? HolderMatchAnswer.CannotTell : HolderMatchAnswer.Differs;
    }

    /// <summary>
    /// For names of which one at least is not Latin: the same letters are the same name. Different letters say nothing: a Chinese name cannot be
    /// derived from a Latin one, nor a simplified from a traditional one, without tables.
    /// </summary>
    private static bool IsSameInOwnScript(HolderName form, string cardName)
    {
        var card = Letters(cardName);
        return card == Letters(form.Surname) + Letters(form.Given) || card == Letters(form.Given) + Letters(form.Surname);
    }

    private static string Letters(string name) => string.Concat(name.Where(char.IsLetter).Select(char.ToUpperInvariant));
}
