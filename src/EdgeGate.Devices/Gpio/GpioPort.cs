using System.Runtime.InteropServices;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Native;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Devices.Gpio;

/// <summary>
/// Lines of one GPIO chip of the kernel. The chip is found by its label, since its number changes with the model and the kernel;
/// a line by its name or its number on the chip.
/// </summary>
/// <param name="chip">Such as pinctrl-bcm2711 or pinctrl-rp1; <c>gpiodetect</c> shows them in brackets.</param>
/// <param name="lines">What is to be ours. They are taken together or not at all.</param>
public sealed class GpioPort(string chip, IReadOnlyList<GpioLineRequest> lines, TimeProvider time) : IDevicePort<IGpioLines>
{
    private const string Consumer = "edgegate";

    public string Name { get; } = $"GPIO chip {chip}";

    public async ValueTask<IGpioLines> OpenAsync(CancellationToken cancellationToken) =>
        await Task.Run(Open, cancellationToken);

    private KernelGpioLines Open()
    {
        using var found = Find(out var count);
        var names = LinesOf(found, count);
        var wanted = lines.Select(line => (Offset: OffsetOf(line.Line, names), Line: line)).ToArray();
        if (wanted.CountBy(line => line.Offset).FirstOrDefault(line => line.Value > 1) is { Value: > 1, Key: var twice })
            throw Refused($"line {names[twice].Name} of {Name} is set for two things");
        Span<byte> request = stackalloc byte[GpioStructs.RequestSize];
        if (wanted.Length > GpioStructs.MostLines || !GpioStructs.TryWriteRequest(request, Consumer, wanted))
            throw Refused($"the lines of {Name} are set in too many different ways: give inputs the same debounce time and bias");
        if (Libc.IoCtl(found, GpioStructs.GetLine, request) < 0)
            throw Explain((Errno)Marshal.GetLastPInvokeError(), wanted, names);
        var descriptor = new SafeFileHandle(GpioStructs.ReadDescriptor(request), ownsHandle: true);
        return new KernelGpioLines(descriptor, Name, [.. wanted.Select(line => line.Offset)], [.. wanted.Select(line => line.Line.IsOutput)], time);
    }

    /// <summary>The only chip with the label, opened.</summary>
    private SafeFileHandle Find(out int lineCount)
    {
        var (found, labels, denied) = ((SafeFileHandle?)null, new List<string>(), (string?)null);
        lineCount = 0;
        foreach (var path in Directory.EnumerateFileSystemEntries("/dev", "gpiochip*").Order(StringComparer.Ordinal))
        {
            var file = Libc.OpenDevice(path);
            if (file.IsInvalid)
            {
                denied = (Errno)Marshal.GetLastPInvokeError() is Errno.AccessDenied or Errno.NotPermitted ? path : denied;
                file.Dispose();
                continue;
            }
            var (label, count) = InfoOf(file);
            labels.Add(label);
            if (label != chip)
            {
                file.Dispose();
                continue;
            }
            if (found is not null)
            {
                file.Dispose();
                found.Dispose();
                throw Refused($"two GPIO chips have the label {chip}: unplug one, for nobody can tell them apart");
            }
            (found, lineCount) = (file, count);
        }
        return found ?? throw (denied is not null
            ? new DevicePortException(DevicePortFault.NotPermitted, new PortFaults(denied).ExplainPermission())
            : new DevicePortException(
                DevicePortFault.Absent,
                labels.Count > 0 ? $"no GPIO chip has the label {chip}; there are {string.Join(", ", labels)}" : $"{Name} is not there: this machine has no GPIO chip at all"));
    }

    private static (string Label, int Lines) InfoOf(SafeFileHandle file)
    {
        Span<byte> info = stackalloc byte[GpioStructs.ChipInfoSize];
        info.Clear();
        return Libc.IoCtl(file, GpioStructs.GetChipInfo, info) < 0 ? ("", 0) : GpioStructs.ReadChipInfo(info);
    }

    private static (string Name, string Consumer)[] LinesOf(SafeFileHandle file, int count)
    {
        var known = new (string Name, string Consumer)[count];
        Span<byte> info = stackalloc byte[GpioStructs.LineInfoSize];
        for (var offset = 0; offset < count; offset++)
        {
            GpioStructs.WriteLineInfo(info, offset);
            known[offset] = Libc.IoCtl(file, GpioStructs.GetLineInfo, info) < 0 ? ("", "") : GpioStructs.ReadLineInfo(info);
        }
        return known;
    }

    private int OffsetOf(string line, (string Name, string Consumer)[] known)
    {
        var named = known.Index().Where(candidate => candidate.Item.Name == line).Select(candidate => candidate.Index).ToArray();
        return named switch
        {
            [var only] => only,
            [] when int.TryParse(line, out var offset) && offset >= 0 && offset < known.Length => offset,
            [] => throw Refused($"{Name} has no line {line}: gpioinfo shows their names, or set a number below {known.Length}"),
            _ => throw Refused($"{Name} has several lines named {line}: set the number of the one meant ({string.Join(", ", named)})"),
        };
    }

    private DevicePortException Explain(Errno error, (int Offset, GpioLineRequest Line)[] wanted, (string Name, string Consumer)[] known)
    {
        var held = wanted.Where(line => known[line.Offset].Consumer.Length > 0).Select(line => $"{line.Line.Line} by {known[line.Offset].Consumer}").ToArray();
        return error switch
        {
            Errno.Busy => new(DevicePortFault.HeldByAnother, held.Length > 0
                ? $"lines of {Name} are in use ({string.Join(", ", held)}): stop that program, or take its overlay out of the boot configuration"
                : $"a line of {Name} is in use by another program or driver: gpioinfo shows which"),
            Errno.InvalidArgument => Refused($"{Name} cannot do what the settings ask of its lines: leave out bias or debounce"),
            _ => new PortFaults(Name).Explain(error),
        };
    }

    private static DevicePortException Refused(string message) => new(DevicePortFault.SettingsRefused, message);
}
