using System.Net;
using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace EdgeGate.Service.Tests;

/// <summary>The whole gate, put together from settings, with nothing it speaks to there.</summary>
public sealed class GateHostTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private async Task<WebApplication> StartAsync(string broker)
    {
        var text = SmallSettings.With("\"broker\": { \"host\": \"localhost\" },", broker + "\"web\": { \"address\": \"http://127.0.0.1:0\" },")
            .Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal);
        var settings = SmallSettings.IsValid(SmallSettings.Parse(text)).Settings;
        var app = await GateHost.BuildAsync(settings, GateKeys.LoadOrMake(settings.Privacy, settings.DataDirectory), TimeProvider.System, CancellationToken.None);
        await app.StartAsync(CancellationToken.None).InTime();
        return app;
    }

    private static async Task<(HttpStatusCode Code, JsonElement Report)> HealthAsync(WebApplication app)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(new Uri(app.Urls.Single()), "/health"), CancellationToken.None);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(CancellationToken.None)).RootElement);
    }

    [Fact]
    public async Task It_starts_without_any_device_or_broker_and_says_what_is_missing()
    {
        await using var app = await StartAsync("\"broker\": { \"host\": \"127.0.0.1\", \"port\": 1 },");

        var (code, report) = await HealthAsync(app);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Equal("degraded", report.GetProperty("status").GetString());
        Assert.Equal(["door", "forehead", "id-card"], report.GetProperty("devices").EnumerateArray().Select(device => device.GetProperty("deviceId").GetString()));
        Assert.False(report.GetProperty("journal").TryGetProperty("failure", out _));
        await app.StopAsync(CancellationToken.None).InTime();
    }

    [Fact]
    public async Task It_takes_nothing_from_files_or_environment_of_the_working_directory_nor_watches_them()
    {
        await using var app = await StartAsync("\"broker\": { \"host\": \"127.0.0.1\", \"port\": 1 },");

        var others = ((IConfigurationRoot)app.Configuration).Providers.Where(provider => provider is not Microsoft.Extensions.Configuration.Memory.MemoryConfigurationProvider and not ChainedConfigurationProvider);

        Assert.Empty(others);
        await app.StopAsync(CancellationToken.None).InTime();
    }

    [Fact]
    public async Task No_lane_waits_for_whoever_reads_the_log()
    {
        await using var app = await StartAsync("\"broker\": { \"host\": \"127.0.0.1\", \"port\": 1 },");

        Assert.Equal(ConsoleLoggerQueueFullMode.DropWrite, app.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.QueueFullMode);
        await app.StopAsync(CancellationToken.None).InTime();
    }

    [Fact]
    public async Task A_password_file_that_cannot_be_used_leaves_it_without_uplink_and_says_so()
    {
        await using var app = await StartAsync("\"broker\": { \"host\": \"localhost\", \"user\": \"gate\", \"passwordFile\": \"/nowhere/password\" },");

        var uplink = (await HealthAsync(app)).Report.GetProperty("uplink");

        Assert.Equal("Stopped", uplink.GetProperty("state").GetString());
        Assert.Contains("broker.passwordFile: /nowhere/password", uplink.GetProperty("cause").GetString(), StringComparison.Ordinal);
        await app.StopAsync(CancellationToken.None).InTime();
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("\"commands\": { \"keys\": [] },", false)]
    [InlineData("\"commands\": { \"keys\": [{ \"id\": \"center\", \"publicKeyFile\": \"/nowhere/center.pem\" }] },", true)] // a bad key keeps no gate from starting
    public async Task It_listens_for_commands_only_when_its_settings_name_a_key(string commands, bool listens)
    {
        await using var app = await StartAsync("\"broker\": { \"host\": \"127.0.0.1\", \"port\": 1 }," + commands);

        var services = app.Services.GetServices<IHostedService>().Select(service => service.GetType().Name).ToList();

        Assert.Equal(listens, services.Contains("CommandService"));
        Assert.True(!listens || services.IndexOf("CommandService") < services.IndexOf("UplinkService")); // subscribes before the link logs in
        await app.StopAsync(CancellationToken.None).InTime();
    }

    [Fact]
    public async Task Commands_without_a_broker_do_not_disturb()
    {
        await using var app = await StartAsync("\"commands\": { \"keys\": [{ \"id\": \"center\", \"publicKeyFile\": \"/nowhere/center.pem\" }] },");

        Assert.Equal("NotConfigured", (await HealthAsync(app)).Report.GetProperty("uplink").GetProperty("state").GetString());
        await app.StopAsync(CancellationToken.None).InTime();
    }

    [Fact]
    public async Task Settings_it_cannot_be_put_together_from_leave_the_journal_to_those_before()
    {
        var text = SmallSettings.Text.Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal);
        var settings = SmallSettings.IsValid(SmallSettings.Parse(text)).Settings;
        var keys = GateKeys.LoadOrMake(settings.Privacy, settings.DataDirectory);
        var unusable = settings with { Lanes = [settings.Lanes[0] with { Portal = new TextPortalSettings { Id = "door", Port = "/dev/null", Open = "OPEN {credential}" } }] };

        await Assert.ThrowsAnyAsync<Exception>(() => GateHost.BuildAsync(unusable, keys, TimeProvider.System, CancellationToken.None));
        await using var app = await GateHost.BuildAsync(settings, keys, TimeProvider.System, CancellationToken.None);

        Assert.Null(app.Services.GetRequiredService<GateJournal>().Status.Failure);
    }

    [Fact]
    public async Task Without_a_broker_it_keeps_its_records_and_says_so()
    {
        await using var app = await StartAsync("");

        Assert.Equal("NotConfigured", (await HealthAsync(app)).Report.GetProperty("uplink").GetProperty("state").GetString());
        await app.StopAsync(CancellationToken.None).InTime();
    }
}
