using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Ports;

/// <summary>A made-up tree of /sys and /dev with two equal USB adapters and a port that no machine has.</summary>
public sealed class AttachedDevicesTests : IDisposable
{
    private readonly FakeUsbTree _tree = new();

    public AttachedDevicesTests()
    {
        _tree.Plug("ttyUSB0", "1", serial: "A1");
        _tree.Plug("ttyUSB1", "2.3");
        _tree.Link("dev/serial/by-id/usb-ACME_Adapter_A1-if00", _tree.Inside("dev/ttyUSB0"));
        _tree.Write("sys/class/tty/ttyS3/type", "0");
        Directory.CreateDirectory(_tree.Inside("sys/class/tty/ttyS3/device"));
        Directory.CreateDirectory(_tree.Inside("sys/class/tty/tty1"));
        _tree.Write("dev/gpiochip0", "");
        _tree.Write("dev/i2c-1", "");
        _tree.Write("sys/class/i2c-dev/i2c-1/name", "bcm2835 (i2c@7e804000)\n");
    }

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Everything_is_listed_by_the_name_that_stays_with_what_it_says_of_itself() =>
        Assert.Equal(
            [
                new AttachedDevice(
                    AttachedKind.SerialPort, "/dev/serial/by-id/usb-ACME_Adapter_A1-if00", "/dev/ttyUSB0", new UsbDevice("1a86", "7523", "A1", "0000:00:14.0/1:1.0", "ACME", "Adapter")),
                new AttachedDevice(AttachedKind.SerialPort, "/dev/ttyUSB1", "/dev/ttyUSB1", new UsbDevice("1a86", "7523", null, "0000:00:14.0/2.3:1.0", "ACME", "Adapter")),
                new AttachedDevice(AttachedKind.GpioChip, "/dev/gpiochip0", "/dev/gpiochip0"),
                new AttachedDevice(AttachedKind.I2cBus, "/dev/i2c-1", "/dev/i2c-1", Model: "bcm2835 (i2c@7e804000)"),
            ],
            new AttachedDevices(_tree.Root).List());

    [Fact]
    public void A_machine_without_anything_has_an_empty_list() => Assert.Empty(new AttachedDevices(_tree.Inside("nowhere")).List());
}
