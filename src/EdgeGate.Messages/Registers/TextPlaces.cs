using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Messages.Registers;

/// <summary>Where the texts of a register's file stand: the place of every sixteenth only, so that a million of them take half a megabyte. Sixteen are read at a time and kept, which is all there are of most names and terms.</summary>
internal sealed class TextPlaces
{
    private const int Step = 16;

    private readonly SafeFileHandle _file;
    private readonly BlockSums _sums;
    private readonly List<long> _places = [];
    private byte[] _group = [];
    private int _groupLength, _groupNumber = -1;

    private TextPlaces(SafeFileHandle file, BlockSums sums, int count) => (_file, _sums, Count) = (file, sums, count);

    public int Count { get; }

    /// <summary>Goes over the texts.</summary>
    /// <param name="sums">What the reader notes in.</param>
    /// <param name="check">Throws when one makes no sense.</param>
    public static TextPlaces Read(RegisterReader reader, SafeFileHandle file, BlockSums sums, Action<ReadOnlySpan<byte>>? check = null)
    {
        var places = new TextPlaces(file, sums, reader.TextCount());
        for (var i = 0; i < places.Count; i++)
        {
            if (i % Step == 0)
                places._places.Add(reader.Position);
            var text = reader.Text();
            check?.Invoke(text);
        }
        places._places.Add(reader.Position);
        return places;
    }

    /// <summary>With its byte count before it.</summary>
    /// <returns>How many bytes that were.</returns>
    public int CopyText(int index, Span<byte> to)
    {
        if (_groupNumber != index / Step)
        {
            _groupNumber = -1; // not half of it, when reading fails
            var (from, until) = (_places[index / Step], _places[(index / Step) + 1]);
            _groupLength = (int)(until - from);
            if (_group.Length < _groupLength)
                _group = new byte[_groupLength];
            _sums.ReadAll(_file, _group.AsSpan(0, _groupLength), from);
            _groupNumber = index / Step;
        }
        ReadOnlySpan<byte> texts = _group.AsSpan(0, _groupLength);
        for (var before = index % Step; before > 0; before--)
            PersonLine.TakeText(ref texts);
        var all = texts;
        var length = 2 + PersonLine.TakeText(ref texts).Length;
        all[..length].CopyTo(to);
        return length;
    }
}
