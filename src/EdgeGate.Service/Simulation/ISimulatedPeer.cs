using EdgeGate.Devices.Ports;

namespace EdgeGate.Service.Simulation;

/// <summary>A pretend device of one kind, with what a person can do with it.</summary>
internal interface ISimulatedPeer
{
    /// <summary>As in the settings; where one peer serves several, the usual one.</summary>
    string Kind { get; }

    int Baud { get; }

    /// <summary>What its block in gate.json needs beside id, kind, port and baud; empty for nothing.</summary>
    string MoreSettings { get; }

    /// <summary>The commands it takes, in words.</summary>
    string Commands { get; }

    /// <summary>Speaks on a line until it is taken away. Called again after a reset or a replug, and then knows nothing of before.</summary>
    Task RunAsync(IDeviceLine line, CancellationToken stopping);

    /// <returns>What was done, in words; null when it knows no such command.</returns>
    ValueTask<string?> DoAsync(string command, string rest, CancellationToken cancellationToken);
}
