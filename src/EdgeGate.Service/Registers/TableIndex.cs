using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Registers;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Service.Registers;

/// <summary>A stretch of a table's lines, some 4 kB: what a look-up reads.</summary>
/// <param name="First">Key of its first line.</param>
/// <param name="At">Where it begins in the file.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Checksum">CRC-32C of its bytes.</param>
internal readonly record struct TableBlock(PersonKey First, long At, int Length, uint Checksum)
{
    public const int Target = 4096;

    /// <summary>Longer only when a single line is.</summary>
    public const int MostLength = PersonKey.Length + 2 + PersonLine.MostTexts;

    public bool Holds(ReadOnlySpan<byte> bytes) => Crc32C.Of(bytes) == Checksum;
}

/// <summary>What stands at the end of a table's file, and in memory while the list is in force: 48 bytes for some seventy persons.</summary>
/// <remarks>
/// Little-endian: head (byte count and JSON), number of persons, number of blocks, and of each block first key, length and checksum; then SHA-256 of
/// all this, its length, and the magic. Blocks follow one another from the beginning of the file, so a file that lacks any is none.
/// </remarks>
internal sealed record TableIndex(RegisterVersion Head, int Persons, TableBlock[] Blocks)
{
    private const int MostLength = 64 * 1024 * 1024, FooterLength = SHA256.HashSizeInBytes + sizeof(int) + sizeof(ulong);
    private const ulong Magic = 0x3142_4154_5247_4745; // "EGGRTAB1"

    public void WriteTo(Stream file)
    {
        using var bytes = new MemoryStream();
        using var to = new BinaryWriter(bytes);
        var head = JsonSerializer.SerializeToUtf8Bytes(Head, RegisterShapes.Default.RegisterVersion);
        to.Write(head.Length);
        to.Write(head);
        to.Write(Persons);
        to.Write(Blocks.Length);
        Span<byte> key = stackalloc byte[PersonKey.Length];
        foreach (var block in Blocks)
        {
            block.First.CopyTo(key);
            to.Write(key);
            to.Write(block.Length);
            to.Write(block.Checksum);
        }
        var length = (int)bytes.Length;
        to.Write(SHA256.HashData(bytes.GetBuffer().AsSpan(0, length)));
        to.Write(length);
        to.Write(Magic);
        bytes.WriteTo(file);
    }

    /// <exception cref="InvalidDataException">Damaged, cut off, or of another form.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TableIndex Read(SafeFileHandle file)
    {
        var fileLength = RandomAccess.GetLength(file);
        var footer = new byte[FooterLength];
        if (fileLength < FooterLength)
            throw new InvalidDataException("it is damaged: it is too short");
        file.ReadAll(footer, fileLength - FooterLength);
        var (length, magic) = (BitConverter.ToInt32(footer, SHA256.HashSizeInBytes), BitConverter.ToUInt64(footer, SHA256.HashSizeInBytes + sizeof(int)));
        if (magic != Magic || length < 0 || length > Math.Min(MostLength, fileLength - FooterLength))
            throw new InvalidDataException("it is damaged at its end, or no table");
        var bytes = new byte[length];
        var blocksEnd = fileLength - FooterLength - length;
        file.ReadAll(bytes, blocksEnd);
        if (!SHA256.HashData(bytes).AsSpan().SequenceEqual(footer.AsSpan(0, SHA256.HashSizeInBytes)))
            throw new InvalidDataException("it is damaged: its index is not what was written");
        using var from = new BinaryReader(new MemoryStream(bytes, writable: false));
        var head = JsonSerializer.Deserialize(from.ReadBytes(from.ReadInt32()), RegisterShapes.Default.RegisterVersion)!;
        var persons = from.ReadInt32();
        var blocks = new TableBlock[from.ReadInt32()];
        var at = 0L;
        for (var i = 0; i < blocks.Length; i++)
        {
            blocks[i] = new TableBlock(new PersonKey(from.ReadBytes(PersonKey.Length)), at, from.ReadInt32(), from.ReadUInt32());
            at += blocks[i].Length;
        }
        return at == blocksEnd ? new TableIndex(head, persons, blocks) : throw new InvalidDataException("it is damaged: blocks are missing, or there are too many");
    }

    /// <summary>The block that has the person if any has.</summary>
    /// <returns>Negative when none can have.</returns>
    public int BlockOf(PersonKey person)
    {
        var (low, high) = (0, Blocks.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (Blocks[middle].First <= person)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return high;
    }
}
