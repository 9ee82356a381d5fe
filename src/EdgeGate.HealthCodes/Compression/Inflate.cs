using System.Diagnostics.CodeAnalysis;

namespace EdgeGate.HealthCodes.Compression;

/// <summary>
/// DEFLATE (RFC 1951) with an output limit, which knows exactly where its input ended. The framework's streams read ahead and
/// take a cut or lengthened stream for a whole one; a signed code is refused unless its last byte is the stream's last byte.
/// </summary>
internal ref struct Inflate
{
    private const int MaxBits = 15;
    private const int EndOfBlock = 256;
    private const int MaxLiteralSymbols = 286;
    private const int MaxDistanceSymbols = 30;

    private static ReadOnlySpan<ushort> LengthBase =>
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    private static ReadOnlySpan<byte> LengthExtraBits => [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    private static ReadOnlySpan<ushort> DistanceBase =>
        [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];

    private static ReadOnlySpan<byte> DistanceExtraBits =>
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    private static ReadOnlySpan<byte> CodeLengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private readonly ReadOnlySpan<byte> _input;
    private readonly int _limit;
    private int _next;
    private uint _bits;
    private int _bitCount;
    private byte[] _output;
    private int _written;

    private Inflate(ReadOnlySpan<byte> input, int limit)
    {
        _input = input;
        _limit = limit;
        _output = new byte[Math.Min(limit, 1024)];
    }

    /// <summary>Inflates one whole raw stream.</summary>
    /// <param name="input">Begins with the stream; may go on behind it.</param>
    /// <param name="limit">Most bytes that may come out.</param>
    /// <param name="output">What came out.</param>
    /// <param name="consumed">How many bytes of the input the stream took; the rest of its last byte is padding.</param>
    /// <returns>Whether the stream is whole, well formed and within the limit.</returns>
    public static InflateStatus TryDecode(ReadOnlySpan<byte> input, int limit, out ReadOnlyMemory<byte> output, out int consumed)
    {
        var inflate = new Inflate(input, limit);
        var status = inflate.Run();
        output = status == InflateStatus.Done ? inflate._output.AsMemory(0, inflate._written) : default;
        consumed = inflate._next;
        return status;
    }

    private InflateStatus Run()
    {
        while (true)
        {
            if (!TryBits(3, out var head))
                return InflateStatus.Broken;
            var status = (head >> 1) switch
            {
                0 => Stored(),
                1 => Compressed(Huffman.FixedLiterals, Huffman.FixedDistances),
                2 => Dynamic(),
                _ => InflateStatus.Broken,
            };
            if (status != InflateStatus.Done || (head & 1) == 1)
                return status;
        }
    }

    private InflateStatus Stored()
    {
        _bits = 0;
        _bitCount = 0; // the rest of the byte is padding; whole bytes are never held back, see TryBits
        if (_input.Length - _next < 4)
            return InflateStatus.Broken;
        var length = _input[_next] | (_input[_next + 1] << 8);
        var complement = _input[_next + 2] | (_input[_next + 3] << 8);
        _next += 4;
        if (length != (~complement & 0xFFFF) || _input.Length - _next < length)
            return InflateStatus.Broken;
        if (!Reserve(length))
            return InflateStatus.TooLong;
        _input.Slice(_next, length).CopyTo(_output.AsSpan(_written));
        _next += length;
        _written += length;
        return InflateStatus.Done;
    }

    private InflateStatus Dynamic()
    {
        if (!TryBits(14, out var counts))
            return InflateStatus.Broken;
        var literals = (counts & 31) + 257;
        var distances = ((counts >> 5) & 31) + 1;
        var codeLengths = (counts >> 10) + 4;
        if (literals > MaxLiteralSymbols || distances > MaxDistanceSymbols)
            return InflateStatus.Broken;

        Span<byte> lengths = stackalloc byte[MaxLiteralSymbols + MaxDistanceSymbols];
        lengths.Clear();
        for (var i = 0; i < codeLengths; i++)
        {
            if (!TryBits(3, out var length))
                return InflateStatus.Broken;
            lengths[CodeLengthOrder[i]] = (byte)length;
        }
        if (!Huffman.TryBuild(lengths[..19], mayBeIncomplete: false, out var lengthCode))
            return InflateStatus.Broken;

        lengths.Clear();
        var total = literals + distances;
        for (var i = 0; i < total;)
        {
            if (!TrySymbol(lengthCode, out var symbol))
                return InflateStatus.Broken;
            if (symbol < 16)
            {
                lengths[i++] = (byte)symbol;
                continue;
            }
            if (symbol == 16 && i == 0)
                return InflateStatus.Broken;
            var (extra, least) = symbol switch { 16 => (2, 3), 17 => (3, 3), _ => (7, 11) };
            if (!TryBits(extra, out var more) || i + least + more > total)
                return InflateStatus.Broken;
            lengths.Slice(i, least + more).Fill(symbol == 16 ? lengths[i - 1] : (byte)0);
            i += least + more;
        }
        if (lengths[EndOfBlock] == 0
            || !Huffman.TryBuild(lengths[..literals], mayBeIncomplete: true, out var literalCode)
            || !Huffman.TryBuild(lengths.Slice(literals, distances), mayBeIncomplete: true, out var distanceCode))
            return InflateStatus.Broken;
        return Compressed(literalCode, distanceCode);
    }

    private InflateStatus Compressed(Huffman literalCode, Huffman distanceCode)
    {
        while (true)
        {
            if (!TrySymbol(literalCode, out var symbol))
                return InflateStatus.Broken;
            if (symbol == EndOfBlock)
                return InflateStatus.Done;
            if (symbol < EndOfBlock)
            {
                if (!Reserve(1))
                    return InflateStatus.TooLong;
                _output[_written++] = (byte)symbol;
                continue;
            }
            symbol -= EndOfBlock + 1;
            if (symbol >= LengthBase.Length || !TryBits(LengthExtraBits[symbol], out var more))
                return InflateStatus.Broken;
            var length = LengthBase[symbol] + more;
            if (!TrySymbol(distanceCode, out var code) || code >= DistanceBase.Length || !TryBits(DistanceExtraBits[code], out var further))
                return InflateStatus.Broken;
            var distance = DistanceBase[code] + further;
            if (distance > _written)
                return InflateStatus.Broken;
            if (!Reserve(length))
                return InflateStatus.TooLong;
            for (var i = 0; i < length; i++, _written++) // one by one: source and target may overlap
                _output[_written] = _output[_written - distance];
        }
    }

    private bool Reserve(int count)
    {
        if (_written + count > _limit)
            return false;
        if (_written + count > _output.Length)
            Array.Resize(ref _output, Math.Min(_limit, Math.Max(_written + count, _output.Length * 2)));
        return true;
    }

    /// <summary>Reads at most 14 bits, lowest first, and never takes a byte of input before it is needed.</summary>
    private bool TryBits(int count, out int value)
    {
        while (_bitCount < count)
        {
            if (_next == _input.Length)
            {
                value = 0;
                return false;
            }
            _bits |= (uint)_input[_next++] << _bitCount;
            _bitCount += 8;
        }
        value = (int)(_bits & ((1u << count) - 1));
        _bits >>= count;
        _bitCount -= count;
        return true;
    }

    /// <summary>Walks the canonical code bit by bit: a health code has a few hundred symbols, tables would cost more than they save.</summary>
    private bool TrySymbol(Huffman code, out int symbol)
    {
        int value = 0, first = 0, index = 0;
        for (var length = 1; length <= MaxBits; length++)
        {
            if (_bitCount == 0)
            {
                if (_next == _input.Length)
                    break;
                _bits = _input[_next++];
                _bitCount = 8;
            }
            value |= (int)(_bits & 1);
            _bits >>= 1;
            _bitCount--;
            var count = code.CountOfLength[length];
            if (value - count < first)
            {
                symbol = code.Symbols[index + value - first];
                return true;
            }
            index += count;
            first = (first + count) << 1;
            value <<= 1;
        }
        symbol = 0;
        return false;
    }

    /// <summary>A canonical Huffman code (RFC 1951, 3.2.2): how many codes there are of each length, and the symbols in the order of their codes.</summary>
    private sealed class Huffman
    {
        public static readonly Huffman FixedLiterals = Fixed([(144, 8), (112, 9), (24, 7), (8, 8)]);
        public static readonly Huffman FixedDistances = Fixed([(MaxDistanceSymbols, 5)]);

        public ushort[] CountOfLength { get; } = new ushort[MaxBits + 1];

        public ushort[] Symbols { get; private init; } = [];

        public static bool TryBuild(ReadOnlySpan<byte> lengths, bool mayBeIncomplete, [NotNullWhen(true)] out Huffman? code)
        {
            code = null;
            var built = new Huffman { Symbols = new ushort[lengths.Length] };
            foreach (var length in lengths)
                built.CountOfLength[length]++;
            var used = lengths.Length - built.CountOfLength[0];
            built.CountOfLength[0] = 0;

            var left = 1;
            Span<int> offsets = stackalloc int[MaxBits + 2];
            offsets.Clear();
            for (var length = 1; length <= MaxBits; length++)
            {
                left = (left << 1) - built.CountOfLength[length];
                if (left < 0)
                    return false; // more codes than the length has room for
                offsets[length + 1] = offsets[length] + built.CountOfLength[length];
            }
            // Only a single code of one bit, or no code at all where none is used, may leave room (as zlib has it).
            if (left > 0 && !(mayBeIncomplete && used <= 1 && used == built.CountOfLength[1]))
                return false;
            for (var symbol = 0; symbol < lengths.Length; symbol++)
            {
                if (lengths[symbol] != 0)
                    built.Symbols[offsets[lengths[symbol]]++] = (ushort)symbol;
            }
            code = built;
            return true;
        }

        private static Huffman Fixed(ReadOnlySpan<(int Count, byte Length)> runs)
        {
            var lengths = new List<byte>();
            foreach (var (count, length) in runs)
                lengths.AddRange(Enumerable.Repeat(length, count));
            // The distance code leaves two of its 32 codes unused: built without the check for completeness.
            var code = new Huffman { Symbols = [.. Enumerable.Range(0, lengths.Count).OrderBy(symbol => lengths[symbol]).Select(symbol => (ushort)symbol)] };
            foreach (var length in lengths)
                code.CountOfLength[length]++;
            return code;
        }
    }
}

internal enum InflateStatus
{
    Done,

    /// <summary>Cut short, or not DEFLATE.</summary>
    Broken,

    /// <summary>More would come out than is allowed.</summary>
    TooLong,
}
