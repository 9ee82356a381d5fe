namespace EdgeGate.Testing;

/// <summary>A made-up /sys and /dev with USB adapters, each with a pseudo-terminal or nothing behind it. The directory is its root.</summary>
public sealed class FakeUsbTree : IDisposable
{
    public const string Controller = "0000:00:14.0";

    public string Root { get; } = Directory.CreateTempSubdirectory("edgegate-sys-").FullName;

    /// <param name="tty">The name that the kernel gave out this time, such as ttyUSB0.</param>
    /// <param name="ports">Where it is plugged in, such as 1.2.</param>
    /// <param name="serial">Null for one without.</param>
    /// <param name="terminal">What opening it opens; null for an empty file.</param>
    public void Plug(string tty, string ports, string? serial = null, string? terminal = null, string vendor = "1a86", string product = "7523")
    {
        var device = $"sys/devices/pci0000:00/{Controller}/usb1/1-{ports}";
        Write($"{device}/idVendor", vendor + "\n");
        Write($"{device}/idProduct", product + "\n");
        Write($"{device}/manufacturer", "ACME\n");
        Write($"{device}/product", "Adapter\n");
        if (serial is not null)
            Write($"{device}/serial", serial + "\n");
        var port = $"{device}/1-{ports}:1.0/{tty}";
        Link($"{port}/tty/{tty}/device", $"../../../{tty}");
        Link($"sys/class/tty/{tty}", $"../../../{port}/tty/{tty}"); // both relative, as the kernel makes them
        if (terminal is null)
            Write($"dev/{tty}", "");
        else
            Link($"dev/{tty}", terminal);
    }

    public void Unplug(string tty)
    {
        File.Delete(Inside($"dev/{tty}"));
        var port = new FileInfo(Inside($"sys/class/tty/{tty}")).LinkTarget!.Replace("../../../", "", StringComparison.Ordinal);
        File.Delete(Inside($"sys/class/tty/{tty}"));
        Directory.Delete(Path.GetDirectoryName(Inside(port[..port.IndexOf(":1.0/", StringComparison.Ordinal)]))!, recursive: true);
    }

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Inside(path))!);
        File.WriteAllText(Inside(path), text);
    }

    public void Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Inside(path))!);
        File.CreateSymbolicLink(Inside(path), target);
    }

    public string Inside(string path) => Path.Combine(Root, path);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
