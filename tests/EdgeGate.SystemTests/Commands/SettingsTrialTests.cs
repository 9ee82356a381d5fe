using System.Globalization;
using System.Text.Json;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Records;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests.Commands;

/// <summary>Settings that come over the broker, most of them broken: by default three, with SETTINGS_SOAK as many as it says.</summary>
public sealed class SettingsTrialTests(ITestOutputHelper output) : CommandedSystemTest(output)
{
    private const int TrialSeconds = 2;
    private static readonly int Broken = int.Parse(Environment.GetEnvironmentVariable("SETTINGS_SOAK") ?? "3", CultureInfo.InvariantCulture);

    /// <summary>Each is valid by itself, and with each the gate is no good.</summary>
    private static readonly (string Written, string Instead)[] Faults =
    [
        ("\"port\": \"{scanner}\"", "\"port\": \"/dev/serial/by-id/not-there\""),
        ("\"host\": \"127.0.0.1\"", "\"host\": \"127.0.0.2\""), // nobody listens there
        (".public.pem", ".absent.pem"),
        ("\"port\": \"{thermometer}\"", "\"port\": \"/dev/null\""), // there, and no serial port
    ];

    [SkippableFact]
    public async Task Broken_settings_are_taken_back_by_themselves_and_good_ones_stay()
    {
        await UntilOnlineAsync();
        var original = await File.ReadAllTextAsync(Site.SettingsFile);
        for (var turn = 0; turn < Broken; turn++)
        {
            var (written, instead) = Faults[turn % Faults.Length];
            written = written.Replace("{scanner}", Site.Lane.ScannerPort, StringComparison.Ordinal).Replace("{thermometer}", Site.Lane.ThermometerPort, StringComparison.Ordinal);
            Assert.Contains(written, original, StringComparison.Ordinal);

            await TryAsync(original.Replace(written, instead, StringComparison.Ordinal), confirmed: false);

            Assert.Equal(original, await File.ReadAllTextAsync(Site.SettingsFile));
            await PassOneAsync(turn + 1);
        }

        var good = original.Replace("\"resultShownFor\": \"00:00:00.5000000\"", "\"resultShownFor\": \"00:00:00.6\"", StringComparison.Ordinal);
        Assert.NotEqual(original, good);
        await TryAsync(good, confirmed: true);
        Assert.Equal(good, await File.ReadAllTextAsync(Site.SettingsFile));
        await PassOneAsync(Broken + 1);

        // The plug is pulled in the middle of a trial.
        await AskAsync(Apply(good.Replace(Site.Lane.ScannerPort, "/dev/not-there", StringComparison.Ordinal), withinSeconds: 600));
        await Site.WaitUntilAsync(health => health.GetProperty("devices").ToString().Contains("/dev/not-there", StringComparison.Ordinal), Patience, CancellationToken.None);
        await Site.Process.KillAsync();
        Site.Process.Start();
        await UntilOnlineAsync();
        await PassOneAsync(Broken + 2);

        await Site.Process.StopAsync();
        var records = await JournalAsync();
        Assert.Equal(Enumerable.Range(1, records.Count), records.Select(record => int.Parse(record.GetProperty("sequence").GetString()!, CultureInfo.InvariantCulture)));
        Assert.Equal(Broken + 2, records.Count(record => record.GetProperty("type").GetString() == "edgegate.access-decided.v1"));
        var trials = records.Where(record => record.GetProperty("type").GetString() == SettingsTrialRecord.Type).Select(record => record.GetProperty("data")).ToList();
        Assert.Equal((Broken + 1, 1), (trials.Count(trial => !trial.GetProperty("confirmed").GetBoolean()), trials.Count(trial => trial.GetProperty("confirmed").GetBoolean())));
        Report($"{Broken} broken settings: {Broken} taken back; {records.Count} records without a gap");
    }

    /// <summary>Returns when the gate has recorded what came of it and is well again.</summary>
    private async Task TryAsync(string settings, bool confirmed)
    {
        var command = Apply(settings, TrialSeconds);
        var reply = await AskAsync(command);
        Assert.True(reply.Outcome is CommandOutcome.Taken, reply.Text);
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        JsonElement? ended = null;
        while ((ended = (await JournalAsync()).Select(record => record.GetProperty("data")).Cast<JsonElement?>().FirstOrDefault(data => IsOf(data!.Value, command))) is null)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
        Assert.True(ended.Value.GetProperty("confirmed").GetBoolean() == confirmed, ended.ToString());
        await UntilOnlineAsync();
    }

    private static bool IsOf(JsonElement data, ApplySettingsCommand command) =>
        data.TryGetProperty("command", out var id) && id.GetString() == command.Id && data.TryGetProperty("confirmed", out _);

    private async Task PassOneAsync(int openings)
    {
        await Site.Lane.ScanAsync($"EDGE-PASS-{openings}", CancellationToken.None);
        await UntilOpenedAsync(openings);
    }

    private static ApplySettingsCommand Apply(string settings, int withinSeconds)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new ApplySettingsCommand(settings, withinSeconds) { Gate = "demo-estate/north-1", Id = Guid.NewGuid().ToString("N"), IssuedAt = now, Expires = now.AddSeconds(30) };
    }
}
