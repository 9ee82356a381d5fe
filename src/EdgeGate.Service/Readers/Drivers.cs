using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.I2c;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Readers;

/// <summary>A scanner's driver on an open line.</summary>
/// <param name="Faults">What was wrong on the line so far.</param>
internal sealed record CodeSource(Func<CancellationToken, IAsyncEnumerable<ScannedCode>> ReadAsync, FrameFaultCounts Faults);

/// <summary>From a kind in the settings to the driver that speaks its protocol.</summary>
internal static class Drivers
{
    /// <param name="wasSetUp">Hears, of a module that is set up by commands, what came of it.</param>
    public static CodeSource CodesOf(ICodeScanner settings, IDeviceLine line, TimeProvider time, Action<Gm65SetUp> wasSetUp)
    {
        var decoration = settings.Decoration.ToDecoration();
        switch (settings)
        {
            case LineScannerSettings text:
                var scanner = new LineScanner(line, new LineScannerOptions { Framing = text.Framing, Decoration = decoration }, time);
                return new(scanner.ReadAsync, scanner.Faults);
            case Gm65ScannerSettings gm65:
                var module = new Gm65Scanner(line, new Gm65Options { Mode = gm65.Mode, Decoration = decoration }, time);
                module.WasSetUp += wasSetUp;
                return new(module.ReadAsync, module.Faults);
            case Gm67ScannerSettings:
                var packets = new Gm67Scanner(line, new Gm65Options { Decoration = decoration }, time);
                return new(packets.ReadAsync, packets.Faults);
            case WedgeScannerSettings wedge:
                var keyboard = new WedgeScanner(line, new WedgeScannerOptions { EndsAtSilence = wedge.EndsAtSilence, Decoration = decoration }, time);
                return new(keyboard.ReadAsync, keyboard.Faults);
            default:
                throw new NotSupportedException($"no driver for {settings.GetType().Name}");
        }
    }

    public static IThermometer ThermometerOf(ISerialDevice settings, IDeviceLine line, TimeProvider time) => settings switch
    {
        GyMcu90614Settings => new GyMcu90614(line, new GyMcu90614Options(), time),
        Gy614Settings => new Gy614(line, new Gy614Options(), time),
        ModbusThermometerSettings modbus => new ModbusThermometer(line, LaneSetup.OptionsOf(modbus), time),
        _ => throw new NotSupportedException($"no driver for {settings.GetType().Name}"),
    };

    public static IThermometer ThermometerOf(I2cThermometerSettings settings, II2cDevice device, TimeProvider time) => settings switch
    {
        Mlx90614Settings => new Mlx90614(device, new Mlx90614Options(), time),
        Amg8833Settings => new Amg8833(device, new Amg8833Options(), time),
        _ => throw new NotSupportedException($"no driver for {settings.GetType().Name}"),
    };

    public static SamVOptions OptionsOf(SamVReaderSettings settings) => new()
    {
        PollInterval = settings.PollEvery,
        RemovalProbe = settings.Removal,
        KeepPhoto = settings.Photo,
        ReadAdditionalAddress = settings.AdditionalAddress,
        ReadFingerprints = settings.Fingerprints,
    };

    public static GpioPort PortOf(WiegandReaderSettings settings, TimeProvider time) => new(settings.Chip, settings.ToOptions().Lines, time);

    public static I2cPort PortOf(I2cThermometerSettings settings) => new(
        settings.Bus, Convert.ToByte(settings.Address, 16), settings is Amg8833Settings ? Amg8833Register.Thermistor : Mlx90614Register.Ambient);
}
