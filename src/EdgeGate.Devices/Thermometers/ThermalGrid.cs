using System.Buffers.Binary;
using EdgeGate.Access;

namespace EdgeGate.Devices.Thermometers;

/// <summary>What an AMG8833 sees: 8 by 8 pixels, row by row. hardware/amg8833/README.md</summary>
public sealed class ThermalGrid
{
    public const int Side = 8, Pixels = Side * Side, Length = Pixels * 2;

    private readonly Celsius[] _pixels;

    private ThermalGrid(Celsius[] pixels) => _pixels = pixels;

    public Celsius this[int pixel] => _pixels[pixel];

    /// <param name="block">128 bytes from register 80: two a pixel, little-endian, 12 bits two's complement, quarters of a degree.</param>
    public static ThermalGrid Decode(ReadOnlySpan<byte> block)
    {
        var pixels = new Celsius[Pixels];
        for (var i = 0; i < Pixels; i++)
        {
            var twelveBits = (short)(BinaryPrimitives.ReadUInt16LittleEndian(block[(2 * i)..]) << 4) >> 4;
            pixels[i] = new Celsius(twelveBits * 25);
        }
        return new ThermalGrid(pixels);
    }

    /// <param name="bytes">Two bytes from register 0E, little-endian: 12 bits sign and magnitude (unlike the pixels), sixteenths of a degree.</param>
    public static Celsius DecodeThermistor(ReadOnlySpan<byte> bytes)
    {
        const int Sign = 0x800, Magnitude = 0x7FF;
        var word = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        var degrees = (word & Magnitude) / 16m;
        return Celsius.From((word & Sign) != 0 ? -degrees : degrees);
    }

    /// <summary>Mean of the warmest two by two pixels: one pixel alone may be noise, a face is larger.</summary>
    public Celsius HottestSpot()
    {
        var warmest = int.MinValue;
        for (var row = 0; row < Side - 1; row++)
        {
            for (var column = 0; column < Side - 1; column++)
            {
                var at = row * Side + column;
                var sum = _pixels[at].Hundredths + _pixels[at + 1].Hundredths + _pixels[at + Side].Hundredths + _pixels[at + Side + 1].Hundredths;
                warmest = Math.Max(warmest, sum);
            }
        }
        return new Celsius((int)Math.Round(warmest / 4m, MidpointRounding.AwayFromZero));
    }

    /// <summary>Somebody is in view: enough pixels are warmer than the room.</summary>
    /// <param name="by">How much warmer than the room. Clothes and distance leave little more than 2 °C of a body.</param>
    /// <param name="pixels">How many of the 64. A person close enough to be let in fills more than 4.</param>
    public bool ShowsPresence(Celsius by, int pixels)
    {
        // Not the median: of a person who fills the view that is the person, and the coolest eighth is what is left of the room.
        var background = _pixels.Order().ElementAt(Pixels / 8).Hundredths;
        return _pixels.Count(pixel => pixel.Hundredths - background >= by.Hundredths) >= pixels;
    }

    public static byte[] Encode(IReadOnlyList<Celsius> pixels)
    {
        var block = new byte[Length];
        for (var i = 0; i < Pixels; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(2 * i), (ushort)(pixels[i].Hundredths / 25 & 0xFFF));
        return block;
    }

    public static byte[] EncodeThermistor(Celsius temperature)
    {
        var sixteenths = (ushort)(Math.Abs(temperature.Hundredths) * 16 / 100);
        return BitConverter.GetBytes((ushort)(temperature.Hundredths < 0 ? sixteenths | 0x800 : sixteenths));
    }
}
