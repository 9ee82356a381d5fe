using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeGate.Center;
using EdgeGate.Center.Database;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Tests.Fleet;
using EdgeGate.Center.Tests.Web;
using EdgeGate.Center.Web.Registers;
using EdgeGate.Devices.Ports;
using EdgeGate.Service.Demo;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Testing;
using EdgeGate.Web;
using Npgsql;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests.Center;

/// <summary>From a household's page at the center to the portal of the gate, and back: gate and center each a process of its own, between them mosquitto, behind them PostgreSQL.</summary>
public sealed partial class HomeToGateTests : SystemTest, IDisposable
{
    private const string Unit = "3-1-502", ManagerPassword = "test-password-1", GuardPin = "482915";
    private static readonly string Keys = Path.Combine(Path.GetTempPath(), $"edgegate-home-keys-{Guid.NewGuid():N}");
    private readonly ECDsa _commandKey = ECDsa.Create(ECCurve.NamedCurves.nistP256), _passKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _dataSecret = RandomNumberGenerator.GetBytes(DataKey.Length);
    private readonly int _port = FreeTcpPort.Take();
    private PrivatePostgres? _postgres;
    private CenterProcess? _center;

    public HomeToGateTests(ITestOutputHelper output)
        : base(output, new DemoOptions { MeasuresTemperature = false, CenterGivesReceipts = true, CommandKeyFile = Path.Combine(Keys, "command.pem"), PassKeyFile = Path.Combine(Keys, "passes.pem") })
    {
        Directory.CreateDirectory(Keys);
        File.WriteAllText(Path.Combine(Keys, "command.pem"), _commandKey.ExportSubjectPublicKeyInfoPem());
        File.WriteAllText(Path.Combine(Keys, "command.key"), _commandKey.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(Keys, "passes.pem"), _passKey.ExportSubjectPublicKeyInfoPem());
        File.WriteAllText(Path.Combine(Keys, "passes.key"), _passKey.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(Keys, "data.key"), Convert.ToBase64String(_dataSecret));
    }

    private Uri Home => new($"http://127.0.0.1:{_port}/");
    private string Settings => Path.Combine(Root, "center-1.json");

    public override async Task InitializeAsync()
    {
        Skip.IfNot(PrivatePostgres.IsInstalled, PrivatePostgres.NotInstalled);
        new GuardBook(Path.Combine(Site.DataDirectory, "guards.json")).Put(new Guard("li", Messages.Records.GuardRole.Guard, SecretHash.Of(GuardPin), Guid.NewGuid()));
        await base.InitializeAsync();
        _postgres = await PrivatePostgres.StartAsync();
        await CenterProcess.WriteSettingsAsync(
            Root, "center-1", _postgres, "postgres", Site.Broker.Port, _port,
            $$"""
            "commandKey": { "id": "{{DemoSite.CommandKeyId}}", "privateKeyFile": "{{Path.Combine(Keys, "command.key")}}" },
            "sites": [{ "id": "demo-estate", "siteKeyFile": "{{Path.Combine(Site.DataDirectory, "keys", "site.key")}}" }],
            "dataKeyFile": "{{Path.Combine(Keys, "data.key")}}", "passKeyFile": "{{Path.Combine(Keys, "passes.key")}}",
            """);
        await AskAsync("", "migrate");
        await AskAsync("", "gate", "add", "demo-estate/north-1", "--pin-first-key");
        await AskAsync(ManagerPassword, "account", "add", "manager", "--role", "manager", "--from-input");
        _center = new CenterProcess(Settings, Path.Combine(Root, "center.log"));
        _center.Start();
    }

    public override async Task DisposeAsync()
    {
        if (_center is not null)
            await _center.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        await base.DisposeAsync();
    }

    public void Dispose()
    {
        _commandKey.Dispose();
        _passKey.Dispose();
        Directory.Delete(Keys, recursive: true);
    }

    [SkippableFact]
    public async Task A_visitor_announced_at_home_opens_the_gate_as_often_as_the_pass_says_and_the_center_knows_whom_the_visit_was_to()
    {
        using var resident = await ResidentAsync();
        var pass = await AnnounceAsync(resident, "visitor", "测试二");
        await GateHasAsync("passes", persons: 2); // the resident's own, and the visitor's

        Assert.Equal("granted", await ScanAsync(pass)); // in
        Assert.Equal("granted", await ScanAsync(pass)); // and out, for all this gate knows
        Assert.Equal("denied", await ScanAsync(pass));
        Assert.Equal(2, Site.Lane.Openings.Count);

        var used = await DecisionAsync("credential-used-up");
        Assert.Equal(("pass", 2), (used.GetProperty("credential").GetString(), used.GetProperty("passUses").GetInt32()));
        Assert.Contains(used.GetProperty("lists").EnumerateArray(), list => list.GetProperty("name").GetString() == "passes" && list.GetProperty("version").GetInt64() > 1);
        await HoldsAsync(async () => Passages().Count(await resident.ReadAsync("/home")) == 3, "the household sees the passages");
        var trace = await AskAsync(PassIdOf(pass), "trace", "--code", "--from", "2026-01-01", "--to", "2100-01-01", "--purpose", "whom did this visitor visit", "--asker", "officer-1");
        Report(trace);
        Assert.Equal(2, Regex.Count(trace, $@"demo-estate/north-1 lane-1  entry, granted, visits {Unit}", RegexOptions.NonBacktracking));
        var log = await File.ReadAllTextAsync(Path.Combine(Root, "center.log")) + await File.ReadAllTextAsync(Path.Combine(Root, "site", "gate.log"));
        Assert.DoesNotContain("测试二", log, StringComparison.Ordinal);
        Assert.DoesNotContain(PassIdOf(pass), log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_visitor_who_was_called_off_is_denied_though_the_broker_forgot_everything_meanwhile()
    {
        using var resident = await ResidentAsync();
        var pass = await AnnounceAsync(resident, "visitor", "测试三");
        await GateHasAsync("passes", persons: 2);
        await Site.Broker.LoseMemoryAsync();
        using var cancelled = await resident.PostAsync("/home/cancel", new() { ["expected"] = Expected().Match(await resident.ReadAsync("/home")).Groups["id"].Value });
        Assert.Contains("said=done", cancelled.Headers.Location!.ToString(), StringComparison.Ordinal);
        await Site.Broker.StartAsync(CancellationToken.None);
        await GateHasAsync("revoked-passes", persons: 1);

        Assert.Equal("denied", await ScanAsync(pass));
        await DecisionAsync("credential-revoked");
        Assert.Empty(Site.Lane.Openings);
    }

    [SkippableFact]
    public async Task A_delivery_announced_at_home_is_expected_at_the_guard_post_and_what_becomes_of_it_is_seen_at_home()
    {
        using var resident = await ResidentAsync();
        await AnnounceAsync(resident, "bulky", "测试快递");
        await GateHasAsync("passes", persons: 2);
        using var guard = await GuardAsync();

        var expected = Assert.Single((await guard.GetFromJsonAsync<JsonElement>("/guard/api/deliveries")).GetProperty("deliveries").EnumerateArray());
        Assert.Equal((Unit, "announced", "bulky", "测***"), (Text("unit"), Text("state"), Text("what"), Text("name")));
        using var step = await PostAsync(guard, "delivery-step", new { form = Guid.NewGuid(), delivery = Text("id"), state = "arrived" });

        await HoldsAsync(async () => Regex.IsMatch(await resident.ReadAsync("/home"), "大件 测试快递</h2><p>已到</p>", RegexOptions.NonBacktracking), "the household sees that it came");
        await Site.WaitUntilAsync(
            health => health.GetProperty("registers").EnumerateArray().Any(list => list.GetProperty("name").GetString() == "passes" && list.GetProperty("version").GetInt64() == 3), Patience, CancellationToken.None); // no gate expects it any more
        expected = Assert.Single((await guard.GetFromJsonAsync<JsonElement>("/guard/api/deliveries")).GetProperty("deliveries").EnumerateArray());
        Assert.Equal("arrived", Text("state"));

        string? Text(string member) => expected.GetProperty(member).GetString();
    }

    /// <summary>A browser of somebody of the unit, who came by the desk.</summary>
    private async Task<CenterSite.Browser> ResidentAsync()
    {
        using var desk = new CenterSite.Browser(Home);
        await HoldsAsync(async () => await AnswersAsync(desk), "the center's pages answer");
        using var signedIn = await desk.PostAsync("/sign-in", new() { ["account"] = "manager", ["password"] = ManagerPassword });
        desk.FormToken = FormToken().Match(await desk.ReadAsync("/passes")).Groups["token"].Value;
        using var slip = await desk.PostAsync("/passes", new() { ["site"] = "demo-estate", ["name"] = "测试一", ["unit"] = Unit, ["days"] = "30" });
        var secrets = Secrets().Matches(await slip.Content.ReadAsStringAsync());
        var phone = new CenterSite.Browser(Home);
        using var home = await phone.PostAsync("/home/sign-in", new() { ["pass"] = secrets[0].Groups["value"].Value, ["pin"] = secrets[1].Groups["value"].Value });
        phone.FormToken = FormToken().Match(await phone.ReadAsync("/home")).Groups["token"].Value;
        return phone;
    }

    /// <returns>What the code says that the household is shown.</returns>
    private async Task<string> AnnounceAsync(CenterSite.Browser resident, string kind, string name)
    {
        var from = TimeProvider.System.GetLocalNow().AddMinutes(-2).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);
        using var announced = await resident.PostAsync("/home/expect", new() { ["kind"] = kind, ["name"] = name, ["from"] = from, ["hours"] = "2" });
        Assert.Contains("said=done", announced.Headers.Location?.ToString(), StringComparison.Ordinal);
        await using var database = NpgsqlDataSource.Create(_postgres!.ConnectionString());
        await using var connection = await database.OpenConnectionAsync();
        var closed = await connection.Sql("select sealed from announcement order by id desc limit 1").ScalarAsync<byte[]>(CancellationToken.None);
        var text = new DataKey(_dataSecret).Open<JsonElement>($"announcement/demo-estate/{Unit}", closed).GetProperty("text").GetString()!;
        Assert.Contains(QrPicture.Of(text, $"{name}的通行码").ToString(), await resident.ReadAsync("/home"), StringComparison.Ordinal);
        return text;
    }

    /// <summary>At the gate's scanner, until the gate has taken it for a new presentation: the same code shown twice in a row is one.</summary>
    /// <returns>What was decided.</returns>
    private async Task<string?> ScanAsync(string code)
    {
        var before = (await DecisionsAsync()).Length;
        await HoldsAsync(async () =>
        {
            await Site.Eyes.SeeAsync(face => face is "idle", Patience, CancellationToken.None);
            await Site.Lane.ScanAsync(code, CancellationToken.None);
            for (var looked = 0; looked < 20 && (await DecisionsAsync()).Length == before; looked++)
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            return (await DecisionsAsync()).Length > before;
        }, "the code is decided about");
        return (await DecisionsAsync())[before].GetProperty("outcome").GetString();
    }

    private async Task<JsonElement[]> DecisionsAsync() => [.. (await JournalAsync()).Select(record => record.GetProperty("data")).Where(data => data.TryGetProperty("reasons", out _))];

    private Task GateHasAsync(string list, int persons) => Site.WaitUntilAsync(
        health => health.GetProperty("registers").EnumerateArray().Any(register => register.GetProperty("name").GetString() == list && register.GetProperty("persons").GetInt32() == persons), Patience, CancellationToken.None);

    private async Task<JsonElement> DecisionAsync(string reason) =>
        (await DecisionsAsync()).Single(data => data.GetProperty("reasons").EnumerateArray().Any(one => one.GetString() == reason));

    private async Task<HttpClient> GuardAsync()
    {
        var guard = new HttpClient { BaseAddress = Site.Address };
        guard.DefaultRequestHeaders.Add("Origin", Site.Address.GetLeftPart(UriPartial.Authority));
        using var signedIn = await PostAsync(guard, "sign-in", new { guard = "li", secret = GuardPin });
        guard.DefaultRequestHeaders.Add("X-Form-Token", (await signedIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("formToken").GetString());
        return guard;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient guard, string what, object form)
    {
        using var content = JsonContent.Create(form);
        await content.LoadIntoBufferAsync(); // so that its length is told
        var answer = await guard.PostAsync($"/guard/api/{what}", content);
        Assert.True(answer.IsSuccessStatusCode, $"{what}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return answer;
    }

    private Task<string> AskAsync(string typed, params string[] arguments) =>
        Children.AskAsync(typed, Children.DotnetHost(), [typeof(CenterHost).Assembly.Location, .. arguments, "--config", Settings], CancellationToken.None);

    /// <summary>The number printed on it, without looking whether it is genuine.</summary>
    private static string PassIdOf(string pass) =>
        JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(pass.Split('.')[1])).RootElement.GetProperty("jti").GetString()!;

    private static async Task<bool> AnswersAsync(CenterSite.Browser browser)
    {
        try
        {
            using var answer = await browser.GetAsync("/home");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task HoldsAsync(Func<Task<bool>> holds, string what)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(since) > Patience)
                Assert.Fail($"waited in vain: {what}{Environment.NewLine}{await File.ReadAllTextAsync(Path.Combine(Root, "center.log"))}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    [GeneratedRegex("<strong class=\"mono\">(?<value>[^<]+)</strong>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Secrets();

    [GeneratedRegex("name=\"token\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FormToken();

    [GeneratedRegex("name=\"expected\" value=\"(?<id>[0-9]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Expected();

    [GeneratedRegex("<td>north-1 进</td>", RegexOptions.None, 1000)]
    private static partial Regex Passages();
}
