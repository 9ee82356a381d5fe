using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace EdgeGate.Service.Settings;

[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(GyMcu90614Settings), "gy-mcu90614")]
[JsonDerivedType(typeof(Gy614Settings), "gy-614")]
[JsonDerivedType(typeof(Mlx90614Settings), "mlx90614")]
[JsonDerivedType(typeof(Amg8833Settings), "amg8833")]
[JsonDerivedType(typeof(ModbusThermometerSettings), "modbus")]
internal abstract record ThermometerSettings : DeviceSettings
{
    // An offset corrects one installed sensor. What is further off than a degree is broken, dirty or badly placed, and what
    // makes a body of a skin is the conversion: neither may be hidden in here.
    [Range(-1.0, 1.0)]
    [Description("Degrees Celsius added to what is measured on the skin; found by comparing with a contact thermometer on site.")]
    public decimal SurfaceOffset { get; init; }

    [Description("How this model's skin temperature becomes a body's; without it the skin's is compared as it is.")]
    public BodyConversionSettings? Conversion { get; init; }

    [Description("When it was last compared with a better one; without it nobody is reminded.")]
    public CalibrationSettings? Calibration { get; init; }

    [Duration("00:01:00", "06:00:00")]
    [Description("A sensor that repeats one value for so long hangs; longer for one with coarse steps in a room without draughts.")]
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(10);

    [Range(1, 300), Description("How far from it a forehead is to be held, in centimetres; the kiosk says so.")]
    public int Distance { get; init; } = 5;

    [Range(1, 20), Description("How many readings in a row make one temperature.")]
    public int Samples { get; init; } = 3;

    [Range(0.1, 2.0), Description("How far apart these readings may lie, in degrees Celsius.")]
    public decimal AgreeWithin { get; init; } = 0.3m;
}

/// <summary>Body = skin + gain × (skin − ambient), within the ambient range it was found for.</summary>
internal sealed record BodyConversionSettings
{
    [Range(0.0, 0.5), Description("How much of the difference between skin and surroundings is added to the skin; found on site with a contact thermometer, on many people.")]
    public required decimal Gain { get; init; }

    [Range(-20.0, 60.0), Description("Colder surroundings, in degrees Celsius, allow no decision.")]
    public decimal AmbientFrom { get; init; } = 16.0m;

    [Range(-20.0, 60.0), Description("Warmer surroundings allow no decision.")]
    public decimal AmbientTo { get; init; } = 32.0m;
}

internal sealed record CalibrationSettings
{
    [Description("Day of the last comparison, such as \"2026-03-01\".")]
    public required DateOnly Done { get; init; }

    [Range(1, 1100), Description("Days until the next is due.")]
    public int GoodForDays { get; init; } = 365;
}

internal abstract record SerialThermometerSettings : ThermometerSettings, ISerialDevice
{
    [AbsolutePath, Description("Serial port; names under /dev/serial/by-id stay the same when devices are plugged in again.")]
    public string? Port { get; init; }

    [Description("The USB adapter it hangs on: instead of port, or beside it to make sure.")]
    public UsbSettings? Usb { get; init; }

    [AllowedValues(1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200), Description("Speed of the line, as set in the device.")]
    public int Baud { get; init; } = 9600;
}

[Description("GY-MCU90614 board with a serial line.")]
internal sealed record GyMcu90614Settings : SerialThermometerSettings;

[Description("GY-614 or GY-615V3 board with a serial line.")]
internal sealed record Gy614Settings : SerialThermometerSettings;

internal abstract record I2cThermometerSettings : ThermometerSettings
{
    [Pattern("^/dev/i2c-[0-9]{1,3}$", "an I2C bus such as \"/dev/i2c-1\""), Description("I2C bus the sensor hangs on.")]
    public string Bus { get; init; } = "/dev/i2c-1";

    [Pattern("^0x(0[89a-fA-F]|[1-6][0-9a-fA-F]|7[0-7])$", "an I2C address from \"0x08\" to \"0x77\""), Description("Its address there.")]
    public required string Address { get; init; }
}

[Description("MLX90614 sensor on an I2C bus, such as a GY-906 board.")]
internal sealed record Mlx90614Settings : I2cThermometerSettings;

[Description("AMG8833 grid on an I2C bus. It sees presence, not fever: evidence cannot ask it for a temperature.")]
internal sealed record Amg8833Settings : I2cThermometerSettings;

internal enum ModbusRegisters
{
    Holding,
    Input,
}

[Description("Thermometer on a Modbus RTU line of its own.")]
internal sealed record ModbusThermometerSettings : SerialThermometerSettings
{
    [Range(1, 247), Description("Its slave number.")]
    public int Slave { get; init; } = 1;

    [Description("Which registers hold the values: holding (function 03) or input (function 04).")]
    public ModbusRegisters Registers { get; init; }

    [Range(0, 65535), Description("Register of what is before the lens, counted from 0.")]
    public required int Surface { get; init; }

    [Range(0, 65535), Description("Register of the sensor's own temperature, counted from 0: without it nobody can say what a skin temperature means.")]
    public required int Ambient { get; init; }

    [Range(0.001, 10.0), Description("Degrees Celsius of one count: mostly 0.1, sometimes 0.01.")]
    public decimal Scale { get; init; } = 0.1m;

    [Range(0, 65535), Description("Register of its status word; leave it out where there is none.")]
    public int? Status { get; init; }

    [Range(1, 65535), Description("Bits of the status word that say that the reading is wrong, as a decimal number.")]
    public int StatusFaults { get; init; } = 31;
}
