using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeGate.Access.Registers;

namespace EdgeGate.Messages.Registers;

/// <summary>A register, or changes to one, read from its bytes and found whole.</summary>
/// <param name="Persons">Of a whole register everybody; of changes those who are new or different.</param>
/// <param name="Removed">Of changes who is no longer on the list; else empty.</param>
public sealed record RegisterContent(RegisterVersion Head, PersonTable Persons, IReadOnlyList<PersonKey> Removed)
{
    /// <summary>A change smaller than this part of the list is kept as a change.</summary>
    private const int WholeFrom = 4;

    /// <summary>What makes one version of a list from the one before: the changes where they are few, else the whole list.</summary>
    /// <param name="head">Of the new version; its base and counts are filled in here.</param>
    /// <returns>Null when there is nothing to change.</returns>
    public static RegisterContent? Between(Register? before, PersonTable after, RegisterVersion head)
    {
        var changes = PersonChanges.Between(before?.Persons ?? PersonTable.Empty, after);
        if (before is not null && changes.Count == 0)
            return null;
        head = head with { Added = changes.Added.Count, Changed = changes.Changed.Count, Removed = changes.Removed.Count, Persons = after.Count };
        return before is not null && changes.Count < after.Count / WholeFrom
            ? new RegisterContent(head with { Base = before.Version }, PersonTable.Of(changes.Added.Concat(changes.Changed)), [.. changes.Removed.Select(entry => entry.Person)])
            : new RegisterContent(head with { Plan = before?.Plan }, after, []);
    }

    /// <summary>The register after this.</summary>
    /// <param name="before">The one in force; null when there is none.</param>
    /// <exception cref="InvalidDataException">It is of another list, not newer, or a change to another version.</exception>
    public Register ApplyTo(Register? before)
    {
        if (before is not null && before.Name != Head.Name)
            throw new InvalidDataException($"it is of the list {Head.Name}, not {before.Name}");
        Head.RequireFollows(before?.Version);
        return Head.Base is null
            ? new Register(Head.Name, Head.Version, Head.IssuedAt, Persons, Head.Plan)
            : before! with
            {
                Version = Head.Version,
                IssuedAt = Head.IssuedAt,
                Persons = PersonTable.From(before.Persons).With(Persons.Entries, Removed),
                Plan = Head.Plan ?? before.Plan,
            };
    }
}

/// <summary>
/// The one form that registers have on disk and on their way from the center. Little-endian: magic <c>EGR1</c>; head (JSON); names, units and
/// terms, each a count and texts; persons, each a key and three indexes into these; keys of the removed; SHA-256 of everything before. Texts are
/// a byte count and UTF-8. The checksum finds damage; who made it is for a signature to say.
/// </summary>
public static class RegisterBytes
{
    /// <summary>More than any list of a site has; a damaged count must not fill the memory.</summary>
    public const int MostPersons = 5_000_000;

    /// <summary>In bytes.</summary>
    public const int LongestText = 4096;
    internal const int RowLength = PersonKey.Length + 12;
    private const int LongestHead = 1024 * 1024;
    private static readonly byte[] Magic = "EGR1"u8.ToArray();

    /// <exception cref="InvalidDataException">A text is too long, or there are too many: nobody could read it.</exception>
    public static byte[] Write(RegisterContent content)
    {
        using var bytes = new MemoryStream(1024 + (content.Persons.Count * RowLength));
        using (var to = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            to.Write(Magic);
            var head = JsonSerializer.SerializeToUtf8Bytes(content.Head, RegisterShapes.Default.RegisterVersion);
            to.Write(Bounded(head.Length, LongestHead));
            to.Write(head);
            var texts = content.Persons.Texts;
            Write(to, texts.Names);
            Write(to, texts.Units);
            Write(to, texts.Terms.Select(terms => terms.ToString()).ToArray());
            to.Write(Bounded(content.Persons.Count, MostPersons));
            Span<byte> key = stackalloc byte[PersonKey.Length];
            foreach (var row in content.Persons.Rows)
            {
                row.Key.CopyTo(key);
                to.Write(key);
                to.Write(row.Name);
                to.Write(row.Unit);
                to.Write(row.Terms);
            }
            to.Write(Bounded(content.Removed.Count, MostPersons));
            foreach (var person in content.Removed)
            {
                person.CopyTo(key);
                to.Write(key);
            }
        }
        bytes.Write(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        return bytes.ToArray();
    }

    /// <exception cref="InvalidDataException">Damaged, cut off, or of another form.</exception>
    public static RegisterContent Read(Stream from)
    {
        using var reader = new RegisterReader(from);
        try
        {
            var head = ReadHead(reader);
            var texts = new PersonTexts(reader.Texts(), reader.Texts(), [.. reader.Texts().Select(TermsOf)]);
            var persons = PersonTable.Build(Rows(reader, reader.Count(MostPersons)), texts);
            var removed = new List<PersonKey>(); // grows as it is read: a damaged count must not fill the memory
            for (var count = reader.Count(MostPersons); removed.Count < count;)
                removed.Add(new PersonKey(reader.Take(PersonKey.Length)));
            reader.CheckEnd();
            return new RegisterContent(head, persons, removed);
        }
        catch (Exception malformed) when (malformed is JsonException or ArgumentException or EndOfStreamException)
        {
            throw new InvalidDataException("it is damaged: " + malformed.Message, malformed);
        }
    }

    /// <summary>Only what stands at the beginning, unchecked: for lists of versions.</summary>
    /// <exception cref="InvalidDataException">Not even that can be read.</exception>
    public static RegisterVersion ReadHead(Stream from)
    {
        using var reader = new RegisterReader(from);
        try
        {
            return ReadHead(reader);
        }
        catch (Exception malformed) when (malformed is JsonException or EndOfStreamException)
        {
            throw new InvalidDataException("it is damaged: " + malformed.Message, malformed);
        }
    }

    internal static RegisterVersion ReadHead(RegisterReader reader)
    {
        if (!reader.Take(Magic.Length).SequenceEqual(Magic))
            throw new InvalidDataException("it is no register, or of a version that this one does not know");
        var head = JsonSerializer.Deserialize(reader.Take(reader.Count(LongestHead)), RegisterShapes.Default.RegisterVersion);
        return head is { Version: > 0 } && ListWord.IsValid(head.Name) ? head : throw new InvalidDataException("its head names no list or version");
    }

    private static void Write(BinaryWriter to, string[] texts)
    {
        to.Write(texts.Length);
        foreach (var text in texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            to.Write((short)Bounded(bytes.Length, LongestText));
            to.Write(bytes);
        }
    }

    private static int Bounded(int count, int most) => count <= most ? count : throw new InvalidDataException($"{count} is more than the {most} that a register can hold");

    private static IEnumerable<PersonRow> Rows(RegisterReader reader, int count)
    {
        for (var i = 0; i < count; i++)
            yield return reader.Row();
    }

    internal static PersonTerms TermsOf(string text) =>
        PersonTerms.TryParse(text, out var terms) ? terms : throw new InvalidDataException("it holds terms that cannot be read");
}
