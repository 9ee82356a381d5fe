namespace EdgeGate.Access.Registers;

/// <summary>What a search asks of one person: true for those that are meant. The texts are as a list holds them.</summary>
public delegate bool PersonTest(ReadOnlySpan<char> maskedName, ReadOnlySpan<char> unit, ReadOnlySpan<char> terms);

/// <summary>
/// The persons of one version of a list, which never change: in memory (<see cref="PersonTable"/>), or in a file. From a file that turns out to be
/// damaged comes an <see cref="InvalidDataException"/> or <see cref="IOException"/>, never a wrong answer.
/// </summary>
public interface IPersonTable
{
    int Count { get; }

    /// <summary>In the order of the keys.</summary>
    IEnumerable<RegisterEntry> Entries { get; }

    RegisterEntry? Find(PersonKey person);

    /// <summary>Whoever is meant, in the order of the keys. For searches: an entry is made of those only.</summary>
    IEnumerable<RegisterEntry> Where(PersonTest isMeant);
}
