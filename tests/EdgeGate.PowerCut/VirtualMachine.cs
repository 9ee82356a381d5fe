using System.ComponentModel;
using System.Diagnostics;

namespace EdgeGate.PowerCut;

/// <summary>The bench itself does not work: no machine, no boot, no answer. Says nothing about the store.</summary>
internal sealed class BenchException(string message, Exception? cause = null) : Exception(message, cause);

/// <param name="Kernel">An uncompressed kernel, which QEMU starts by PVH.</param>
/// <param name="Initramfs">Holds <c>hardware/bench/init</c>, which starts the writer.</param>
internal sealed record MachineImage(string Kernel, string Initramfs);

/// <param name="Number">1, 2, 3, … in one series of cuts.</param>
/// <param name="Writers">How many append at the same time.</param>
/// <param name="LedgerPath">What must be found: see <see cref="Ledger"/>.</param>
internal sealed record BootOrder(int Number, StoreKind Store, int Writers, string LedgerPath);

/// <summary>One boot of the emulated machine, from power on to power off.</summary>
internal sealed class VirtualMachine : IDisposable
{
    private readonly Process _qemu;
    private readonly string _console;
    private readonly string _report;

    private VirtualMachine(Process qemu, string console, string report) => (_qemu, _console, _report) = (qemu, console, report);

    public bool HasEnded => _qemu.HasExited;

    /// <param name="disk">The unix socket of the NBD server.</param>
    /// <param name="directory">For what the serial ports print.</param>
    public static VirtualMachine Start(MachineImage image, string disk, string directory, BootOrder order)
    {
        var console = Path.Combine(directory, $"console-{order.Number}.log");
        var report = Path.Combine(directory, $"report-{order.Number}.log");
        // What the kernel does not know it hands to init as variables; tsc=unstable because on a busy host the calibration goes wrong.
        var words = $"console=ttyS0 panic=-1 quiet mitigations=off tsc=unstable DOTNET=\"{Environment.ProcessPath}\" POWERCUT=\"{typeof(VirtualMachine).Assembly.Location}\" "
            + $"STORE={order.Store} BOOT={order.Number} WRITERS={order.Writers} LEDGER=\"{order.LedgerPath}\"";
        var start = new ProcessStartInfo("qemu-system-x86_64",
        [
            "-accel", "tcg", "-machine", "q35", "-cpu", "Nehalem", "-smp", "1", "-m", "512",
            "-nodefaults", "-no-reboot", "-display", "none",
            "-serial", $"file:{console}", "-serial", $"file:{report}",
            "-drive", $"file.driver=nbd,file.server.type=unix,file.server.path={disk},format=raw,if=virtio,cache=writeback",
            "-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
            "-kernel", image.Kernel, "-initrd", image.Initramfs, "-append", words,
        ]);
        try
        {
            return new VirtualMachine(Process.Start(start)!, console, report);
        }
        catch (Win32Exception missing)
        {
            throw new BenchException("qemu-system-x86_64 cannot be started.", missing);
        }
    }

    /// <summary>
    /// What the writer has reported so far, in whole lines: "ACK 12" without its end may be the start of "ACK 123". The guest's terminal puts
    /// a carriage return before the line feed.
    /// </summary>
    public string[] ReadReport()
    {
        if (!File.Exists(_report))
            return [];
        using var reader = new StreamReader(new FileStream(_report, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>The console's last lines, for when the machine did not do what it should.</summary>
    public string ReadConsoleEnd() => File.Exists(_console) ? string.Join('\n', File.ReadLines(_console).TakeLast(15)) : "";

    /// <summary>
    /// Ends QEMU as a power cut ends a machine, with SIGKILL; does nothing to one that has ended. Returns before the kernel has
    /// taken the process apart, which takes long enough for a disk to finish a flush.
    /// </summary>
    public void CutPower() => _qemu.Kill();

    public Task WaitForEndAsync() => _qemu.WaitForExitAsync(CancellationToken.None);

    public void Dispose()
    {
        _qemu.Kill();
        _qemu.WaitForExit();
        _qemu.Dispose();
    }
}
