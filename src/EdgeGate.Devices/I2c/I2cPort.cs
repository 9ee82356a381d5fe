using System.Runtime.InteropServices;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Native;

namespace EdgeGate.Devices.I2c;

/// <summary>
/// One address on a bus of the kernel, <c>/dev/i2c-N</c>. Opening it asks the device for an answer: an address without a device
/// behind it is absent, not connected.
/// </summary>
/// <param name="bus">The bus; others may use it too, each transaction is whole.</param>
/// <param name="address">Seven bits, 08 to 77.</param>
/// <param name="probe">A register that may be read at any time.</param>
public sealed class I2cPort(string bus, byte address, byte probe) : IDevicePort<II2cDevice>
{
    public string Name { get; } = $"{bus} address {address:X2}";

    // On the pool: a bus that hangs blocks until its time-out.
    public async ValueTask<II2cDevice> OpenAsync(CancellationToken cancellationToken) =>
        await Task.Run(Open, cancellationToken);

    private KernelI2cDevice Open()
    {
        var file = Libc.OpenDevice(bus);
        try
        {
            if (file.IsInvalid)
                throw Explain((Errno)Marshal.GetLastPInvokeError());
            var device = KernelI2cDevice.Claim(file, Name, address);
            if (device is null)
                throw Explain((Errno)Marshal.GetLastPInvokeError());
            return Probe(device);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // Not every device sends a checksum; that it answers is what counts.
    private KernelI2cDevice Probe(KernelI2cDevice device) => FaultOf(device.ReadWord(probe, out _)) is { } fault ? throw fault : device;

    internal DevicePortException? FaultOf(I2cAnswer answer) => answer switch
    {
        I2cAnswer.Done or I2cAnswer.BadChecksum => null,
        I2cAnswer.NoAnswer => new(
            DevicePortFault.Absent,
            $"nothing answers at {Name}: check supply, SDA, SCL and the address (i2cdetect -y {new string([.. bus.SkipWhile(letter => letter != '-').Skip(1)])} shows who answers)"),
        _ => new(DevicePortFault.Unusable, $"{Name} cannot be read: the bus is disturbed; check pull-up resistors and the length of the wires"),
    };

    private DevicePortException Explain(Errno error) => error switch
    {
        Errno.NoEntry => new(DevicePortFault.Absent, $"{bus} is not there: switch I2C on (on a Raspberry Pi dtparam=i2c_arm=on, and load i2c-dev)"),
        Errno.Busy => new(DevicePortFault.HeldByAnother, $"a driver of the kernel holds {Name}: take its overlay out of the boot configuration"),
        Errno.NotATerminal or Errno.IsADirectory => new(DevicePortFault.SettingsRefused, $"{bus} is not an I2C bus: set one of /dev/i2c-*"),
        _ => new PortFaults(bus).Explain(error),
    };
}
