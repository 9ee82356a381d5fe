using System.Globalization;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Service.Demo;

/// <summary>
/// A center and its database. The center is a process of its own, as at a real site: this program knows where it lies and nothing else of it.
/// </summary>
internal sealed class DemoCenter : IAsyncDisposable
{
    /// <summary>Of every account of the demo's center, and of the key that signs orders to the gate. It answers this machine only.</summary>
    public const string Password = "edgegate-demo";
    private static readonly string[] Roles = ["officer", "manager", "operator", "auditor"];

    private readonly string _program, _directory, _settingsFile, _settings;
    private readonly PrivateDatabase _database;
    private readonly LoggedProcess _process;

    /// <param name="program">edgegate-center.dll.</param>
    /// <param name="siteKeyFile">Of the gate, which makes it at its first start; read when somebody is traced.</param>
    public DemoCenter(string directory, string program, int brokerPort, string siteKeyFile, TimeProvider time)
    {
        (_program, _directory) = (Path.GetFullPath(program), directory);
        Address = new Uri($"http://127.0.0.1:{FreeTcpPort.Take()}/");
        _settingsFile = Path.Combine(directory, "center.json");
        _database = new PrivateDatabase(Path.Combine(directory, "database"), time);
        _process = new LoggedProcess(Path.Combine(directory, "center.log"), time, Children.DotnetHost(), _program, "run", "--config", _settingsFile);
        _settings =
            $$"""
            // A center for the demo; written anew by every demo.
            {
              "instance": "demo",
              "database": { "host": "{{_database.Directory}}", "name": "{{PrivateDatabase.Name}}", "user": "{{PrivateDatabase.User}}" },
              "broker": { "host": "127.0.0.1", "port": {{brokerPort}} },
              "sites": [{ "id": "{{DemoSite.Topics.Site}}", "siteKeyFile": "{{siteKeyFile}}" }],
              "operatorKey": { "id": "{{DemoSite.CommandKeyId}}", "privateKeyFile": "{{ClosedKeyFile}}" },
              "web": { "address": "{{Address}}" },
            }
            """;
    }

    public Uri Address { get; }

    /// <summary>Of the key that signs orders: the gate is given it.</summary>
    public static string PublicKeyFileIn(string directory) => Path.Combine(Path.GetFullPath(directory), DemoSite.CommandKeyId + ".public.pem");

    private string ClosedKeyFile => Path.Combine(_directory, DemoSite.CommandKeyId + ".closed.pem");

    /// <exception cref="FileNotFoundException">The center is not where it was said to be, or PostgreSQL is not installed.</exception>
    public async Task StartAsync(string site, string gate, CancellationToken cancellationToken)
    {
        if (!File.Exists(_program))
            throw new FileNotFoundException($"there is no {_program}; build it with: dotnet build src/EdgeGate.Center -c Release");
        await _database.StartAsync(cancellationToken);
        await File.WriteAllTextAsync(_settingsFile, _settings, cancellationToken);
        await AskAsync("", ["migrate"], cancellationToken);
        await AskAsync("", ["gate", "add", $"{site}/{gate}", "--pin-first-key"], cancellationToken);
        if (!File.Exists(ClosedKeyFile)) // else an earlier demo in this directory has made all of it
        {
            foreach (var role in Roles)
                await AskAsync(Password, ["account", "add", role, "--role", role, "--from-input"], cancellationToken);
            await Children.AskAsync(Password, Children.DotnetHost(), [_program, "operator-key", DemoSite.CommandKeyId, "--directory", _directory], cancellationToken);
        }
        _process.Start();
    }

    /// <summary>How many records the database holds, asked of itself and not of the center.</summary>
    /// <param name="after">The last number that does not count.</param>
    public async Task<long> CountAsync(long after, CancellationToken cancellationToken) =>
        long.Parse(await _database.AskAsync($"select count(*) from record where sequence > {after}", cancellationToken), CultureInfo.InvariantCulture);

    /// <exception cref="InvalidOperationException">The center failed, or knows of no passage of this person.</exception>
    public async Task<string> TraceAsync(string idNumber, CancellationToken cancellationToken)
    {
        string[] question = ["trace", "--from", "2000-01-01", "--to", "2200-01-01", "--within", "10m", "--purpose", "demo", "--asker", "demo"];
        var trace = await AskAsync(idNumber, question, cancellationToken);
        return trace.StartsWith("0 passages", StringComparison.Ordinal)
            ? throw new InvalidOperationException("the center found no passage of a person who was at the gate")
            : trace;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <param name="typed">Personal data go this way: others can read a command line.</param>
    private Task<string> AskAsync(string typed, string[] arguments, CancellationToken cancellationToken) =>
        Children.AskAsync(typed, Children.DotnetHost(), [_program, .. arguments, "--config", _settingsFile], cancellationToken);
}
