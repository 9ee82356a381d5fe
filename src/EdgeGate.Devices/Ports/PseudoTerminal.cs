using System.IO.Pipelines;
using System.Runtime.InteropServices;
using EdgeGate.Devices.Ports.Native;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Devices.Ports;

/// <summary>
/// The device's end of a serial line made by the kernel: what a simulated device speaks on, while the service under test
/// opens <see cref="HostPath"/> (or <see cref="Link"/>) as a serial port. Disposing it is pulling the plug.
/// </summary>
/// <remarks>
/// As on a real wire, bytes written while no host has the line open are gone, and a host that closes the line is no error:
/// the next one that opens it is heard again.
/// </remarks>
public sealed class PseudoTerminal : IDeviceLine
{
    private const string SlaveFolder = "/dev/pts/";
    private const nuint LockSlave = 0x40045431, GetNumber = 0x80045430; // TIOCSPTLCK, TIOCGPTN
    private const int Baud = 115200; // means nothing here

    private readonly TerminalLine _line;

    private PseudoTerminal(TerminalLine line, string hostPath, string? link) => (_line, HostPath, Link) = (line, hostPath, link);

    /// <summary>The name a host opens, for example <c>/dev/pts/7</c>.</summary>
    public string HostPath { get; }

    /// <summary>The stable name, playing the part of one under /dev/serial/by-id.</summary>
    public string? Link { get; }

    /// <summary>Somebody has the line open now.</summary>
    public bool IsOpenedByHost => !_line.NobodyListens();

    public PipeReader Input => _line.Input;

    /// <param name="link">A symbolic link to make, or to point here in one step; removed on dispose.</param>
    /// <exception cref="IOException">The kernel gives no more pseudo-terminals, or the link cannot be made.</exception>
    public static PseudoTerminal Open(string? link = null)
    {
        var master = Libc.OpenTerminal("/dev/ptmx");
        SafeFileHandle? hostOpened = null;
        try
        {
            Check(master.IsInvalid ? -1 : 0, "open /dev/ptmx");
            int number = 0, locked = 0;
            Check(Libc.IoCtl(master, LockSlave, ref locked), "unlock the pseudo-terminal");
            Check(Libc.IoCtl(master, GetNumber, ref number), "number the pseudo-terminal");
            // Without this the slave would echo what arrives before a host sets it up.
            Check(TerminalSettings.Apply(master, TerminalSettings.Raw(Baud)), "set the pseudo-terminal raw");
            var hostPath = SlaveFolder + number;
            // Opened and closed once: from then on, and only then, the master reports a hang-up while no host is there.
            using (var slave = Libc.OpenTerminal(hostPath))
                Check(slave.IsInvalid ? -1 : 0, $"open {hostPath}");
            hostOpened = Libc.INotifyInit(Libc.EventNonBlocking | Libc.EventCloseOnExec);
            Check(hostOpened.IsInvalid ? -1 : 0, "inotify");
            Check(Libc.INotifyAddWatch(hostOpened, hostPath, Libc.WatchOpen), $"watch {hostPath}");
            if (link is not null)
                PointLink(link, hostPath);
            // A write waits as long as the host does not read: a simulated device loses nothing and is never "stuck".
            var line = new TerminalLine(master, link ?? hostPath, Timeout.InfiniteTimeSpan, TimeProvider.System, hostOpened);
            return new(line, hostPath, link);
        }
        catch
        {
            master.Dispose();
            hostOpened?.Dispose();
            throw;
        }
    }

    /// <summary>Whether an open terminal is the slave of a pseudo-terminal.</summary>
    internal static bool IsSlave(SafeFileHandle terminal) =>
        new FileInfo($"/proc/self/fd/{terminal.DangerousGetHandle()}").LinkTarget is { } path
        && path.StartsWith(SlaveFolder, StringComparison.Ordinal);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _line.WriteAsync(bytes, cancellationToken);

    public ValueTask DisposeAsync()
    {
        // Before the slave goes and its number is given to another; and not when a successor has taken the name over.
        if (Link is not null && string.Equals(new FileInfo(Link).LinkTarget, HostPath, StringComparison.Ordinal))
            File.Delete(Link);
        return _line.DisposeAsync();
    }

    /// <summary>By rename, so that nobody ever finds the name missing.</summary>
    private static void PointLink(string link, string target)
    {
        var fresh = $"{link}.{Guid.NewGuid():N}";
        Check(Libc.SymLink(target, fresh), $"make the link {fresh}");
        Check(Libc.Rename(fresh, link), $"make the link {link}");
    }

    private static void Check(int result, string what)
    {
        if (result < 0)
            throw new IOException($"Cannot {what}: {Marshal.GetLastPInvokeErrorMessage()}");
    }
}
