using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Hardware;

/// <summary>From what gate.json says of a device to the port it is opened by.</summary>
/// <param name="identities">Null to open whatever fits, as for a look before the gate is started.</param>
internal sealed class DevicePorts(UsbTree tree, DeviceIdentities? identities, TimeProvider time)
{
    public IDevicePort Of(IPortDevice device) => device switch
    {
        ISerialDevice serial => Identified(serial, path => new SerialPort(path, serial.Baud, time), QuestionOf(serial), usb => usb.SerialPorts()),
        WedgeScannerSettings wedge => Keyboard(wedge),
        _ => throw new NotSupportedException($"no port for {device.GetType().Name}"),
    };

    private static IdentityQuestion? QuestionOf(ISerialDevice device) => device switch
    {
        SamVReaderSettings => IdentityQuestions.SamVModuleAsync,
        Gm65ScannerSettings => IdentityQuestions.Gm65VersionAsync,
        _ => null,
    };

    /// <summary>A keyboard says who it is when it is opened.</summary>
    private IdentifiedPort Keyboard(WedgeScannerSettings wedge)
    {
        InputDevicePort? opened = null;
        return Identified(
            wedge,
            path => opened = new InputDevicePort(path, time),
            (_, _, _) => ValueTask.FromResult(opened?.Identity is { } who ? $"{Printable(who.Name)} {Printable(who.Serial)}".TrimEnd() : null),
            usb => usb.Keyboards());
    }

    private IdentifiedPort Identified(
        IPortDevice device, Func<string, IDevicePort> portAt, IdentityQuestion? question, Func<UsbTree, IEnumerable<(string, UsbDevice)>> among) =>
        new(device.Port, device.Usb?.ToSelector(), tree, portAt, time) { Question = question, Among = among, Admission = identities?.Of(device.Id, device.Usb?.ToSelector()) };

    private static string Printable(string text) => string.Concat(text.Where(c => c is >= ' ' and <= '~'));
}
