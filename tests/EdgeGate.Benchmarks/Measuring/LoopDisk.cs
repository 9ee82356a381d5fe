using System.Diagnostics;
using System.Globalization;

namespace EdgeGate.Benchmarks.Measuring;

/// <summary>
/// A small ext4 in a file, mounted for one measurement: its block device's counters hold only what this measurement wrote, the file
/// system's own journal included. Needs root; without it only the process's own count is known.
/// </summary>
internal sealed class LoopDisk : IDisposable
{
    private const int SectorBytes = 512;
    private readonly string _image;
    private readonly string? _counters;

    private LoopDisk(string image, string path, bool mounted)
    {
        _image = image;
        Path = path;
        if (!mounted)
            return;
        var mount = File.ReadAllLines("/proc/self/mountinfo").Last(line => line.Split(' ')[4] == path);
        _counters = $"/sys/dev/block/{mount.Split(' ')[2]}/stat";
    }

    /// <summary>Its root directory; an ordinary one where mounting is not allowed.</summary>
    public string Path { get; }

    public static LoopDisk Make(TemporaryFolder folder)
    {
        var image = folder.Sub("disk.img");
        var path = Directory.CreateDirectory(folder.Sub("disk")).FullName;
        if (Environment.UserName != "root")
            return new LoopDisk(image, path, mounted: false);
        using (var file = File.OpenHandle(image, FileMode.CreateNew, FileAccess.Write))
            RandomAccess.SetLength(file, 1L << 30);
        return new LoopDisk(image, path, Runs("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image) && Runs("mount", "-o", "loop", image, path));
    }

    /// <summary>Bytes the device was given so far, everything pending included; null when it is not ours alone.</summary>
    public long? BytesWritten()
    {
        if (_counters is null)
            return null;
        Runs("sync", "-f", Path);
        var fields = File.ReadAllText(_counters).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(fields[6], CultureInfo.InvariantCulture) * SectorBytes;
    }

    public void Dispose()
    {
        if (_counters is not null)
            Runs("umount", Path);
        File.Delete(_image);
    }

    private static bool Runs(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false });
            process!.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // not installed
        }
    }
}
