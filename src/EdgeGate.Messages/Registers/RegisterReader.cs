using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access.Registers;

namespace EdgeGate.Messages.Registers;

/// <summary>Hashes what it reads, block by block, so that a large register never lies in memory twice.</summary>
/// <param name="sums">Notes what was read, for who reads parts of it again; null for nobody.</param>
internal sealed class RegisterReader(Stream from, BlockSums? sums = null) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = new byte[64 * 1024];
    private int _at, _filled;
    private long _before;

    /// <summary>Of the next byte, from where the stream stood.</summary>
    public long Position => _before + _at;

    public ReadOnlySpan<byte> Take(int length)
    {
        if (_filled - _at < length)
            Refill(length);
        var taken = _buffer.AsSpan(_at, length);
        _at += length;
        return taken;
    }

    public int Count(int most)
    {
        var count = BinaryPrimitives.ReadInt32LittleEndian(Take(4));
        return count >= 0 && count <= most ? count : throw new InvalidDataException("it is damaged: a count makes no sense");
    }

    public string[] Texts()
    {
        var texts = new List<string>();
        for (var count = TextCount(); texts.Count < count;)
            texts.Add(Encoding.UTF8.GetString(Text()));
        return [.. texts];
    }

    public int TextCount() => Count(3 * RegisterBytes.MostPersons);

    public ReadOnlySpan<byte> Text()
    {
        var length = BinaryPrimitives.ReadInt16LittleEndian(Take(2));
        return length is >= 0 and <= RegisterBytes.LongestText ? Take(length) : throw new InvalidDataException("it is damaged: a text is too long");
    }

    public PersonRow Row()
    {
        var row = Take(RegisterBytes.RowLength);
        var numbers = row[PersonKey.Length..];
        return new PersonRow(
            new PersonKey(row[..PersonKey.Length]),
            BinaryPrimitives.ReadInt32LittleEndian(numbers),
            BinaryPrimitives.ReadInt32LittleEndian(numbers[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(numbers[8..]));
    }

    public void CheckEnd()
    {
        _hash.AppendData(_buffer.AsSpan(0, _at));
        var expected = _hash.GetHashAndReset();
        Compact();
        if (!Take(expected.Length).SequenceEqual(expected) || _at != _filled || from.ReadByte() >= 0)
            throw new InvalidDataException("it is damaged: its checksum is wrong");
    }

    public void Dispose() => _hash.Dispose();

    private void Refill(int length)
    {
        _hash.AppendData(_buffer.AsSpan(0, _at));
        Compact();
        if (length > _buffer.Length)
            Array.Resize(ref _buffer, length);
        var read = from.ReadAtLeast(_buffer.AsSpan(_filled), length - _filled);
        sums?.Note(_buffer.AsSpan(_filled, read));
        _filled += read;
    }

    private void Compact()
    {
        _buffer.AsSpan(_at, _filled - _at).CopyTo(_buffer);
        _before += _at;
        (_at, _filled) = (0, _filled - _at);
    }
}
