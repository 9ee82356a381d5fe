using System.Runtime.InteropServices;

namespace EdgeGate.Access.Registers;

/// <summary>What a register holds about one person.</summary>
/// <param name="MaskedName">For example 测**; empty when the list has no names.</param>
/// <param name="Unit">Building and household, for example <c>3-1-502</c>; empty when the list says nothing.</param>
public sealed record RegisterEntry(PersonKey Person, string MaskedName, string Unit, PersonTerms Terms);

/// <summary>One person as the table keeps it: the key, and where name, unit and terms stand in the table's texts. 44 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct PersonRow(PersonKey Key, int Name, int Unit, int Terms);

/// <summary>The texts that rows point to, each kept once. Shared between versions of a table: they are only ever added to.</summary>
public sealed record PersonTexts(string[] Names, string[] Units, PersonTerms[] Terms)
{
    public static PersonTexts None { get; } = new([], [], []);
}

/// <summary>
/// Persons in memory, immutable: where lists are made and compared, and for small ones. Rows lie sorted in 16,384 segments by the first 14 bits of the key, so a look-up is one
/// index and a binary search among some sixty rows, and a changed version copies only the segments it touches.
/// </summary>
public sealed class PersonTable : IPersonTable
{
    private const int SegmentBits = 14;
    private const int Segments = 1 << SegmentBits;

    private readonly PersonRow[][] _segments;

    private PersonTable(PersonRow[][] segments, PersonTexts texts, int count) => (_segments, Texts, Count) = (segments, texts, count);

    public static PersonTable Empty { get; } = new(NoSegments(), PersonTexts.None, count: 0);

    public int Count { get; }

    public PersonTexts Texts { get; }

    /// <summary>In the order of the keys.</summary>
    public IEnumerable<PersonRow> Rows => _segments.SelectMany(segment => segment);

    public IEnumerable<RegisterEntry> Entries => Rows.Select(EntryOf);

    /// <param name="rows">In the order of the keys, each once, pointing into <paramref name="texts"/>; read once.</param>
    /// <exception cref="ArgumentException">They are not.</exception>
    public static PersonTable Build(IEnumerable<PersonRow> rows, PersonTexts texts)
    {
        var segments = NoSegments();
        var open = new List<PersonRow>();
        var (count, number) = (0, 0);
        PersonKey? last = null;
        foreach (var row in rows)
        {
            if (row.Key <= last)
                throw new ArgumentException("the persons are not in order, or one stands twice", nameof(rows));
            if ((uint)row.Name >= texts.Names.Length || (uint)row.Unit >= texts.Units.Length || (uint)row.Terms >= texts.Terms.Length)
                throw new ArgumentException("a person points to a text that is not there", nameof(rows));
            if (row.Key.Leading(SegmentBits) is var next && next != number)
            {
                Close();
                number = next;
            }
            open.Add(row);
            last = row.Key;
            count++;
        }
        Close();
        return new PersonTable(segments, texts, count);

        void Close()
        {
            if (open.Count > 0)
                segments[number] = [.. open];
            open.Clear();
        }
    }

    /// <exception cref="ArgumentException">A person stands twice.</exception>
    public static PersonTable Of(IEnumerable<RegisterEntry> entries)
    {
        var texts = new TextCollector(PersonTexts.None);
        var rows = entries.Select(texts.RowOf).ToArray();
        Array.Sort(rows, static (one, other) => one.Key.CompareTo(other.Key));
        return Build(rows, texts.Collected);
    }

    /// <summary>The same persons in memory.</summary>
    public static PersonTable From(IPersonTable persons) => persons as PersonTable ?? Of(persons.Entries);

    public IEnumerable<RegisterEntry> Where(PersonTest isMeant) =>
        Rows.Where(row => isMeant(Texts.Names[row.Name], Texts.Units[row.Unit], Texts.Terms[row.Terms].ToString())).Select(EntryOf);

    public RegisterEntry? Find(PersonKey person)
    {
        var segment = _segments[person.Leading(SegmentBits)];
        var index = IndexOf(segment, person);
        return index < 0 ? null : EntryOf(segment[index]);
    }

    /// <summary>A new version; this one stays as it is for whoever looks into it.</summary>
    /// <param name="put">New entries, and entries in place of those of the same person.</param>
    /// <param name="remove">Who is not there is passed over.</param>
    /// <exception cref="ArgumentException">A person stands twice in <paramref name="put"/>, or in both.</exception>
    public PersonTable With(IEnumerable<RegisterEntry> put, IEnumerable<PersonKey> remove)
    {
        var texts = new TextCollector(Texts);
        // A row without terms stands for a removal.
        var changes = put.Select(texts.RowOf).Concat(remove.Select(person => new PersonRow(person, 0, 0, Terms: -1))).ToArray();
        Array.Sort(changes, static (one, other) => one.Key.CompareTo(other.Key));
        var segments = _segments.ToArray();
        var count = Count;
        for (var from = 0; from < changes.Length;)
        {
            var number = changes[from].Key.Leading(SegmentBits);
            var to = from;
            while (to < changes.Length && changes[to].Key.Leading(SegmentBits) == number)
                to++;
            count -= segments[number].Length;
            segments[number] = Merge(segments[number], changes.AsSpan(from..to));
            count += segments[number].Length;
            from = to;
        }
        var changed = new PersonTable(segments, texts.Collected, count);
        return changed.HasMostlyUnusedTexts ? Of(changed.Entries) : changed;
    }

    /// <summary>Texts of persons who left stay behind; without this, years of small changes would fill the memory.</summary>
    private bool HasMostlyUnusedTexts => Texts.Names.Length + Texts.Units.Length + Texts.Terms.Length > (3 * Count) + 10_000;

    private static PersonRow[] Merge(PersonRow[] segment, ReadOnlySpan<PersonRow> changes)
    {
        var merged = new List<PersonRow>(segment.Length + changes.Length);
        var at = 0;
        for (var i = 0; i < changes.Length; i++)
        {
            var change = changes[i];
            if (i > 0 && change.Key == changes[i - 1].Key)
                throw new ArgumentException("a person stands twice among the changes", nameof(changes));
            while (at < segment.Length && segment[at].Key < change.Key)
                merged.Add(segment[at++]);
            if (at < segment.Length && segment[at].Key == change.Key)
                at++;
            if (change.Terms >= 0)
                merged.Add(change);
        }
        merged.AddRange(segment.AsSpan(at..));
        return [.. merged];
    }

    private static int IndexOf(PersonRow[] segment, PersonKey person)
    {
        var (low, high) = (0, segment.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = segment[middle].Key.CompareTo(person);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return -1;
    }

    private RegisterEntry EntryOf(PersonRow row) => new(row.Key, Texts.Names[row.Name], Texts.Units[row.Unit], Texts.Terms[row.Terms]);

    private static PersonRow[][] NoSegments()
    {
        var segments = new PersonRow[Segments][];
        Array.Fill(segments, []);
        return segments;
    }

    /// <summary>Finds the place of a text, or makes one. The dictionaries live only while a version is made.</summary>
    private sealed class TextCollector(PersonTexts before)
    {
        private readonly Collector<string> _names = new(before.Names), _units = new(before.Units);
        private readonly Collector<PersonTerms> _terms = new(before.Terms);

        public PersonTexts Collected => new(_names.Collected, _units.Collected, _terms.Collected);

        public PersonRow RowOf(RegisterEntry entry) => new(entry.Person, _names.PlaceOf(entry.MaskedName), _units.PlaceOf(entry.Unit), _terms.PlaceOf(entry.Terms));

        private sealed class Collector<T>(T[] before)
            where T : notnull
        {
            private readonly List<T> _added = [];
            private Dictionary<T, int>? _places;

            public T[] Collected => _added.Count == 0 ? before : [.. before, .. _added];

            public int PlaceOf(T text)
            {
                _places ??= before.Index().ToDictionary(item => item.Item, item => item.Index);
                if (_places.TryGetValue(text, out var place))
                    return place;
                place = _places[text] = _places.Count;
                _added.Add(text);
                return place;
            }
        }
    }
}
