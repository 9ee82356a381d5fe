using System.Buffers.Binary;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Wiegand;

/// <summary>In which order a reader sends the number between the two parity bits.</summary>
public enum WiegandOrder
{
    /// <summary>Highest bit first, as the formats say.</summary>
    HighestFirst,

    /// <summary>The lowest byte first, each with its highest bit first.</summary>
    LowestByteFirst,

    /// <summary>The lowest bit first.</summary>
    LowestBitFirst,
}

/// <summary>
/// An access card's number out of 26 bits (H10301: 8 facility, 16 card) or 34 (H10306: 32, which makers read as one number
/// or as 16 facility, 16 card), with a parity bit at each end. hardware/wiegand/README.md
/// </summary>
/// <param name="Bits">26 or 34.</param>
/// <param name="Number">All bits between the two parity bits as one number.</param>
public readonly record struct WiegandCard(int Bits, uint Number)
{
    private const int CardDigits = 16;

    /// <summary>Which series of cards: 8 bits of 24, or 16 of 32.</summary>
    public int Facility => (int)(Number >> CardDigits);

    /// <summary>Which card of the series.</summary>
    public int Card => (int)(Number & 0xFFFF);

    /// <param name="sent">As they came, parity bits included.</param>
    /// <param name="card">The card.</param>
    /// <param name="fault">
    /// When there is no card: <see cref="FrameFault.BadLength"/> for any number of bits but 26 and 34 (one lost pulse shifts
    /// all that follow), <see cref="FrameFault.BadParity"/>. All zeros, as with a cut D1, fail by their odd parity.
    /// </param>
    public static bool TryDecode(WiegandBits sent, out WiegandCard card, out FrameFault fault)
    {
        (card, fault) = (default, FrameFault.BadLength);
        if (sent.Count is not (26 or 34) || sent.Bytes.Length * 8 < sent.Count)
            return false;
        var half = sent.Count / 2;
        fault = FrameFault.BadParity;
        if (Ones(sent, 0, half) % 2 != 0 || Ones(sent, half, sent.Count) % 2 != 1)
            return false;
        uint number = 0;
        for (var i = 1; i < sent.Count - 1; i++)
            number = number << 1 | (sent[i] ? 1u : 0);
        card = new(sent.Count, number);
        return true;
    }

    /// <summary>The card that was meant, of one read as if its highest bit came first; and the way back. The parity bits are over what is sent, in any order.</summary>
    public WiegandCard SentAs(WiegandOrder order) => this with
    {
        Number = order switch
        {
            WiegandOrder.LowestByteFirst => BinaryPrimitives.ReverseEndianness(Number) >> (34 - Bits),
            WiegandOrder.LowestBitFirst => Reversed(Number) >> (34 - Bits),
            _ => Number,
        },
    };

    /// <summary>The way back; for simulated readers.</summary>
    public WiegandBits Encode()
    {
        var bits = new bool[Bits];
        for (var i = 1; i < Bits - 1; i++)
            bits[i] = (Number >> (Bits - 2 - i) & 1) != 0;
        bits[0] = bits.Take(Bits / 2).Count(one => one) % 2 != 0;
        bits[^1] = bits.Skip(Bits / 2).Count(one => one) % 2 != 1;
        return WiegandBits.Of(bits);
    }

    /// <summary>Without the number: it is somebody's card.</summary>
    public override string ToString() => $"{Bits} bit card";

    private static uint Reversed(uint number)
    {
        uint reversed = 0;
        for (var i = 0; i < 32; i++)
            reversed = reversed << 1 | (number >> i & 1);
        return reversed;
    }

    private static int Ones(WiegandBits bits, int from, int to)
    {
        var ones = 0;
        for (var i = from; i < to; i++)
            ones += bits[i] ? 1 : 0;
        return ones;
    }
}
