namespace EdgeGate.Devices.Ports.Identity;

/// <summary>Which USB devices are behind which ports, read from sysfs at each call: what was plugged in a moment ago is seen.</summary>
/// <param name="root">Of the file system; another one in tests.</param>
public sealed class UsbTree(string root = "/")
{
    /// <summary>Deeper than any USB tree with hubs.</summary>
    private const int MostParents = 16;

    /// <summary>More links than any udev rule makes in a row.</summary>
    private const int MostLinks = 8;

    private const int LongestText = 64;

    private static readonly string[] KeyboardLinks = ["dev/input/by-id", "dev/input/by-path"], Classes = ["tty", "input"];

    /// <summary>Serial ports with a USB device behind them, by device file.</summary>
    public IEnumerable<(string Node, UsbDevice Device)> SerialPorts() => With("dev", NamesIn("sys/class/tty", "tty*"));

    /// <summary>Keyboards, and scanners that say they are.</summary>
    public IEnumerable<(string Node, UsbDevice Device)> Keyboards() => With(
        "dev/input",
        KeyboardLinks.SelectMany(links => NamesIn(links, "*-event-kbd").Select(name => Target(Path.Combine(root, links, name)))).Distinct(StringComparer.Ordinal));

    /// <summary>The USB device behind a device file or a link to one; null when there is none.</summary>
    public UsbDevice? Behind(string path)
    {
        // Link by link: the first name that the kernel knows is the port's.
        for (var step = 0; step < MostLinks; step++)
        {
            foreach (var kind in Classes)
            {
                var entry = Path.Combine(root, "sys/class", kind, Path.GetFileName(path));
                if (Directory.Exists(Path.Combine(entry, "device")))
                    return Describe(RealPath(Path.Combine(RealPath(entry), "device")));
            }
            if (new FileInfo(path).LinkTarget is not { } target)
                return null;
            path = Path.GetFullPath(target, Path.GetDirectoryName(path)!);
        }
        return null;
    }

    private IEnumerable<(string Node, UsbDevice Device)> With(string directory, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            var node = Path.Combine(root, directory, name);
            if (Behind(node) is { } device)
                yield return (node, device);
        }
    }

    private static UsbDevice? Describe(string directory)
    {
        string? face = null; // the interface
        for (var up = 0; up < MostParents && directory.Length > 1; up++, directory = Path.GetDirectoryName(directory) ?? "")
        {
            var name = Path.GetFileName(directory);
            if (Text(directory, "idVendor") is { } vendor && Text(directory, "idProduct") is { } product)
                return new UsbDevice(vendor, product, Text(directory, "serial"), PlaceOf(directory, face), Text(directory, "manufacturer"), Text(directory, "product"));
            if (name.Contains(':', StringComparison.Ordinal))
                face = name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..];
        }
        return null;
    }

    /// <summary>/sys/devices/…/0000:01:00.0/usb1/1-1/1-1.2 is the device at port 1.2 of that controller.</summary>
    private static string PlaceOf(string device, string? face)
    {
        var ports = Path.GetFileName(device) is var name && name.IndexOf('-', StringComparison.Ordinal) is >= 0 and var dash ? name[(dash + 1)..] : name;
        var up = device;
        while (Path.GetDirectoryName(up) is { Length: > 1 } parent && !Path.GetFileName(up).StartsWith("usb", StringComparison.Ordinal))
            up = parent;
        return $"{Path.GetFileName(Path.GetDirectoryName(up))}/{ports}{(face is null ? "" : ":" + face)}";
    }

    private IEnumerable<string> NamesIn(string directory, string pattern) => Directory.Exists(Path.Combine(root, directory))
        ? Directory.EnumerateFileSystemEntries(Path.Combine(root, directory), pattern).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)
        : [];

    private static string Target(string link) => Path.GetFileName(new FileInfo(link).LinkTarget ?? link);

    /// <summary>
    /// sysfs names a device by a link, whose parents are the device's own only when it is followed. One link at a time: a relative one counts from
    /// where it really lies.
    /// </summary>
    private static string RealPath(string path)
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

    private static string? Text(string directory, string name)
    {
        try
        {
            var file = Path.Combine(directory, name);
            var text = File.Exists(file) ? string.Concat(File.ReadAllText(file).Where(c => !char.IsControl(c))).Trim() : "";
            return text.Length == 0 ? null : text[..Math.Min(text.Length, LongestText)];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null; // unplugged at this moment
        }
    }
}
