using System.Runtime.InteropServices;
using EdgeGate.Devices.Ports.Native;

namespace EdgeGate.Devices.Ports;

/// <summary>Turns the kernel's error numbers for one port into what an installer has to do.</summary>
/// <param name="path">The port as it is set.</param>
/// <param name="names">Where the system keeps names that stay the same.</param>
/// <param name="kind">What should be there.</param>
internal sealed class PortFaults(string path, string names = "/dev/serial/by-id", string kind = "serial line")
{
    /// <summary>Asked first the next time: a port that is held is tried twice a second, and a search looks at every process.</summary>
    private PortHolder? _lastHolder;

    /// <param name="error">From opening, locking or setting the port.</param>
    public DevicePortException Explain(Errno error) => error switch
    {
        Errno.NoEntry or Errno.NotADirectory or Errno.TooManyLinks => new(
            DevicePortFault.Absent, $"{path} is not there: is it plugged in? See what is: ls -l {names}"),
        // A node without a device behind it: a UART that is switched off, or a USB device on its way in or out.
        Errno.NoSuchDeviceOrAddress or Errno.NoDevice or Errno.InputOutput => new(
            DevicePortFault.Absent, $"{path} has no device behind it: is it plugged in and powered?"),
        Errno.AccessDenied or Errno.NotPermitted => new(DevicePortFault.NotPermitted, ExplainPermission()),
        Errno.Busy or Errno.TryAgain => new(DevicePortFault.HeldByAnother, ExplainHolder(isOpenHere: error is Errno.TryAgain)) // flock is asked of an open file
        {
            HolderProcess = _lastHolder?.ProcessId,
        },
        Errno.NotATerminal or Errno.IsADirectory => new(
            DevicePortFault.NotASerialLine, $"{path} is not a {kind}: set the device's name under {names}"),
        _ => new(DevicePortFault.Unusable, $"{path} cannot be used: {Marshal.GetPInvokeErrorMessage((int)error)} (errno {(int)error})"),
    };

    public string ExplainPermission()
    {
        var user = Environment.UserName;
        return Group() switch
        {
            null => $"user {user} may not open {path}",
            "root" => $"user {user} may not open {path}, which is root's: give it a group with a udev rule (GROUP=\"dialout\")",
            var group => $"user {user} may not open {path}, which is for group {group}: "
                + $"add the user to it (sudo usermod -aG {group} {user}) and restart the service",
        };
    }

    private string ExplainHolder(bool isOpenHere)
    {
        _lastHolder = PortHolder.Find(path, suspect: _lastHolder, isOpenHere);
        if (_lastHolder is not { } holder)
            return $"{path} is held by another program; see which: sudo fuser -v {path}";
        if (holder.ProcessId == Environment.ProcessId)
            return $"{path} is already open in this service: two devices are set to the same port";
        var remedy = holder.Program is "ModemManager"
            ? "keep it away with a udev rule (ENV{ID_MM_DEVICE_IGNORE}=\"1\") or remove it"
            : "stop it or set another port";
        return $"{path} is held by {holder.Program} (process {holder.ProcessId}): {remedy}";
    }

    /// <summary>The group's name, its number when it has none, or null when the file cannot be looked at.</summary>
    private string? Group()
    {
        const int CurrentDirectory = -100, BasicStatus = 0x7FF, GroupOffset = 24;
        Span<byte> status = stackalloc byte[256]; // struct statx is the same on every processor, struct stat is not
        if (Libc.StatX(CurrentDirectory, path, 0, BasicStatus, status) < 0)
            return null;
        var id = BitConverter.ToUInt32(status[GroupOffset..]).ToString();
        var entries = File.ReadLines("/etc/group").Select(line => line.Split(':')); // dialout:x:20:alice,bob
        return entries.FirstOrDefault(entry => entry.Length > 2 && string.Equals(entry[2], id, StringComparison.Ordinal))?[0] ?? id;
    }
}
