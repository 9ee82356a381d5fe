namespace EdgeGate.HealthCodes.Holders;

/// <summary>
/// Whose certificate it is. The name and the birth date do not leave: they can only be compared, with <see cref="HolderMatch.Compare"/>.
/// </summary>
public sealed class CertificateHolder
{
    internal CertificateHolder(IReadOnlyList<HolderName> names, PartialDate? birthDate)
    {
        Names = names;
        BirthDate = birthDate;
    }

    /// <summary>The same name in each of the forms that the certificate has.</summary>
    internal IReadOnlyList<HolderName> Names { get; }

    internal PartialDate? BirthDate { get; }

    /// <summary>Says nothing: it is personal data and must not slip into a log.</summary>
    public override string ToString() => nameof(CertificateHolder);
}

/// <summary>One form of a name. Either part may be empty.</summary>
internal sealed record HolderName(string Surname, string Given);
