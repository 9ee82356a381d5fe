namespace EdgeGate.Service.Simulation;

/// <summary>A person at a terminal who plays with a pretend device: one command a line.</summary>
internal sealed class SimulationConsole(ISimulatedPeer peer, SimulatedStand stand, TextReader input, TextWriter output, TimeProvider time)
{
    private string Help => $"{peer.Commands}; fault {string.Join('|', LineFaults.Names)} (several with spaces), unplug, plug, reset, quit";

    /// <summary>Until told to quit or cancelled; the end of the input alone does not end it, for there may be no terminal.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.Trim() is "quit")
                    return;
                if (line.Trim() is { Length: > 0 } command)
                    await output.WriteLineAsync(await ObeyAsync(command, cancellationToken));
            }
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // interrupted, as such a program ends
        }
    }

    /// <summary>A terminal's input cannot be cancelled: whoever waits for it is left behind when the program ends.</summary>
    private Task<string?> ReadLineAsync(CancellationToken cancellationToken) => Task.Run(input.ReadLine, cancellationToken).WaitAsync(cancellationToken);

    private async Task<string> ObeyAsync(string line, CancellationToken cancellationToken)
    {
        var (command, rest) = line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? (line[..space], line[(space + 1)..].Trim()) : (line, "");
        switch (command, rest)
        {
            case ("help", _):
                return Help;
            case ("unplug", ""):
                await stand.UnplugAsync();
                return "pulled";
            case ("plug", ""):
                stand.PlugIn();
                return $"plugged in at {stand.Link}";
            case ("reset", ""):
                await stand.ResetAsync();
                return "reset";
            case ("fault", { Length: > 0 }) when LineFaults.Of(rest.Split(' ', StringSplitOptions.RemoveEmptyEntries)) is { } faults:
                stand.Faults = faults;
                return $"the line: {faults}";
            default:
                return stand.IsPluggedIn ? await peer.DoAsync(command, rest, cancellationToken) ?? $"no such command; there are {Help}" : "it is not plugged in";
        }
    }
}
