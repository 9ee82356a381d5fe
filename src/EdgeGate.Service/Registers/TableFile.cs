using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Registers;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Service.Registers;

/// <summary>
/// The persons of a list in a sorted file, of which the process holds nothing but an index: what is looked up often stays in the kernel's page cache,
/// which it can do without. A look-up is one search in the index and one read of some 4 kB, whose checksum is verified each time: a damaged place is
/// found by the first who comes there, and answers nothing.
/// </summary>
/// <remarks>
/// Read and not mapped. With a mapped file a failing sector, or somebody who cuts the file short, ends the process (SIGBUS) and not the look-up, and a
/// look-up beside a change of lists could touch what is unmapped; both are exceptions here. It costs half a microsecond. The file is written once
/// under another name and never changed afterwards; when its name is given to a newer one or deleted, whoever has it open goes on with what they have.
/// </remarks>
internal sealed class TableFile : IPersonTable, IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly TableIndex _index;

    private TableFile(string path, SafeFileHandle file, TableIndex index) => (Path, _file, _index) = (path, file, index);

    public string Path { get; }

    public int Count => _index.Persons;

    /// <summary>Of the persons' lines, in bytes.</summary>
    public long Length => _index.Blocks is [.., var last] ? last.At + last.Length : 0;

    public RegisterVersion Head => _index.Head;

    public IEnumerable<RegisterEntry> Entries => Lines.Select(line => PersonLine.EntryOf(line.Key, line.Texts.Span));

    /// <summary>To make another table of. Checked block by block as they are read.</summary>
    public IEnumerable<PersonLine> Lines
    {
        get
        {
            var bytes = new byte[Math.Max(TableBlock.Target, TableBlock.MostLength)];
            foreach (var block in _index.Blocks)
            {
                var lines = (ReadOnlyMemory<byte>)bytes.AsMemory(0, block.Length);
                Read(block, bytes);
                while (!lines.IsEmpty)
                {
                    var line = LineAt(lines);
                    yield return line;
                    lines = lines[LengthOf(line.Texts.Length)..];
                }
            }
        }
    }

    /// <exception cref="InvalidDataException">Damaged, cut off, or of another form.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TableFile Open(string path)
    {
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new TableFile(path, file, TableIndex.Read(file));
        }
        catch (Exception unusable) when (unusable is ArgumentException or JsonException or EndOfStreamException)
        {
            file?.Dispose();
            throw new InvalidDataException("it is damaged: " + unusable.Message, unusable);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    [SkipLocalsInit]
    public RegisterEntry? Find(PersonKey person)
    {
        if (_index.BlockOf(person) is var number && number < 0)
            return null;
        var block = _index.Blocks[number];
        var bytes = block.Length <= TableBlock.Target ? stackalloc byte[TableBlock.Target] : new byte[block.Length];
        Read(block, bytes);
        Span<byte> key = stackalloc byte[PersonKey.Length];
        person.CopyTo(key);
        for (ReadOnlySpan<byte> lines = bytes[..block.Length]; !lines.IsEmpty;)
        {
            var texts = BinaryPrimitives.ReadUInt16LittleEndian(lines[PersonKey.Length..]);
            if (key.SequenceEqual(lines[..PersonKey.Length]))
                return PersonLine.EntryOf(person, lines.Slice(PersonKey.Length + 2, texts));
            lines = lines[LengthOf(texts)..];
        }
        return null;
    }

    public IEnumerable<RegisterEntry> Where(PersonTest isMeant)
    {
        var characters = new char[3][];
        for (var i = 0; i < characters.Length; i++)
            characters[i] = new char[RegisterBytes.LongestText];
        return Lines.Where(IsMeant).Select(line => PersonLine.EntryOf(line.Key, line.Texts.Span));

        bool IsMeant(PersonLine line)
        {
            var texts = line.Texts.Span;
            return isMeant(Text(0, ref texts), Text(1, ref texts), Text(2, ref texts));
        }

        ReadOnlySpan<char> Text(int number, ref ReadOnlySpan<byte> texts) =>
            characters[number].AsSpan(0, Encoding.UTF8.GetChars(PersonLine.TakeText(ref texts), characters[number]));
    }

    /// <summary>Who is reading just now reads to the end; who comes later gets an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _file.Dispose();

    private void Read(TableBlock block, Span<byte> into)
    {
        _file.ReadAll(into[..block.Length], block.At);
        if (!block.Holds(into[..block.Length]))
            throw new InvalidDataException($"{Path} is damaged at byte {block.At}");
    }

    private static PersonLine LineAt(ReadOnlyMemory<byte> lines) => new(
        new PersonKey(lines.Span[..PersonKey.Length]),
        lines.Slice(PersonKey.Length + 2, BinaryPrimitives.ReadUInt16LittleEndian(lines.Span[PersonKey.Length..])));

    private static int LengthOf(int texts) => PersonKey.Length + 2 + texts;
}
