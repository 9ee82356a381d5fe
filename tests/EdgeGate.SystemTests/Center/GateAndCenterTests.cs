using System.Diagnostics;
using System.Security.Cryptography;
using EdgeGate.Center;
using EdgeGate.Center.Tests.Fleet;
using EdgeGate.Devices.Ports;
using EdgeGate.Service.Demo;
using EdgeGate.Testing;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests.Center;

/// <summary>One real gate and one real center, each a process of its own, between them mosquitto, behind them PostgreSQL.</summary>
public sealed class GateAndCenterTests : SystemTest, IDisposable
{
    private static readonly string KeyFolder = Directory.CreateTempSubdirectory("edgegate-center-key-").FullName;
    private readonly ECDsa _commandKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private PrivatePostgres? _postgres;
    private CenterProcess? _center;

    public GateAndCenterTests(ITestOutputHelper output)
        : base(output, new DemoOptions { MeasuresTemperature = false, CenterGivesReceipts = true, CommandKeyFile = Path.Combine(KeyFolder, "public.pem") })
    {
        File.WriteAllText(Path.Combine(KeyFolder, "public.pem"), _commandKey.ExportSubjectPublicKeyInfoPem());
        File.WriteAllText(Path.Combine(KeyFolder, "private.pem"), _commandKey.ExportPkcs8PrivateKeyPem());
    }

    private string Settings => Path.Combine(Root, "center-1.json");

    public override async Task InitializeAsync()
    {
        Skip.IfNot(PrivatePostgres.IsInstalled, PrivatePostgres.NotInstalled);
        await base.InitializeAsync();
        _postgres = await PrivatePostgres.StartAsync();
        await CenterProcess.WriteSettingsAsync(
            Root, "center-1", _postgres, "postgres", Site.Broker.Port, FreeTcpPort.Take(),
            $$"""
            "commandKey": { "id": "{{DemoSite.CommandKeyId}}", "privateKeyFile": "{{Path.Combine(KeyFolder, "private.pem")}}" },
            "sites": [{ "id": "demo-estate", "siteKeyFile": "{{Path.Combine(Site.DataDirectory, "keys", "site.key")}}" }],
            """);
        _center = new CenterProcess(Settings, Path.Combine(Root, "center.log"));
    }

    public override async Task DisposeAsync()
    {
        if (_center is not null)
            await _center.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        await base.DisposeAsync();
    }

    public void Dispose()
    {
        _commandKey.Dispose();
        Directory.Delete(KeyFolder, recursive: true);
    }

    [SkippableFact]
    public async Task What_the_gate_made_is_confirmed_even_after_the_broker_forgot_it_and_the_person_is_found_again()
    {
        Assert.Contains("the database is in form", await AskAsync("migrate"), StringComparison.Ordinal);
        await AskAsync("gate", "add", "demo-estate/north-1", "--pin-first-key");
        _center!.Start();
        var people = Visitor.Crowd(seed: 3).Take(8).ToArray();
        await PassAsync(people: 8, seed: 3);
        await ConfirmedAsync();

        _center.Kill();
        await PassAsync(people: 4, seed: 4);
        await Site.Broker.LoseMemoryAsync();
        await Site.Broker.StartAsync(CancellationToken.None);
        _center.Start();
        await ConfirmedAsync();

        var list = await AskAsync("gate", "list");
        Assert.Matches(@"demo-estate/north-1 +(\d+) +\1 +0 +0 +online +pinned\s*$", list);
        var resident = people.First(person => person.Errand is Errand.HealthyResident);
        var trace = await AskTypingAsync(resident.Shows, "trace", "--from", "2026-01-01", "--to", "2100-01-01", "--within", "10m", "--purpose", "a test", "--asker", "officer-1");
        Report(list + Environment.NewLine + trace);
        Assert.Matches(@"demo-estate/north-1 lane-1  entry, granted", trace);
        Assert.Matches(@"  1\. [\w-]{8} .*: (at the same lane|went together)", trace);
        Assert.DoesNotContain(resident.Shows, File.ReadAllText(Path.Combine(Root, "center.log")), StringComparison.Ordinal);
    }

    /// <summary>In this setup the journal's cursor moves by the center's receipts only.</summary>
    private async Task ConfirmedAsync()
    {
        try
        {
            await Site.WaitUntilAsync(
                health => health.GetProperty("journal") is var journal && journal.GetProperty("acknowledgedUpTo").GetInt64() == journal.GetProperty("last").GetInt64(), Patience, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            Report(await File.ReadAllTextAsync(Path.Combine(Root, "center.log")));
            throw;
        }
    }

    private Task<string> AskAsync(params string[] arguments) => AskTypingAsync("", arguments);

    private async Task<string> AskTypingAsync(string typed, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(CenterHost).Assembly.Location, .. arguments, "--config", Settings])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await process.StandardInput.WriteLineAsync(typed);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', arguments)}: {await errors}{said}");
        return said;
    }
}
