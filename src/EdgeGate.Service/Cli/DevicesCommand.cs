using System.CommandLine;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate devices</c>: what is attached to this machine, and what it is.</summary>
internal static class DevicesCommand
{
    public static Command Create(TimeProvider time) => new("devices", "Shows what is attached to this machine, finds out what it is, and listens to it.")
    {
        List(),
        Probe(time),
        DeviceWatchCommand.Watch(time),
        DeviceWatchCommand.Record(time),
        DeviceReplayCommand.Create(time),
        DeviceAcceptCommand.Create(time),
    };

    private static Command List()
    {
        var command = new Command("list", "Lists serial ports, keyboards, GPIO chips and I2C buses with maker, model, serial number and who holds them.");
        command.SetAction(parsed =>
        {
            var attached = new AttachedDevices().List();
            foreach (var device in attached)
                parsed.InvocationConfiguration.Output.WriteLine(LineOf(device));
            if (attached.Count == 0)
                parsed.InvocationConfiguration.Output.WriteLine("Nothing is attached that a gate could use.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Probe(TimeProvider time)
    {
        var port = new Argument<string>("port") { Description = "The serial port, such as /dev/serial/by-id/usb-…; devices list shows them." };
        var command = new Command("probe", "Asks on a port, without ordering anything, and proposes the settings.") { port };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            var path = Path.GetFullPath(parsed.GetValue(port)!);
            try
            {
                if (await new PortProbe(baud => new SerialPort(path, baud, time), time).FindAsync(cancellationToken) is not { } found)
                {
                    terminal.Output.WriteLine($"Nothing on {path} answered. A code scanner says nothing before it sees a code; a relay and a text controller are not asked, for any byte may open.");
                    return ExitCode.Failed;
                }
                terminal.Output.WriteLine($"{path}: {found.Words}, at {found.Baud} baud. For gate.json:");
                terminal.Output.WriteLine($$"""  { "id": "{{found.Kind}}", "kind": "{{found.Kind}}", "port": "{{path}}", "baud": {{found.Baud}} }""");
                return ExitCode.Done;
            }
            catch (IOException failed) // of the port: the message names cause and remedy
            {
                terminal.Error.WriteLine(failed.Message);
                return ExitCode.Failed;
            }
        });
        return command;
    }

    private static string LineOf(AttachedDevice device)
    {
        var kind = device.Kind switch { AttachedKind.SerialPort => "serial port", AttachedKind.Keyboard => "keyboard", AttachedKind.GpioChip => "GPIO chip", _ => "I2C bus" };
        string?[] words =
        [
            device.Path == device.Node ? null : $"is {device.Node}", device.Usb?.ToString() ?? device.Model, device.Usb is { Place: var place } ? $"usb path {place}" : null,
            device.Holder is { } holder ? $"held by {holder}" : null,
        ];
        return $"{kind,-12} {device.Path}  {string.Join(", ", words.OfType<string>())}".TrimEnd();
    }
}
