using System.CommandLine;
using EdgeGate.Devices.Ports;
using EdgeGate.Service.Simulation;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate simulate</c>: pretend devices on pseudo-terminals, and a pretend provider, for whoever has none at hand.</summary>
internal static class SimulateCommand
{
    public static Command Create(TimeProvider time, TextReader input)
    {
        var command = new Command("simulate", "Stands in for something outside the gate: a device on a pseudo-terminal, or a provider of health codes.") { SimulateProviderCommand.Create(time) };
        foreach (var (kind, words, make) in Peers(time))
            command.Add(Device(kind, words, make, time, input));
        foreach (var (kind, instead) in WithoutLine)
            command.Add(NotHere(kind, instead));
        return command;
    }

    /// <summary>Devices that hang on something else than a serial line, which no program can pretend to be: what does.</summary>
    private static readonly (string Kind, string Instead)[] WithoutLine =
    [
        ("wedge", "A keyboard scanner is an input device of the kernel. Where /dev/uinput may be written, \"evemu-device\" or python3-evdev makes one; the VM bench (./dev bench-hw) plays one. To try a gate by hand take line-scanner."),
        ("mlx90614", "An MLX90614 hangs on an I2C bus. The kernel's module i2c-stub pretends one (modprobe i2c-stub chip_addr=0x5a), as the VM bench (./dev bench-hw) does. To try a gate by hand take gy-mcu90614, which has the same sensor."),
        ("amg8833", "An AMG8833 hangs on an I2C bus. The kernel's module i2c-stub pretends one (modprobe i2c-stub chip_addr=0x69), as the VM bench (./dev bench-hw) does for its like. To try a gate by hand take gy-mcu90614."),
        ("gpio", "A GPIO portal hangs on lines of a GPIO chip. The kernel's module gpio-sim pretends one, as the VM bench (./dev bench-hw) does. To try a gate by hand take lcus-1 or text."),
        ("wiegand", "A Wiegand reader hangs on two lines of a GPIO chip. The kernel's module gpio-sim pretends one, as the VM bench (./dev bench-hw) does. To try a gate by hand take osdp, which gives the same codes."),
    ];

    private static Command NotHere(string kind, string instead)
    {
        var command = new Command(kind, "Not on a pseudo-terminal: says what to take instead.");
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Error.WriteLine(instead);
            return ExitCode.Unusable;
        });
        return command;
    }

    private static (string Kind, string Words, Func<Action<string>, ISimulatedPeer> Make)[] Peers(TimeProvider time) =>
    [
        ("sam-v", "An ID card reader with a SAM-V module.", _ => new CardReaderPeer(time)),
        ("line-scanner", "A code scanner that sends lines.", _ => new ScannerPeer(time)),
        ("gm65", "A GM65 code scanner module.", _ => ModulePeer.Gm65(time)),
        ("gm67", "A GM67 code scanner module.", _ => ModulePeer.Gm67(time)),
        ("osdp", "A card reader at address 1 of an OSDP line.", say => new OsdpPeer(time, say)),
        ("gy-mcu90614", "A GY-MCU90614 thermometer.", _ => ThermometerPeer.GyMcu90614(time)),
        ("gy-614", "A GY-614 thermometer.", _ => ThermometerPeer.Gy614(time)),
        ("modbus", "A thermometer on a Modbus line, slave 1.", _ => ThermometerPeer.Modbus()),
        ("lcus-1", "A relay board; says when it opens and closes.", say => PortalPeer.Relay(time, say)),
        ("text", "A controller that takes lines of text; says when it opens and closes.", say => PortalPeer.Text(time, say)),
    ];

    private static Command Device(string kind, string words, Func<Action<string>, ISimulatedPeer> make, TimeProvider time, TextReader input)
    {
        var link = new Option<string>("--link")
        {
            Description = "The name to open it by; it stays the same when the device is pulled and plugged in again.",
            HelpName = "path",
            DefaultValueFactory = _ => Path.Combine(Path.GetTempPath(), $"edgegate-{kind}-{Environment.ProcessId}"),
        };
        var fault = new Option<string[]>("--fault") { Description = "What is wrong on its line; may be given several times.", AllowMultipleArgumentsPerToken = true };
        fault.AcceptOnlyFromAmong([.. LineFaults.Names]);
        var command = new Command(kind, words + " Takes commands on standard input, a line each, until interrupted; help lists them.") { link, fault };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var peer = make(output.WriteLine);
            await using var stand = new SimulatedStand(peer, Path.GetFullPath(parsed.GetValue(link)!), time)
            {
                Faults = LineFaults.Of(parsed.GetValue(fault) ?? []) ?? LineFault.None,
            };
            try
            {
                stand.PlugIn();
            }
            catch (IOException refused)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(refused.Message);
                return ExitCode.Failed;
            }
            await output.WriteLineAsync($"A {kind} is at {stand.Link}. For gate.json:");
            await output.WriteLineAsync($$"""  { "id": "{{kind}}", "kind": "{{peer.Kind}}", "port": "{{stand.Link}}", "baud": {{peer.Baud}}{{peer.MoreSettings}} }""");
            await new SimulationConsole(peer, stand, input, output, time).RunAsync(cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }
}
