namespace EdgeGate.Devices.Ports.Identity;

/// <summary>
/// A port that opens only the device that belongs there. Found anew at each opening, by name or by what its USB adapter says of itself, and
/// never by a number that the kernel gives out in the order of plugging in.
/// </summary>
/// <param name="path">A name that stays with the device; null to find it by <paramref name="usb"/> alone.</param>
/// <param name="usb">What must be there; null for whatever stands behind the name.</param>
/// <param name="portAt">Opens a device file.</param>
public sealed class IdentifiedPort(string? path, UsbSelector? usb, UsbTree tree, Func<string, IDevicePort> portAt, TimeProvider time) : IDevicePort
{
    private IDevicePort? _last;

    /// <summary>Null for a protocol that has no such question.</summary>
    public IdentityQuestion? Question { get; init; }

    /// <summary>Null to take whatever fits.</summary>
    public IDeviceAdmission? Admission { get; init; }

    /// <summary>Among whom it is looked for by USB; serial ports unless told otherwise.</summary>
    public Func<UsbTree, IEnumerable<(string Node, UsbDevice Device)>> Among { get; init; } = tree => tree.SerialPorts();

    public string Name { get; } = path ?? usb!.ToString();

    /// <summary>Who was there at the last opening.</summary>
    public DeviceIdentity? Found { get; private set; }

    public async ValueTask<IDeviceLine> OpenAsync(CancellationToken cancellationToken)
    {
        var (node, plugged) = Looked(Locate);
        if (plugged is not null)
            Admission?.Plugged(plugged); // to another device even opening may mean something
        if (_last?.Name != node)
            _last = portAt(node); // kept, for it remembers which program held it
        var line = await _last.OpenAsync(cancellationToken);
        try
        {
            // While it is open the kernel gives its name to no other, so what is true now stays true.
            if (Looked(() => tree.Behind(node)) is var now && now != plugged)
                throw new DevicePortException(DevicePortFault.Absent, $"{Name} was replugged just now");
            Found = new DeviceIdentity(plugged, Question is null ? null : await Question(line, time, cancellationToken));
            Admission?.Answered(Found);
            return line;
        }
        catch (DeviceLineLostException lost)
        {
            await line.DisposeAsync();
            throw new DevicePortException(DevicePortFault.Absent, lost.Message, lost);
        }
        catch
        {
            await line.DisposeAsync();
            throw;
        }
    }

    /// <summary>The tree is read while devices come and go: what vanishes between two looks is away, and looked for again.</summary>
    private T Looked<T>(Func<T> look)
    {
        try
        {
            return look();
        }
        catch (Exception vanished) when (vanished is (IOException and not DevicePortException) or UnauthorizedAccessException)
        {
            throw new DevicePortException(DevicePortFault.Absent, $"{Name} cannot be looked for just now: {vanished.Message}", vanished);
        }
    }

    private (string Node, UsbDevice? Device) Locate()
    {
        if (path is null)
            return Search(usb!);
        var device = tree.Behind(path);
        if (usb is null || device is not null && usb.Matches(device))
            return (path, device);
        throw device is not null
            ? new DevicePortException(DevicePortFault.Swapped, $"at {path} is {device}, and not {usb}: put the right one back, or change usb in gate.json")
            : new DevicePortException(DevicePortFault.Absent, $"{path} is not there, or nothing on USB is behind it: is it plugged in? See what is: edgegate devices list");
    }

    private (string Node, UsbDevice Device) Search(UsbSelector wanted)
    {
        var all = Among(tree).ToArray();
        var found = all.Where(port => wanted.Matches(port.Device)).ToArray();
        if (found is [var only])
            return only;
        if (found.Length > 1)
        {
            throw new DevicePortException(
                DevicePortFault.Unusable, $"{wanted} fits {found.Length} devices, at {string.Join(" and ", found.Select(port => port.Device.Place))}: add serialNumber or path to usb in gate.json");
        }
        throw wanted.Place is not null && all.FirstOrDefault(port => wanted.IsAt(port.Device)).Device is { } instead
            ? new DevicePortException(DevicePortFault.Swapped, $"at {wanted.Place} is {instead}, and not {wanted}: put the right one back, or change usb in gate.json")
            : new DevicePortException(DevicePortFault.Absent, $"{wanted} is not plugged in; see what is: edgegate devices list");
    }
}
