using EdgeGate.Access;
using EdgeGate.Devices.I2c;

namespace EdgeGate.Devices.Thermometers;

/// <summary>An MLX90614 as its bus sees it: word reads of memory and EEPROM, with packet error code. Faults can be set at any time.</summary>
public sealed class SimulatedMlx90614(byte address = Mlx90614Options.UsualAddress) : IBusDevice
{
    public byte Address => address;

    public ulong Id { get; init; } = 0x1122_3344_5566_7788;

    public Celsius Ambient { get; set; } = new(25_00);

    /// <summary>The skin of the person before the lens; null when nobody is.</summary>
    public Celsius? Person { get; set; }

    /// <summary>Sets the error flag of every temperature.</summary>
    public bool FlagsErrors { get; set; }

    /// <summary>Bytes written to it beyond the number of a register. Its EEPROM must not be worn out, so there may never be any.</summary>
    public int Writes { get; private set; }

    public bool Transfer(ReadOnlySpan<byte> written, Span<byte> read)
    {
        if (written is not [var register, ..])
            return true;
        Writes += written.Length - 1;
        // Longer reads repeat nothing useful on the real chip either: it drives the bus high.
        read.Fill(0xFF);
        SmBusWord.Encode(address, register, Word(register)).AsSpan(..Math.Min(read.Length, SmBusWord.Length)).CopyTo(read);
        return true;
    }

    private ushort Word(byte register) => register switch
    {
        Mlx90614Register.Ambient => Temperature(Ambient),
        Mlx90614Register.Surface or Mlx90614Register.SecondSurface => Temperature(Person ?? Ambient),
        Mlx90614Register.Emissivity => ushort.MaxValue,
        >= Mlx90614Register.Id and < Mlx90614Register.Id + 4 => (ushort)(Id >> 16 * (register - Mlx90614Register.Id)),
        _ => 0,
    };

    private ushort Temperature(Celsius of) => (ushort)(Mlx90614Word.Encode(of) | (FlagsErrors ? 0x8000 : 0));
}
