using System.CommandLine;
using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.Ports;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate relays off</c>: what the service manager runs after the gate has ended, however it ended.</summary>
internal static class RelaysCommand
{
    public static Command Create(TimeProvider time)
    {
        var settings = EdgeGateCommand.SettingsOption();
        var off = new Command("off", "Switches the relays of all GPIO portals off, as if the power had gone; refused while the gate runs.") { settings };
        off.SetAction((parsed, cancellationToken) => OffAsync(parsed.GetValue(settings)!, time, parsed.InvocationConfiguration, cancellationToken));
        return new Command("relays", "The relays of GPIO portals.") { off };
    }

    private static async Task<int> OffAsync(string file, TimeProvider time, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        if (RunCommand.Read(file, console.Error) is not { } settings)
            return ExitCode.Unusable;
        var failed = false;
        foreach (var portal in settings.Lanes.Select(lane => lane.Portal).OfType<GpioPortalSettings>())
        {
            try
            {
                await console.Output.WriteLineAsync($"{portal.Id}: {await OffAsync(portal, time, cancellationToken)}");
            }
            catch (DevicePortException refused)
            {
                failed = true;
                await console.Error.WriteLineAsync($"{portal.Id}: {refused.Message}");
            }
        }
        return failed ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>A gate that dies in a fire has left its doors open, and they stay as they are.</summary>
    private static async Task<string> OffAsync(GpioPortalSettings portal, TimeProvider time, CancellationToken cancellationToken)
    {
        var options = LaneSetup.OptionsOf(portal);
        if (options.FireInput is { } fire)
        {
            await using var loop = await new GpioPort(portal.Chip, [fire.Request], time).OpenAsync(cancellationToken);
            if (loop.IsActive(0))
                return "left as it is, for the fire input is active";
        }
        await using var relays = await new GpioPort(portal.Chip, options.RelaysOff, time).OpenAsync(cancellationToken);
        return "off";
    }
}
