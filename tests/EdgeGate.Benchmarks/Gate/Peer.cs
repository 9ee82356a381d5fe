using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace EdgeGate.Benchmarks.Gate;

/// <summary>
/// Another program of the same task, told what it needs by the environment: READER, GATE, MQTT_PORT, DB, RULES, WORK. The folder
/// that PEERS names describes them in common/peers.json: shell commands <c>prepare</c>, <c>start</c> and <c>rows</c>.
/// </summary>
internal sealed class Peer(string name, Peer.Description description) : GateProgram(name)
{
    /// <summary>Where the peers are; not in this repository. (No name of the gate's own: it takes those for settings.)</summary>
    public const string FolderVariable = "PEERS";

    private const string NodeRedVariable = "NODERED";

    internal sealed record Description(string Start, string Rows, string? Prepare = null);

    /// <summary>Those that can run here; Node-RED needs the folder where it is installed.</summary>
    public static IReadOnlyList<GateProgram> Installed()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { } folder)
            return [];
        var hasNodeRed = Environment.GetEnvironmentVariable(NodeRedVariable) is not null;
        var described = JsonSerializer.Deserialize<Dictionary<string, Description>>(File.ReadAllText(Path.Combine(folder, "common", "peers.json")), JsonSerializerOptions.Web)!;
        return [.. described.Where(one => hasNodeRed || !one.Value.Start.Contains(NodeRedVariable, StringComparison.Ordinal)).Select(one => new Peer(one.Key, one.Value))];
    }

    public override ProcessStartInfo Prepare(GateSurroundings around)
    {
        WriteRules(RulesOf(around));
        if (description.Prepare is { } prepare)
            Run(prepare, around);
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec {description.Start} >> '{LogOf(around)}' 2>&1"]) { UseShellExecute = false };
        Tell(start, around);
        start.WorkingDirectory = around.Folder;
        return start;
    }

    public override string ScanOf(string code) => code + ";G1";

    public override string IdOf(string code) => code;

    public override Task<IReadOnlyList<string>> JournaledAsync(GateSurroundings around, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>(Run(description.Rows, around).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    public override string? IdIn(string message) =>
        message.IndexOf(GateUnderTest.CodePrefix, StringComparison.Ordinal) is >= 0 and var at ? message.Substring(at, GateUnderTest.CodeLength) : null;

    private static string RulesOf(GateSurroundings around) => Path.Combine(around.Folder, "rules.json");

    private static void WriteRules(string path)
    {
        var rules = Enumerable.Range(0, 199).Select(i => new { prefix = $"FF{i:X2}", gate = "G1", from = 360, to = 1260, allow = i % 3 != 0 })
            .Append(new { prefix = "04", gate = "G1", from = 0, to = 1440, allow = true });
        File.WriteAllText(path, JsonSerializer.Serialize(rules));
    }

    private static string Run(string command, GateSurroundings around)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true, UseShellExecute = false };
        Tell(start, around);
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"'{command}' ended with {process.ExitCode}: {said}");
    }

    private static void Tell(ProcessStartInfo start, GateSurroundings around)
    {
        start.Environment["READER"] = around.Reader;
        start.Environment["GATE"] = around.Portal;
        start.Environment["MQTT_PORT"] = around.BrokerPort.ToString(CultureInfo.InvariantCulture);
        start.Environment["DB"] = Path.Combine(around.Folder, "edge.db");
        start.Environment["RULES"] = RulesOf(around);
        start.Environment["WORK"] = around.Folder;
    }
}
