using System.Buffers.Text;
using System.Text.Json;
using EdgeGate.Messages;
using EdgeGate.Mqtt;
using EdgeGate.Service.Tests.Settings;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Cli;

/// <summary><c>edgegate notices publish</c> against a real broker.</summary>
public sealed class NoticesCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_set_published_while_the_clock_stands_behind_the_one_at_the_broker_comes_after_it_all_the_same()
    {
        await using var broker = await TestBroker.StartAsync();
        await CommandLine.RunAsync("command", "keygen", "office", "--directory", _directory.Root);
        var settings = _directory.Write("gate.json", SmallSettings.Text.Replace("\"host\": \"localhost\"", $"\"host\": \"127.0.0.1\", \"port\": {broker.Port}", StringComparison.Ordinal));
        var file = _directory.Write("notices.json", """[{ "zh": "今日停水", "en": "No water today", "until": "2036-03-01T18:00:00+08:00" }]""");
        string[] publish = ["notices", "publish", file, "--settings", settings, "--key", _directory["office.private.pem"]];

        var first = await CommandLine.RunAtAsync(new AheadTime(TimeSpan.FromDays(400)), publish); // by a clock that is wrong
        var stamp = await StampAsync(broker);
        var second = await CommandLine.RunAsync(publish);

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(stamp + 0.001m, await StampAsync(broker));
    }

    /// <summary>Of the set that the broker retains.</summary>
    private static async Task<decimal> StampAsync(TestBroker broker)
    {
        var options = new MqttLinkOptions { Endpoints = [new MqttEndpoint("127.0.0.1", broker.Port)], ClientId = "test", SessionExpiry = TimeSpan.Zero }; // or the next hears first what this one has not acknowledged
        await using var link = new MqttLink(options, TimeProvider.System);
        var heard = new TaskCompletionSource<byte[]>();
        _ = link.SubscribeAsync(new SiteTopics("estate").Notices, (message, _) =>
        {
            heard.TrySetResult(message.Payload.ToArray());
            return ValueTask.CompletedTask;
        }, CancellationToken.None);
        await link.StartAsync(CancellationToken.None);
        var claims = System.Text.Encoding.ASCII.GetString(await heard.Task.InTime()).Split('.')[1];
        return JsonDocument.Parse(Base64Url.DecodeFromChars(claims)).RootElement.GetProperty("iat").GetDecimal();
    }

    private sealed class AheadTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
