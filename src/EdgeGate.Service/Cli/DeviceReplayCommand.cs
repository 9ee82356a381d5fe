using System.CommandLine;
using EdgeGate.Devices.Captures;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate devices replay</c>: a capture plays the device it was taken from.</summary>
internal static class DeviceReplayCommand
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>A host that opens a line throws away what was sent before it had set it up.</summary>
    private static readonly TimeSpan HostSetsUp = TimeSpan.FromMilliseconds(300);

    public static Command Create(TimeProvider time)
    {
        var file = new Argument<string>("file") { Description = "A capture, as devices record writes it." };
        var link = new Option<string?>("--link") { Description = "A name to open it by.", HelpName = "path" };
        var fast = new Option<bool>("--fast") { Description = "With short pauses only." };
        var command = new Command("replay", "Plays the device's side of a capture on a pseudo-terminal, once somebody opens it: the gate, or devices watch.") { file, link, fast };
        command.SetAction((parsed, cancellationToken) => PlayAsync(
            parsed.GetValue(file)!, parsed.GetValue(link), parsed.GetValue(fast) ? CapturePlayer.Fast : CapturePlayer.AsItWas, time, parsed.InvocationConfiguration, cancellationToken));
        return command;
    }

    private static async Task<int> PlayAsync(string file, string? link, TimeSpan longestPause, TimeProvider time, InvocationConfiguration terminal, CancellationToken cancellationToken)
    {
        try
        {
            var capture = Traffic.Parse(await File.ReadAllLinesAsync(file, cancellationToken));
            await using var line = PseudoTerminal.Open(link is null ? null : Path.GetFullPath(link));
            await terminal.Output.WriteLineAsync($"{capture.Count} pieces are played at {line.Link ?? line.HostPath} when somebody opens it.");
            while (!line.IsOpenedByHost)
                await Task.Delay(LookEvery, time, cancellationToken);
            await Task.Delay(HostSetsUp, time, cancellationToken);
            await CapturePlayer.PlayAsync(capture, line, longestPause, time, cancellationToken);
            await terminal.Output.WriteLineAsync("That was all; the device is pulled when this program ends.");
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Done; // interrupted
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or FormatException)
        {
            await terminal.Error.WriteLineAsync(unusable.Message);
            return ExitCode.Failed;
        }
    }
}
