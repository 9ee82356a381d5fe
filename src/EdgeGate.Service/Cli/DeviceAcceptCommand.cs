using System.CommandLine;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Service.Hardware;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate devices accept</c>: a person's word that another device may take the place of one the gate knows.</summary>
internal static class DeviceAcceptCommand
{
    /// <summary>The gate looks twice a second, on an OSDP line every two.</summary>
    private static readonly TimeSpan TakenWithin = TimeSpan.FromSeconds(5), LookEvery = TimeSpan.FromMilliseconds(100);

    public static Command Create(TimeProvider time)
    {
        var settings = EdgeGateCommand.SettingsOption();
        var id = new Argument<string>("id") { Description = "The device's id in the settings." };
        var command = new Command("accept", "Accepts the device that the gate refuses because another was there before.") { id, settings };
        command.SetAction((parsed, cancellationToken) => AcceptAsync(parsed.GetValue(settings)!, parsed.GetValue(id)!, time, parsed.InvocationConfiguration, cancellationToken));
        return command;
    }

    private static async Task<int> AcceptAsync(string file, string id, TimeProvider time, InvocationConfiguration terminal, CancellationToken cancellationToken)
    {
        if (RunCommand.Read(file, terminal.Error) is not { } settings)
            return ExitCode.Unusable;
        var known = settings.Devices().OfType<IPortDevice>().Select(device => device.Id).Order(StringComparer.Ordinal).ToArray();
        if (!known.Contains(id, StringComparer.Ordinal))
        {
            await terminal.Error.WriteLineAsync($"\"{id}\" is no device with a port in {file}; there are {string.Join(", ", known)}.");
            return ExitCode.Unusable;
        }
        var files = new IdentityFiles(settings.DataDirectory, id);
        if (!files.Refused.Exists)
            files = IdentityFiles.OfOsdpDevice(settings.DataDirectory, id); // not the adapter, then, but who answers on its line
        if (files.Refused.Read() is not { } refused)
        {
            await terminal.Error.WriteLineAsync($"Nothing is refused in the place of {id}.");
            return ExitCode.Failed;
        }
        try
        {
            files.Wanted.Write(refused);
        }
        catch (IOException unwritable)
        {
            await terminal.Error.WriteLineAsync($"{unwritable.Message}; try it as the gate's user: sudo -u edgegate");
            return ExitCode.Failed;
        }
        await terminal.Output.WriteLineAsync($"{id} was {Words(files.Known.Read())}; from now on it is {refused}.");
        if (!await IsTakenAsync(files, time, cancellationToken))
            await terminal.Output.WriteLineAsync("The gate has not taken it yet: does it run, is the device plugged in? It will when it next opens the port.");
        return ExitCode.Done;
    }

    private static async Task<bool> IsTakenAsync(IdentityFiles files, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var since = time.GetTimestamp(); files.Wanted.Exists;)
        {
            if (time.GetElapsedTime(since) > TakenWithin)
                return false;
            await Task.Delay(LookEvery, time, cancellationToken);
        }
        return true;
    }

    private static string Words(DeviceIdentity? identity) => identity?.ToString() ?? "nobody known";
}
