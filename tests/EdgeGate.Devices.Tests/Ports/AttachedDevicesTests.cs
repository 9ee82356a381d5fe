using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Tests.Ports;

/// <summary>A made-up tree of /sys and /dev with two equal USB adapters, a keyboard scanner and a port that no machine has.</summary>
public sealed class AttachedDevicesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("edgegate-sys-").FullName;

    public AttachedDevicesTests()
    {
        Adapter("1-1", "ttyUSB0", serial: "A1");
        Adapter("1-2", "ttyUSB1", serial: null);
        Link("dev/serial/by-id/usb-ACME_Adapter_A1-if00", Inside("dev/ttyUSB0"));
        Write("sys/class/tty/ttyS3/type", "0");
        Directory.CreateDirectory(Inside("sys/class/tty/ttyS3/device"));
        Directory.CreateDirectory(Inside("sys/class/tty/tty1"));
        Write("dev/gpiochip0", "");
        Write("dev/i2c-1", "");
        Write("sys/class/i2c-dev/i2c-1/name", "bcm2835 (i2c@7e804000)\n");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Everything_is_listed_by_the_name_that_stays_with_what_it_says_of_itself() =>
        Assert.Equal(
            [
                new AttachedDevice(AttachedKind.SerialPort, "/dev/serial/by-id/usb-ACME_Adapter_A1-if00", "/dev/ttyUSB0", "ACME", "Adapter", "A1", "1a86:7523"),
                new AttachedDevice(AttachedKind.SerialPort, "/dev/ttyUSB1", "/dev/ttyUSB1", "ACME", "Adapter", null, "1a86:7523"),
                new AttachedDevice(AttachedKind.GpioChip, "/dev/gpiochip0", "/dev/gpiochip0"),
                new AttachedDevice(AttachedKind.I2cBus, "/dev/i2c-1", "/dev/i2c-1", Model: "bcm2835 (i2c@7e804000)"),
            ],
            new AttachedDevices(_root).List());

    [Fact]
    public void A_machine_without_anything_has_an_empty_list() => Assert.Empty(new AttachedDevices(Inside("nowhere")).List());

    private void Adapter(string bus, string tty, string? serial)
    {
        var device = $"sys/devices/usb1/{bus}";
        Write($"{device}/idVendor", "1a86\n");
        Write($"{device}/idProduct", "7523\n");
        Write($"{device}/manufacturer", "ACME\n");
        Write($"{device}/product", "Adapter\n");
        if (serial is not null)
            Write($"{device}/serial", serial + "\n");
        Directory.CreateDirectory(Inside($"{device}/{bus}:1.0/{tty}"));
        Write($"dev/{tty}", "");
        Directory.CreateDirectory(Inside($"sys/class/tty/{tty}"));
        Link($"sys/class/tty/{tty}/device", Inside($"{device}/{bus}:1.0/{tty}"));
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Inside(path))!);
        File.WriteAllText(Inside(path), text);
    }

    private void Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Inside(path))!);
        File.CreateSymbolicLink(Inside(path), target);
    }

    private string Inside(string path) => Path.Combine(_root, path);
}
