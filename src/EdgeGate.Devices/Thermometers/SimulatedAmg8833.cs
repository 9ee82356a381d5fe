using EdgeGate.Access;
using EdgeGate.Devices.I2c;

namespace EdgeGate.Devices.Thermometers;

/// <summary>An AMG8833 as its bus sees it: registers that count on by themselves. It shows nothing before it was switched on.</summary>
public sealed class SimulatedAmg8833(byte address = Amg8833Options.UsualAddress) : IBusDevice
{
    private readonly byte[] _registers = new byte[256];
    private bool _isReset;

    public byte Address => address;

    public Celsius Ambient { get; set; } = new(25_00);

    /// <summary>The skin of the person in view, four pixels wide and high; null when nobody is.</summary>
    public Celsius? Person { get; set; }

    /// <summary>As at power-up: all settings are gone.</summary>
    public void LosePower() => _isReset = false;

    public bool Transfer(ReadOnlySpan<byte> written, Span<byte> read)
    {
        if (written is [Amg8833Register.Reset, Amg8833Register.InitialReset])
            _isReset = true;
        else if (written is [var register, var value])
            _registers[register] = value;
        if (written is [var from])
        {
            Refresh();
            _registers.AsSpan(from, read.Length).CopyTo(read);
        }
        return true;
    }

    private void Refresh()
    {
        var pixels = Enumerable.Range(0, ThermalGrid.Pixels)
            .Select(i => Person is { } skin && i / ThermalGrid.Side is >= 2 and < 6 && i % ThermalGrid.Side is >= 2 and < 6 ? skin : Ambient)
            .ToArray();
        ThermalGrid.EncodeThermistor(Ambient).CopyTo(_registers, Amg8833Register.Thermistor);
        var block = _isReset ? ThermalGrid.Encode(pixels) : new byte[ThermalGrid.Length];
        block.CopyTo(_registers, Amg8833Register.Pixels);
    }
}
