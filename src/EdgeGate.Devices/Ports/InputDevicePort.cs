using System.Runtime.InteropServices;
using System.Text;
using EdgeGate.Devices.Ports.Native;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Devices.Ports;

/// <summary>
/// A keyboard of the kernel's input layer (<c>/dev/input/event*</c>), exclusively ours: what it types reaches neither a
/// console nor a screen. The line's bytes are <c>struct input_event</c>; nothing can be written.
/// </summary>
/// <param name="path">A name that stays with the device: <c>/dev/input/by-id/…-event-kbd</c>, or by-path.</param>
public sealed class InputDevicePort(string path, TimeProvider time) : IDevicePort
{
    private const nuint Grab = 0x40044590; // EVIOCGRAB
    private const int TextLength = 256;
    private const nuint GetName = 0x80004506 | TextLength << 16, GetUnique = 0x80004508 | TextLength << 16; // EVIOCGNAME, EVIOCGUNIQ

    private readonly PortFaults _faults = new(path, "/dev/input/by-id", "keyboard");

    public string Name => path;

    /// <summary>What the device calls itself, and its serial number where it has one; null before it was opened.</summary>
    public InputDeviceIdentity? Identity { get; private set; }

    public async ValueTask<IDeviceLine> OpenAsync(CancellationToken cancellationToken) =>
        await Task.Run(Open, cancellationToken);

    private TerminalLine Open()
    {
        var device = Libc.OpenTerminal(path);
        try
        {
            Check(device.IsInvalid ? -1 : 0);
            // First, so that nothing that is no keyboard is ever grabbed; a keyboard without a serial number answers with an error.
            Check(Text(device, GetName, out var name));
            Text(device, GetUnique, out var serial);
            Check(Libc.IoCtl(device, Grab, 1));
            Identity = new InputDeviceIdentity(name, serial);
            return new TerminalLine(device, path, TimeSpan.FromSeconds(1), time);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    private static int Text(SafeFileHandle device, nuint request, out string text)
    {
        Span<byte> bytes = stackalloc byte[TextLength];
        bytes.Clear();
        var length = Libc.IoCtl(device, request, bytes);
        text = length < 0 ? "" : Encoding.UTF8.GetString(bytes.TrimEnd((byte)0));
        return length;
    }

    private void Check(int result)
    {
        if (result < 0)
            throw _faults.Explain((Errno)Marshal.GetLastPInvokeError());
    }
}

/// <summary>What a keyboard says it is. Anybody's words: whoever shows or logs them must expect anything in them.</summary>
/// <param name="Name">As the maker put it.</param>
/// <param name="Serial">Empty for many.</param>
public sealed record InputDeviceIdentity(string Name, string Serial);
