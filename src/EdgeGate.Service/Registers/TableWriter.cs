using System.Buffers.Binary;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Service.Registers;

/// <summary>Makes the file of a <see cref="TableFile"/>, from other files and line by line: the list is never in memory.</summary>
internal sealed class TableWriter(FileStream file)
{
    /// <summary>In bytes. Fifty megabytes flushed at once would keep the journal waiting behind them, and with it a lane.</summary>
    private const int FlushEvery = 1024 * 1024;

    private readonly byte[] _block = new byte[Math.Max(TableBlock.Target, TableBlock.MostLength)];
    private readonly List<TableBlock> _blocks = [];
    private int _filled, _persons;
    private long _at;
    private PersonKey _first, _last;

    /// <param name="head">Of the version that it will be.</param>
    /// <param name="oldestFirst">A list and the changes to it, each in the order of the keys: of somebody who stands in several, what the last says holds.</param>
    /// <exception cref="InvalidDataException">What it is made of is damaged: there is no new file.</exception>
    /// <exception cref="IOException">Not written: there is no new file.</exception>
    public static void Write(string path, RegisterVersion head, IReadOnlyList<IEnumerable<PersonLine>> oldestFirst) => DurableFile.Write(path, file =>
    {
        var writer = new TableWriter(file);
        foreach (var line in Merge(oldestFirst))
            writer.Add(line);
        writer.Finish(head);
    });

    private static IEnumerable<PersonLine> Merge(IReadOnlyList<IEnumerable<PersonLine>> oldestFirst)
    {
        var open = oldestFirst.Select(lines => lines.GetEnumerator()).ToList();
        try
        {
            var left = open.Where(lines => lines.MoveNext()).ToList();
            while (left.Count > 0)
            {
                var newest = left[0];
                foreach (var lines in left)
                {
                    if (lines.Current.Key <= newest.Current.Key)
                        newest = lines; // among equals the last
                }
                var line = newest.Current;
                if (!line.IsRemoval)
                    yield return line;
                for (var i = left.Count - 1; i >= 0; i--)
                {
                    if (left[i].Current.Key == line.Key && !left[i].MoveNext())
                        left.RemoveAt(i);
                }
            }
        }
        finally
        {
            foreach (var lines in open)
                lines.Dispose();
        }
    }

    private void Add(PersonLine line)
    {
        if (_persons > 0 && line.Key <= _last)
            throw new InvalidDataException("the persons are not in order, or one stands twice");
        if (_persons == RegisterBytes.MostPersons)
            throw new InvalidDataException($"these are more than the {RegisterBytes.MostPersons} persons that a register can hold");
        var length = PersonKey.Length + 2 + line.Texts.Length;
        if (_filled > 0 && _filled + length > TableBlock.Target)
            CloseBlock();
        if (_filled == 0)
            _first = line.Key;
        var to = _block.AsSpan(_filled);
        line.Key.CopyTo(to);
        BinaryPrimitives.WriteUInt16LittleEndian(to[PersonKey.Length..], (ushort)line.Texts.Length);
        line.Texts.Span.CopyTo(to[(PersonKey.Length + 2)..]);
        _filled += length;
        _last = line.Key;
        _persons++;
    }

    private void Finish(RegisterVersion head)
    {
        if (_filled > 0)
            CloseBlock();
        new TableIndex(head with { Base = null, Persons = _persons }, _persons, [.. _blocks]).WriteTo(file);
    }

    private void CloseBlock()
    {
        var bytes = _block.AsSpan(0, _filled);
        file.Write(bytes);
        _blocks.Add(new TableBlock(_first, _at, _filled, Crc32C.Of(bytes)));
        if ((_at / FlushEvery) != ((_at + _filled) / FlushEvery))
            file.Flush(flushToDisk: true);
        _at += _filled;
        _filled = 0;
    }
}
