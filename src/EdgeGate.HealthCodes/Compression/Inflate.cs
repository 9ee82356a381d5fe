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
        consumed = inflate._next - (inflate._bitCount / 8); // bytes read ahead and not used
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
        // The rest of the byte is padding; whole bytes read ahead go back.
        _next -= _bitCount / 8;
        _bits = 0;
        _bitCount = 0;
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
            var output = _output;
            for (var end = _written + length; _written < end; _written++) // one by one: source and target may overlap
                output[_written] = output[_written - distance];
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

    /// <summary>Reads at most 14 bits, lowest first.</summary>
    private bool TryBits(int count, out int value)
    {
        Refill();
        value = (int)(_bits & ((1u << count) - 1));
        return TryDrop(count);
    }

    private bool TrySymbol(Huffman code, out int symbol)
    {
        Refill();
        var entry = code.Short[(int)(_bits & (Huffman.ShortCodes - 1))];
        symbol = entry >> Huffman.LengthBits;
        return entry != 0 ? TryDrop(entry & Huffman.LengthMask) : TryLongSymbol(code, out symbol);
    }

    /// <summary>Walks the canonical code bit by bit.</summary>
    private bool TryLongSymbol(Huffman code, out int symbol)
    {
        int value = 0, first = 0, index = 0;
        for (var length = 1; length <= MaxBits; length++)
        {
            value |= (int)(_bits >> (length - 1)) & 1;
            var count = code.CountOfLength[length];
            if (value - count < first)
            {
                symbol = code.Symbols[index + value - first];
                return TryDrop(length);
            }
            index += count;
            first = (first + count) << 1;
            value <<= 1;
        }
        symbol = 0;
        return false;
    }

    /// <summary>Reads ahead up to 32 bits; behind the end stand zeros, which <see cref="TryDrop"/> does not take for input.</summary>
    private void Refill()
    {
        while (_bitCount <= 24 && _next < _input.Length)
        {
            _bits |= (uint)_input[_next++] << _bitCount;
            _bitCount += 8;
        }
    }

    private bool TryDrop(int count)
    {
        if (count > _bitCount)
            return false;
        _bits >>= count;
        _bitCount -= count;
        return true;
    }

    /// <summary>
    /// A canonical Huffman code (RFC 1951, 3.2.2): how many codes there are of each length, and the symbols in the order of their codes. Codes
    /// of up to nine bits stand in a table as well, by the next nine bits of input.
    /// </summary>
    private sealed class Huffman
    {
        public const int ShortCodes = 1 << MaxShortBits;
        public const int LengthBits = 4;
        public const int LengthMask = (1 << LengthBits) - 1;
        private const int MaxShortBits = 9;

        public static readonly Huffman FixedLiterals = Fixed([(144, 8), (112, 9), (24, 7), (8, 8)]);
        public static readonly Huffman FixedDistances = Fixed([(MaxDistanceSymbols, 5)]);

        public ushort[] CountOfLength { get; } = new ushort[MaxBits + 1];

        public ushort[] Symbols { get; private init; } = [];

        /// <summary>Symbol and length of the code that the index begins with; 0 where it is longer or there is none.</summary>
        public ushort[] Short { get; } = new ushort[ShortCodes];

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
            built.FillShort();
            code = built;
            return true;
        }

        private void FillShort()
        {
            int code = 0, index = 0;
            for (var length = 1; length <= MaxShortBits; length++, code <<= 1)
            {
                for (var i = 0; i < CountOfLength[length]; i++, code++, index++)
                {
                    // Codes come highest bit first, the input lowest.
                    var reversed = 0;
                    for (var bit = 0; bit < length; bit++)
                        reversed |= ((code >> bit) & 1) << (length - 1 - bit);
                    for (; reversed < ShortCodes; reversed += 1 << length)
                        Short[reversed] = (ushort)((Symbols[index] << LengthBits) | length);
                }
            }
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
            code.FillShort();
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
