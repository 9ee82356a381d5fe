using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using EdgeGate.Access.Registers;

namespace EdgeGate.Messages.Registers;

/// <summary>
/// A file of <see cref="RegisterBytes"/> that is read from beginning to end, checksum included, before anything of it is believed, and then person by
/// person: however long the list, little of it is in memory at a time. What is read the second time is what was checked the first.
/// </summary>
public sealed class RegisterScan : IDisposable
{
    private const int PiecesAtOnce = 1024;

    private readonly FileStream _file;
    private readonly BlockSums _sums;
    private readonly TextPlaces _names, _units, _terms;
    private readonly (long At, int Count) _rows, _removed;

    private RegisterScan(FileStream file)
    {
        (_file, _sums) = (file, new BlockSums(file.Name));
        using var reader = new RegisterReader(file, _sums);
        Head = RegisterBytes.ReadHead(reader);
        _names = TextPlaces.Read(reader, file.SafeFileHandle, _sums);
        _units = TextPlaces.Read(reader, file.SafeFileHandle, _sums);
        _terms = TextPlaces.Read(reader, file.SafeFileHandle, _sums, text => RegisterBytes.TermsOf(Encoding.UTF8.GetString(text)));
        var count = reader.Count(RegisterBytes.MostPersons);
        _rows = (reader.Position, count);
        PersonKey? last = null;
        for (var i = 0; i < count; i++)
        {
            var row = reader.Row();
            last = row.Key > last || last is null ? row.Key : throw new InvalidDataException("it is damaged: the persons are not in order, or one stands twice");
            if ((uint)row.Name >= _names.Count || (uint)row.Unit >= _units.Count || (uint)row.Terms >= _terms.Count)
                throw new InvalidDataException("it is damaged: a person points to a text that is not there");
        }
        count = reader.Count(RegisterBytes.MostPersons);
        _removed = (reader.Position, count);
        last = null;
        for (var i = 0; i < count; i++)
        {
            var key = new PersonKey(reader.Take(PersonKey.Length));
            last = key > last || last is null ? key : throw new InvalidDataException("it is damaged: the removed are not in order, or one stands twice");
        }
        reader.CheckEnd();
        if (_removed.Count > 0)
            _ = Lines.Count(); // that nobody is both
    }

    public RegisterVersion Head { get; }

    /// <summary>How many lines there are.</summary>
    public int Count => _rows.Count + _removed.Count;

    /// <summary>In the order of the keys: who is on it, and of changes also who is no longer on the list.</summary>
    /// <exception cref="InvalidDataException">The file was changed since it was checked.</exception>
    /// <exception cref="IOException">The disk failed since.</exception>
    public IEnumerable<PersonLine> Lines
    {
        get
        {
            var texts = new byte[PersonLine.MostTexts];
            using var rows = Pieces(_rows, RegisterBytes.RowLength).GetEnumerator();
            using var removed = Pieces(_removed, PersonKey.Length).GetEnumerator();
            var (hasRow, hasRemoved) = (rows.MoveNext(), removed.MoveNext());
            while (hasRow || hasRemoved)
            {
                var row = hasRow ? new PersonKey(rows.Current.Span[..PersonKey.Length]) : default;
                var gone = hasRemoved ? new PersonKey(removed.Current.Span) : default;
                var order = !hasRow ? 1 : !hasRemoved ? -1 : row.CompareTo(gone);
                if (order == 0)
                    throw new InvalidDataException("it puts somebody on the list and takes them off it");
                yield return order < 0 ? new PersonLine(row, texts.AsMemory(0, CopyTexts(rows.Current.Span[PersonKey.Length..], texts))) : new PersonLine(gone, default);
                if (order < 0)
                    hasRow = rows.MoveNext();
                else
                    hasRemoved = removed.MoveNext();
            }
        }
    }

    /// <exception cref="InvalidDataException">Damaged, cut off, or of another form.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static RegisterScan Open(string path)
    {
        var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Share = FileShare.Read | FileShare.Delete }); // the reader has blocks of its own
        try
        {
            return new RegisterScan(file);
        }
        catch (Exception malformed) when (malformed is JsonException or ArgumentException or EndOfStreamException)
        {
            file.Dispose();
            throw new InvalidDataException("it is damaged: " + malformed.Message, malformed);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>All of it, in memory.</summary>
    /// <exception cref="InvalidDataException">Damaged since it was checked.</exception>
    public RegisterContent ReadAll()
    {
        _file.Position = 0;
        return RegisterBytes.Read(_file);
    }

    public void Dispose() => _file.Dispose();

    private int CopyTexts(ReadOnlySpan<byte> places, Span<byte> to)
    {
        var length = _names.CopyText(BinaryPrimitives.ReadInt32LittleEndian(places), to);
        length += _units.CopyText(BinaryPrimitives.ReadInt32LittleEndian(places[4..]), to[length..]);
        return length + _terms.CopyText(BinaryPrimitives.ReadInt32LittleEndian(places[8..]), to[length..]);
    }

    private IEnumerable<ReadOnlyMemory<byte>> Pieces((long At, int Count) of, int length)
    {
        var buffer = new byte[Math.Min(of.Count, PiecesAtOnce) * length];
        for (var read = 0; read < of.Count; read += PiecesAtOnce)
        {
            var pieces = Math.Min(PiecesAtOnce, of.Count - read);
            _sums.ReadAll(_file.SafeFileHandle, buffer.AsSpan(0, pieces * length), of.At + ((long)read * length));
            for (var i = 0; i < pieces; i++)
                yield return buffer.AsMemory(i * length, length);
        }
    }
}
