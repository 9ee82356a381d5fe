using System.Buffers.Binary;
using System.Text;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Service.Registers;

/// <summary>
/// A long list's table and the few changes since it was written, these in memory: a change of one person does not write a million anew. The changes are the files they came in,
/// which are on disk before they count, so a start finds the same again.
/// </summary>
internal sealed class PatchedTable : IPersonTable, IDisposable
{
    private readonly PersonTable _put;
    private readonly SortedSet<PersonKey> _removed;

    private PatchedTable(TableFile table, PersonTable put, SortedSet<PersonKey> removed)
    {
        (Table, _put, _removed) = (table, put, removed);
        Count = table.Count + put.Entries.Count(entry => table.Find(entry.Person) is null) - removed.Count(person => table.Find(person) is not null);
    }

    /// <summary>Its own opening of the file: whoever disposes of an earlier version closes another.</summary>
    public TableFile Table { get; }

    public int Count { get; }

    /// <summary>How many persons stand otherwise than in the table.</summary>
    public int Changes => _put.Count + _removed.Count;

    public IEnumerable<RegisterEntry> Entries => Merged(Table.Entries, _put.Entries);

    /// <summary>The changes, to be merged with the table's.</summary>
    public IEnumerable<PersonLine> ChangedLines =>
        _put.Entries.Select(entry => new PersonLine(entry.Person, TextsOf(entry))).Concat(_removed.Select(person => new PersonLine(person, default))).OrderBy(line => line.Key);

    /// <exception cref="InvalidDataException">The table or a change is damaged.</exception>
    /// <exception cref="IOException">One of them cannot be read.</exception>
    /// <param name="before">A <see cref="TableFile"/>, or this over one; stays as it is, and its owner's.</param>
    /// <param name="changes">Since then, in order.</param>
    public static PatchedTable Of(IPersonTable before, IEnumerable<RegisterContent> changes)
    {
        var earlier = before as PatchedTable;
        var (put, removed) = (earlier?._put ?? PersonTable.Empty, new SortedSet<PersonKey>(earlier?._removed ?? []));
        foreach (var change in changes)
        {
            put = put.With(change.Persons.Entries, change.Removed);
            removed.UnionWith(change.Removed);
            removed.ExceptWith(change.Persons.Entries.Select(entry => entry.Person));
        }
        var table = TableFile.Open((earlier?.Table ?? (TableFile)before).Path);
        try
        {
            return new PatchedTable(table, put, removed);
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    public RegisterEntry? Find(PersonKey person) => _removed.Contains(person) ? null : _put.Find(person) ?? Table.Find(person);

    public IEnumerable<RegisterEntry> Where(PersonTest isMeant) => Merged(Table.Where(isMeant), _put.Where(isMeant));

    public void Dispose() => Table.Dispose();

    /// <summary>Both in the order of the keys; whoever was changed or removed since counts no more as the table has them.</summary>
    private IEnumerable<RegisterEntry> Merged(IEnumerable<RegisterEntry> ofTable, IEnumerable<RegisterEntry> put)
    {
        using var next = put.GetEnumerator();
        var isLeft = next.MoveNext();
        foreach (var entry in ofTable)
        {
            if (_removed.Contains(entry.Person) || _put.Find(entry.Person) is not null)
                continue;
            for (; isLeft && next.Current.Person < entry.Person; isLeft = next.MoveNext())
                yield return next.Current;
            yield return entry;
        }
        for (; isLeft; isLeft = next.MoveNext())
            yield return next.Current;
    }

    private static byte[] TextsOf(RegisterEntry entry)
    {
        using var texts = new MemoryStream();
        Span<byte> length = stackalloc byte[2];
        foreach (var text in (string[])[entry.MaskedName, entry.Unit, entry.Terms.ToString()])
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)bytes.Length);
            texts.Write(length);
            texts.Write(bytes);
        }
        return texts.ToArray();
    }
}
