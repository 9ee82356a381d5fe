using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.Demo;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests.Commands;

/// <summary>A gate that is a process of its own and obeys this test's key, over a real broker.</summary>
public abstract class CommandedSystemTest : SystemTest, IDisposable
{
    private readonly string _keys;
    private protected readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<CommandReply>> _replies = new();
    private MqttLink? _sender;
    private volatile bool _isThere;

    protected CommandedSystemTest(ITestOutputHelper output) : this(output, Directory.CreateTempSubdirectory("edgegate-command-").FullName) { }

    private CommandedSystemTest(ITestOutputHelper output, string keys)
        : base(output, new DemoOptions { PortalTakesText = true, MeasuresTemperature = false, CommandKeyFile = PublicKeyIn(keys) })
    {
        _keys = keys;
        File.WriteAllText(PublicKeyIn(keys), Key.ExportSubjectPublicKeyInfoPem());
    }

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _sender = new MqttLink(
            new MqttLinkOptions { Endpoints = [new MqttEndpoint("127.0.0.1", Site.Broker.Port)], ClientId = "sender", SessionExpiry = TimeSpan.Zero }, TimeProvider.System);
        Task[] listening = [_sender.SubscribeAsync(DemoSite.Topics.Replies, Listen, CancellationToken.None), _sender.SubscribeAsync(DemoSite.Topics.State, Note, CancellationToken.None)];
        await _sender.StartAsync(CancellationToken.None);
        await Task.WhenAll(listening).WaitAsync(Patience, TimeProvider.System);
    }

    public override async Task DisposeAsync()
    {
        if (_sender is not null) // null where there is no mosquitto
            await _sender.DisposeAsync();
        await base.DisposeAsync();
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Key.Dispose();
        Directory.Delete(_keys, recursive: true);
    }

    /// <summary>The portal, on the other end of its line, may hear of it after the reply.</summary>
    private protected async Task UntilOpenedAsync(int openings)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (Site.Lane.Openings.Count < openings)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }

    /// <summary>What the gate hears it asked the broker for before it said that it is there: a command sent sooner would reach nobody.</summary>
    private protected Task UntilOnlineAsync() => Site.WaitUntilAsync(
        health => _isThere && health.GetProperty("uplink").GetProperty("state").GetString() == "Online" && health.GetProperty("status").GetString() == "ok", Patience, CancellationToken.None);

    private protected static OpenOnceCommand OpenOnce(TimeSpan issued = default)
    {
        var at = TimeProvider.System.GetUtcNow() + issued;
        return new OpenOnceCommand("lane-1", "a test") { Gate = "demo-estate/north-1", Id = Guid.NewGuid().ToString("N"), IssuedAt = at, Expires = at.AddSeconds(60) };
    }

    private protected string Sign(GateCommand command) => CommandToken.Sign(command, DemoSite.CommandKeyId, Key);

    private protected async Task<CommandReply> AskAsync(GateCommand command, ECDsa? signedBy = null)
    {
        var answer = AnswerTo(command);
        Publish(CommandToken.Sign(command, DemoSite.CommandKeyId, signedBy ?? Key), command.Id);
        return await answer.WaitAsync(Patience, TimeProvider.System);
    }

    private protected Task<CommandReply> AnswerTo(GateCommand command) =>
        (_replies[command.Id] = new TaskCompletionSource<CommandReply>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private protected void Publish(string token, string correlation, bool retain = false) => Assert.True(_sender!.TryPublish(
        new MqttOutgoing
        {
            Topic = Encoding.UTF8.GetBytes(DemoSite.Topics.Commands),
            Payload = Encoding.ASCII.GetBytes(token),
            CorrelationData = Encoding.ASCII.GetBytes(correlation),
            Retain = retain,
        },
        rowId: 1));

    private static string PublicKeyIn(string folder) => Path.Combine(folder, "demo.public.pem");

    private ValueTask Note(MqttInbound message, CancellationToken cancellationToken)
    {
        using var state = JsonDocument.Parse(message.Payload);
        _isThere = state.RootElement.GetProperty("online").GetBoolean();
        return ValueTask.CompletedTask;
    }

    private ValueTask Listen(MqttInbound message, CancellationToken cancellationToken)
    {
        var reply = JsonSerializer.Deserialize(message.Payload.Span, RecordShapes.Default.CommandReply)!;
        if (_replies.TryGetValue(Encoding.ASCII.GetString(message.CorrelationData.Span), out var asked))
            asked.TrySetResult(reply);
        return ValueTask.CompletedTask;
    }
}
