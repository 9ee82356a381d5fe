using System.Diagnostics;
using System.Security.Cryptography;
using EdgeGate.Center;
using EdgeGate.Service.Cli;
using EdgeGate.Service.Demo;
using EdgeGate.Testing;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests.Interop;

/// <summary>
/// What is published for others, tried by others: a real gate and center, the two example subscribers, and the public tools for AsyncAPI and JSON Schema.
/// Needs what only <c>./dev interop</c> installs.
/// </summary>
public sealed class OtherSubscribersTests : SystemTest, IDisposable
{
    // Not EDGEGATE_…: such a name would be a setting to the gate that inherits it.
    private static readonly string Tools = Environment.GetEnvironmentVariable("INTEROP_SCHEMA_TOOLS") ?? "";
    private static readonly string KeyFolder = Directory.CreateTempSubdirectory("edgegate-interop-key-").FullName;
    private readonly ECDsa _commandKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<Process> _started = [];

    public OtherSubscribersTests(ITestOutputHelper output)
        : base(output, new DemoOptions { MeasuresTemperature = false, CommandKeyFile = Path.Combine(KeyFolder, "demo.public.pem"), CenterProgram = typeof(CenterHost).Assembly.Location })
    {
        File.WriteAllText(Path.Combine(KeyFolder, "demo.public.pem"), _commandKey.ExportSubjectPublicKeyInfoPem());
        File.WriteAllText(Path.Combine(KeyFolder, "demo.private.pem"), _commandKey.ExportPkcs8PrivateKeyPem());
    }

    public override async Task InitializeAsync()
    {
        Skip.If(Tools.Length == 0, "needs node, jq, paho and packages of npm: ./dev interop installs them");
        File.SetUnixFileMode(Root, File.GetUnixFileMode(Root) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute); // the site's database belongs to another user
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        foreach (var process in _started)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }
        await base.DisposeAsync();
    }

    public void Dispose()
    {
        _commandKey.Dispose();
        Directory.Delete(KeyFolder, recursive: true);
    }

    [SkippableFact]
    public async Task Public_tools_and_example_subscribers_understand_everything_that_a_gate_and_a_center_send()
    {
        var port = $"{Site.Broker.Port}";
        var traffic = Record("traffic.jsonl", "/usr/bin/mosquitto_sub", "-h", "127.0.0.1", "-p", port, "-q", "1", "-t", "#", "-F", "%j");
        var python = Record("python.txt", "/usr/bin/python3", Example("subscriber.py"), "127.0.0.1", port);
        var shell = Record("shell.txt", "/bin/sh", Example("subscriber.sh"), "127.0.0.1", port);
        await UntilAsync(() => File.ReadAllText(python).Contains("state north-1 online", StringComparison.Ordinal), "the example in Python has heard the retained state");
        await UntilAsync(() => File.ReadAllText(traffic).Contains("/tally", StringComparison.Ordinal), "the recording has the retained tally");

        await PassAsync(people: 10, seed: 5);
        var sent = await EdgeGateCommand.Create(TimeProvider.System).Parse(["command", "send", "identify", "--key", Path.Combine(KeyFolder, "demo.private.pem"), "--settings", Site.SettingsFile]).InvokeAsync();
        Assert.Equal(ExitCode.Done, sent);
        await Site.WaitUntilAsync(
            health => health.GetProperty("journal") is var journal && journal.GetProperty("acknowledgedUpTo").GetInt64() == journal.GetProperty("last").GetInt64(), TimeSpan.FromSeconds(60), CancellationToken.None);

        var records = await JournalAsync();
        var decided = records.Count(record => record.GetProperty("type").GetString() == "edgegate.access-decided.v1");
        await UntilAsync(() => Lines(python, "edgegate.").Count() >= records.Count && Lines(shell, "").Count() >= decided, "the examples have everything");
        Assert.Equal(records.Select(record => record.GetProperty("id").GetString()).Order(StringComparer.Ordinal), Lines(python, "edgegate.").Select(line => line.Split(' ')[1]).Order(StringComparer.Ordinal));
        Assert.Equal(decided, Lines(shell, "").Count());

        var (exit, said) = await RunAsync("node", Path.Combine(Repository.Root, "tests/EdgeGate.SystemTests/Interop/validate.mjs"), Tools, Path.Combine(Repository.Root, "src/EdgeGate.Messages/Documents"), traffic);
        Report(said);
        Assert.True(exit == 0, said);
        foreach (var kind in (string[])["edgegate.access-decided.v1", "edgegate.passage.v1", "edgegate.command.v1", "state", "tally", "receipt", "reply", "command-claims", "occupancy", "device"])
            Assert.Contains($"\"{kind}\":", said, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Lines(string file, string beginning) => File.ReadLines(file).Where(line => line.StartsWith(beginning, StringComparison.Ordinal));

    private static string Example(string name) => Path.Combine(Repository.Root, "src/EdgeGate.Messages/Examples", name);

    /// <returns>The file that what it says goes to.</returns>
    private string Record(string name, string program, params string[] arguments)
    {
        var file = Path.Combine(Root, name);
        File.WriteAllText(file, "");
        _started.Add(Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\"", file, program, .. arguments]) { UseShellExecute = false })!);
        return file;
    }

    private static async Task<(int Exit, string Said)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said + await errors);
    }

    private static async Task UntilAsync(Func<bool> isSo, string what)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(90), $"waited in vain: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}
