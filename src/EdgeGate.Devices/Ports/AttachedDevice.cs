using EdgeGate.Devices.Ports.Identity;

namespace EdgeGate.Devices.Ports;

public enum AttachedKind
{
    SerialPort,
    Keyboard,
    GpioChip,
    I2cBus,
}

/// <summary>Something attached to this machine that a driver could use.</summary>
/// <param name="Path">The name to put into the settings: the one that stays the same when it is plugged in again, where there is one.</param>
/// <param name="Node">The device file behind it, such as <c>/dev/ttyUSB0</c>.</param>
/// <param name="Usb">Null for what is not on USB.</param>
/// <param name="Model">Of what is not on USB, as the kernel calls it; null when it does not.</param>
/// <param name="Holder">The program that has it open, as far as this user may know; null for none.</param>
public sealed record AttachedDevice(
    AttachedKind Kind, string Path, string Node, UsbDevice? Usb = null, string? Model = null, string? Holder = null);

/// <summary>What the kernel shows of attached devices under <c>/sys</c> and <c>/dev</c>.</summary>
/// <param name="root">Of the file system; another one in tests.</param>
public sealed class AttachedDevices(string root = "/")
{
    private readonly UsbTree _usb = new(root);

    public IReadOnlyList<AttachedDevice> List() =>
    [
        .. SerialPorts(),
        .. Nodes("dev/input/by-id", "*-event-kbd").Select(link => Attached(AttachedKind.Keyboard, link)),
        .. Nodes("dev", "gpiochip*").Select(node => new AttachedDevice(AttachedKind.GpioChip, Outside(node), Outside(node), Holder: HolderOf(node))),
        .. Nodes("dev", "i2c-*").Select(node => new AttachedDevice(
            AttachedKind.I2cBus, Outside(node), Outside(node), Model: Text($"sys/class/i2c-dev/{Path.GetFileName(node)}/name"), Holder: HolderOf(node))),
    ];

    /// <summary>Those with hardware behind them: the kernel makes files for ports that no machine has.</summary>
    private IEnumerable<AttachedDevice> SerialPorts()
    {
        var stable = Nodes("dev/serial/by-id", "*").ToLookup(link => Path.GetFileName(NodeOf(link)), StringComparer.Ordinal);
        foreach (var name in Nodes("sys/class/tty", "*").Select(directory => Path.GetFileName(directory)))
        {
            if (!Directory.Exists(Inside($"sys/class/tty/{name}/device")) || Text($"sys/class/tty/{name}/type") == "0")
                continue;
            yield return Attached(AttachedKind.SerialPort, stable[name].FirstOrDefault() ?? Inside($"dev/{name}"));
        }
    }

    private AttachedDevice Attached(AttachedKind kind, string path) => new(kind, Outside(path), Outside(NodeOf(path)), _usb.Behind(path), Holder: HolderOf(path));

    private static string? HolderOf(string path) => PortHolder.Find(path) is { } holder ? $"{holder.Program} (process {holder.ProcessId})" : null;

    private IEnumerable<string> Nodes(string directory, string pattern) => Directory.Exists(Inside(directory))
        ? Directory.EnumerateFileSystemEntries(Inside(directory), pattern).Order(StringComparer.Ordinal)
        : [];

    private string Inside(string path) => Path.Combine(root, path);

    private string Outside(string path) => root == "/" ? path : "/" + Path.GetRelativePath(root, path);

    private string? Text(string path) => ReadText(Inside(path));

    private static string NodeOf(string path)
    {
        try
        {
            return Path.GetFullPath((File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path)).FullName);
        }
        catch (IOException)
        {
            return path; // unplugged at this moment
        }
    }

    private static string? ReadText(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
