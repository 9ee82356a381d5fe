using System.Runtime.InteropServices;
using EdgeGate.Devices.Ports.Native;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Devices.Ports;

/// <summary>
/// A serial port of the kernel (UART, USB serial, or the slave of a pseudo-terminal): 8 data bits, no parity, 1 stop bit,
/// raw, exclusively ours. One thread per open line.
/// </summary>
/// <param name="path">
/// A name that stays with the device: <c>/dev/serial/by-id/…</c>, or by-path for adapters without a serial number.
/// </param>
/// <param name="baud">
/// One of <see cref="SupportedBauds"/>; another one fails when the port is opened, so that a bad setting does not keep the
/// gate from starting.
/// </param>
/// <param name="time">For the write time-out.</param>
public sealed class SerialPort(string path, int baud, TimeProvider time) : IDevicePort
{
    private readonly PortFaults _faults = new(path);

    public static IReadOnlyList<int> SupportedBauds => TerminalSettings.Speeds;

    public string Name => path;

    /// <summary>How long a write waits for the device to take at least one byte; flow control may stop it for ever.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(2);

    // On the pool: some USB drivers talk to the device inside open.
    public async ValueTask<IDeviceLine> OpenAsync(CancellationToken cancellationToken) =>
        await Task.Run(Open, cancellationToken);

    private TerminalLine Open()
    {
        if (!SupportedBauds.Contains(baud))
            throw Refused($"{baud} baud is not supported for {path}: set one of {string.Join(", ", SupportedBauds)}");
        var terminal = Libc.OpenTerminal(path);
        try
        {
            Check(terminal.IsInvalid ? -1 : 0);
            Claim(terminal);
            Configure(terminal);
            return new TerminalLine(terminal, path, WriteTimeout, time);
        }
        catch
        {
            terminal.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Both locks are needed: TIOCEXCL does not stop root, and flock does not stop programs that do not ask for it.
    /// </summary>
    private void Claim(SafeFileHandle terminal)
    {
        Check(TerminalSettings.Read(terminal, out _)); // first, so that no other kind of file is ever locked
        Check(Libc.FLock(terminal, Libc.LockExclusiveNow));
        // The slave of a pseudo-terminal lives as long as its master, and with it this flag: whoever is not root could
        // never open it a second time.
        if (!PseudoTerminal.IsSlave(terminal))
            Check(TerminalSettings.ForbidFurtherOpens(terminal));
    }

    private void Configure(SafeFileHandle terminal)
    {
        var wanted = TerminalSettings.Raw(baud);
        Check(TerminalSettings.Apply(terminal, wanted));
        // The call succeeds even when the driver took only a part of it.
        Check(TerminalSettings.Read(terminal, out var taken));
        if (taken.Baud != wanted.Baud)
            throw Refused($"{path} cannot do {baud} baud: its driver answered with {taken.Baud?.ToString() ?? "another speed"}");
        if (!taken.Equals(wanted))
            throw Refused($"{path} cannot do raw 8N1 without flow control: its driver changed the settings");
        Check(TerminalSettings.DiscardBuffers(terminal));
    }

    private void Check(int result)
    {
        if (result < 0)
            throw _faults.Explain((Errno)Marshal.GetLastPInvokeError());
    }

    private static DevicePortException Refused(string message) => new(DevicePortFault.SettingsRefused, message);
}
