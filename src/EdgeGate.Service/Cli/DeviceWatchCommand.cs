using System.CommandLine;
using EdgeGate.Devices.Captures;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Service.Hardware;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate devices watch</c> and <c>record</c>: what a device reads now, and what goes over its line.</summary>
internal static class DeviceWatchCommand
{
    public static Command Watch(TimeProvider time)
    {
        var device = new DeviceArgument();
        var command = new Command("watch", "Shows what a device reads, as it reads it, until interrupted. A gate that runs has the port, and is named.");
        device.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(device.Find(parsed), recorded: null, time, parsed.InvocationConfiguration.Output, cancellationToken));
        return command;
    }

    public static Command Record(TimeProvider time)
    {
        var device = new DeviceArgument();
        var file = new Argument<string>("file") { Description = "The capture to write; hardware/captures.md describes it." };
        var command = new Command("record", "Writes down every byte that goes over a device's line, both ways, while its driver talks to it, until interrupted. Cards and codes shown meanwhile are in it.");
        device.AddTo(command);
        command.Add(file);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (device.Find(parsed) is not { } found)
                return ExitCode.Unusable;
            if (found is not IPortDevice { Place: var place })
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(found is WiegandReaderSettings
                    ? $"{found.Id} sends pulses on two wires and no bytes, and no pseudo-terminal could play them again: devices watch {found.Id} shows what they are taken for."
                    : $"{found.Id} has no line whose bytes could be recorded.");
                return ExitCode.Unusable;
            }
            try
            {
                // Not for others: what is shown at a reader is somebody's.
                await using var capture = new StreamWriter(new FileStream(
                    parsed.GetValue(file)!,
                    new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
                {
                    AutoFlush = true,
                };
                await capture.WriteLineAsync($"# edgegate capture 1, {place}, {time.GetLocalNow():yyyy-MM-dd HH:mm:sszzz}");
                return await RunAsync(found, piece => capture.WriteLine(piece), time, parsed.InvocationConfiguration.Output, cancellationToken);
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(unwritable.Message);
                return ExitCode.Failed;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(DeviceSettings? device, Action<Traffic>? recorded, TimeProvider time, TextWriter output, CancellationToken cancellationToken)
    {
        if (device is null)
            return ExitCode.Unusable;
        var readings = new DeviceReadings(time, words => output.WriteLine($"{time.GetLocalNow():HH:mm:ss.fff} {words}"));
        try
        {
            switch (device)
            {
                case I2cThermometerSettings chip:
                    await readings.WatchAsync(chip, cancellationToken);
                    break;
                case WiegandReaderSettings wiegand:
                    await readings.WatchAsync(wiegand, cancellationToken);
                    break;
                case IPortDevice own:
                    var port = new DevicePorts(new UsbTree(), identities: null, time).Of(own);
                    await readings.WatchAsync(device, recorded is null ? port : new RecordedPort(port, recorded, time), cancellationToken);
                    break;
                default:
                    await output.WriteLineAsync($"{device.Id} reads nothing that could be watched.");
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // interrupted, as it ends
        }
        return ExitCode.Done;
    }

    private sealed class RecordedPort(IDevicePort port, Action<Traffic> seen, TimeProvider time) : IDevicePort
    {
        public string Name => port.Name;

        public async ValueTask<IDeviceLine> OpenAsync(CancellationToken cancellationToken) => new RecordedLine(await port.OpenAsync(cancellationToken), seen, time);
    }
}
