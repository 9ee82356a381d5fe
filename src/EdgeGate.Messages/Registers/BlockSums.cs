using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Messages.Registers;

/// <summary>
/// Checksums of a file's blocks, noted while all of it was read and checked: what is read of it again, here and there, is then the same or an error.
/// Four bytes for each kilobyte.
/// </summary>
/// <param name="name">Of the file, for who reads of the error.</param>
internal sealed class BlockSums(string name)
{
    /// <summary>A text is read in its whole block: short, since texts are read in no order.</summary>
    private const int Length = 1024;

    private readonly List<uint> _sums = [];
    private readonly byte[] _open = new byte[Length];
    private int _filled;
    private byte[] _blocks = [];

    /// <summary>The next bytes of the file.</summary>
    public void Note(ReadOnlySpan<byte> read)
    {
        while (!read.IsEmpty)
        {
            var taken = Math.Min(Length - _filled, read.Length);
            read[..taken].CopyTo(_open.AsSpan(_filled));
            read = read[taken..];
            _filled += taken;
            if (_filled == Length)
                Close();
        }
    }

    /// <summary>Fills the buffer from a place of what was noted.</summary>
    /// <exception cref="InvalidDataException">The file was changed since.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void ReadAll(SafeFileHandle file, Span<byte> into, long at)
    {
        if (into.IsEmpty)
            return;
        var (first, last) = ((int)(at / Length), (int)((at + into.Length - 1) / Length));
        var start = (long)first * Length;
        var length = (last < _sums.Count ? (last - first + 1) * Length : ((last - first) * Length) + _filled);
        if (_blocks.Length < length)
            _blocks = new byte[length];
        var blocks = _blocks.AsSpan(0, length);
        file.ReadAll(blocks, start);
        for (var block = first; block <= last; block++)
        {
            var noted = block < _sums.Count ? _sums[block] : Crc32C.Of(_open.AsSpan(0, _filled));
            if (Crc32C.Of(blocks.Slice((block - first) * Length, Math.Min(Length, length - ((block - first) * Length)))) != noted)
                throw new InvalidDataException($"{name} was changed after it was checked");
        }
        blocks.Slice((int)(at - start), into.Length).CopyTo(into);
    }

    private void Close()
    {
        _sums.Add(Crc32C.Of(_open));
        _filled = 0;
    }
}
