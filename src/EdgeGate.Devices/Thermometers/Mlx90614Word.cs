using EdgeGate.Access;

namespace EdgeGate.Devices.Thermometers;

/// <summary>
/// A temperature in the memory of an MLX90614: fiftieths of a kelvin, 27AD..7FFF for -70.01 to +382.19 °C. Bit 15 says that the
/// sensor does not believe its own reading; the drivers in common use ignore it and show an absurd cold. hardware/mlx90614/README.md
/// </summary>
/// <remarks>37.30 °C cannot be expressed: the step below is 37.29, the one above 37.31.</remarks>
public static class Mlx90614Word
{
    private const ushort ErrorFlag = 0x8000;
    private const int AbsoluteZero = -273_15;

    /// <returns>False when the sensor flags the reading as wrong.</returns>
    public static bool TryDecode(ushort word, out Celsius temperature)
    {
        temperature = new Celsius(word * 2 + AbsoluteZero);
        return (word & ErrorFlag) == 0;
    }

    /// <summary>The nearest step; half a step is rounded down.</summary>
    public static ushort Encode(Celsius temperature) => (ushort)((temperature.Hundredths - AbsoluteZero) / 2);
}

/// <summary>What can be asked for. EEPROM cells are only ever read: a cell that loses its supply while it is written is spoilt.</summary>
public static class Mlx90614Register
{
    /// <summary>Of the sensor itself.</summary>
    public const byte Ambient = 0x06;

    /// <summary>What is before the lens.</summary>
    public const byte Surface = 0x07;

    /// <summary>What is before the second lens of two-zone models.</summary>
    public const byte SecondSurface = 0x08;

    /// <summary>65535 is 1.</summary>
    public const byte Emissivity = 0x24;

    /// <summary>The first of the four words of the chip's own number.</summary>
    public const byte Id = 0x3C;
}
