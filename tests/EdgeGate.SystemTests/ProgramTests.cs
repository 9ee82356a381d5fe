using System.CommandLine;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Devices.Ports;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Cli;
using EdgeGate.Service.Demo;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests;

/// <summary>
/// What other tests ask within their own process, asked of the program as it is installed: a trimmed one (GATE_PROGRAM) may lack what is only reached by reflection.
/// </summary>
public sealed class ProgramTests(ITestOutputHelper output) : SystemTest(output, new DemoOptions { MeasuresTemperature = false, PortalTakesText = true })
{
    [SkippableFact]
    public async Task The_program_helps_with_every_command()
    {
        Skip.If(GateProgram is null, "a process for every command: ./dev soak does it, with the published program");
        await HelpsWithAsync(EdgeGateCommand.Create(TimeProvider.System), []);

        async Task HelpsWithAsync(Command command, string[] path)
        {
            Assert.Contains(command.Description!, await AskAsync([.. path, "--help"]), StringComparison.Ordinal);
            foreach (var part in command.Subcommands)
                await HelpsWithAsync(part, [.. path, part.Name]);
        }
    }

    [SkippableFact]
    public async Task The_program_makes_and_reads_settings_lists_passes_and_records()
    {
        await PassAsync(people: 3);
        var sample = Path.Combine(Root, "sample.json");
        await File.WriteAllTextAsync(sample, await AskAsync(["config", "sample"]));
        Assert.Contains("good", await AskAsync(["config", "check", "--settings", sample]), StringComparison.Ordinal);
        Assert.Equal("object", JsonDocument.Parse(await AskAsync(["config", "schema"])).RootElement.GetProperty("type").GetString());
        await File.WriteAllTextAsync(sample, """{ "site": "estate", "lanes": [] }""");
        var faults = (await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(["config", "check", "--settings", sample]))).Message;
        Assert.Contains("lanes (line 1) must be a list of 1 to 32, not a list of 0.", faults, StringComparison.Ordinal);

        var persons = Path.Combine(Root, "persons.csv");
        await File.WriteAllTextAsync(persons, "姓名,证件号码,房号\n测试一,999999190001010015,3-1-502\n");
        Assert.Contains("1 added", await AskOfSiteAsync("register", "import", "residents", persons), StringComparison.Ordinal);
        Assert.Contains("测**", await AskOfSiteAsync("register", "export", "residents"), StringComparison.Ordinal);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (passKey, picture) = (Path.Combine(Root, "pass.pem"), Path.Combine(Root, "pass.svg"));
        await File.WriteAllTextAsync(passKey, key.ExportPkcs8PrivateKeyPem());
        Assert.StartsWith("EGP1:", await AskOfSiteAsync("pass", "issue", "--key", passKey, "--until", "2099-01-01", "--name", "测试一", "--qr", picture), StringComparison.Ordinal);
        Assert.Contains("<svg", await File.ReadAllTextAsync(picture), StringComparison.Ordinal);

        await AskOfSiteAsync("journal", "verify");
        Assert.Contains("granted", await AskOfSiteAsync("journal", "list"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_guard_signs_in_over_https()
    {
        var address = new Uri($"https://127.0.0.1:{FreeTcpPort.Take()}");
        var pin = Site.AddGuard("li", GuardRole.Guard);
        await Site.Process.StopAsync();
        Site.Process.Environment["EDGEGATE_WEB__GUARDPOST__ADDRESS"] = address.ToString();
        Site.Process.Start();
        await Site.WaitUntilAsync(health => health.GetProperty("status").GetString() == "ok", Patience, CancellationToken.None);
        await UntilListeningAsync(address.Port); // its second address, a moment later
        using var http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null }, // the gate's own, made a second ago
        })
        { BaseAddress = address };
        using var form = JsonContent.Create(new { guard = "li", secret = pin });
        await form.LoadIntoBufferAsync(); // so that its length is told
        using var signedIn = await http.PostAsync("/guard/api/sign-in", form);
        Assert.Equal("li", (await signedIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("guard").GetString());
        Assert.Equal(JsonValueKind.Object, (await http.GetFromJsonAsync<JsonElement>("/guard/api/shift")).ValueKind);
    }

    private static async Task UntilListeningAsync(int port)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (true)
        {
            using var caller = new TcpClient();
            try
            {
                await caller.ConnectAsync("127.0.0.1", port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
            }
        }
    }

    private Task<string> AskOfSiteAsync(params string[] arguments) => AskAsync([.. arguments, "--settings", Site.SettingsFile]);

    private static Task<string> AskAsync(string[] arguments)
    {
        var program = Children.GateProgram(GateProgram);
        return Children.AskAsync("", program[0], [.. program[1..], .. arguments], CancellationToken.None);
    }
}
