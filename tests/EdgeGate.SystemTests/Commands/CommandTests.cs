using System.Collections.Concurrent;
using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.Cli;
using EdgeGate.Service.Demo;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests.Commands;

/// <summary>Commands to a gate that is a process of its own, over a real broker.</summary>
public sealed class CommandTests : SystemTest, IDisposable
{
    private static readonly string KeyFile = Path.Combine(Directory.CreateTempSubdirectory("edgegate-command-").FullName, "demo.public.pem");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<CommandReply>> _replies = new();
    private MqttLink? _sender;

    public CommandTests(ITestOutputHelper output)
        : base(output, new DemoOptions { PortalTakesText = true, MeasuresTemperature = false, CommandKeyFile = KeyFile })
    {
        Directory.CreateDirectory(Path.GetDirectoryName(KeyFile)!);
        File.WriteAllText(KeyFile, _key.ExportSubjectPublicKeyInfoPem());
    }

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _sender = new MqttLink(
            new MqttLinkOptions { Endpoints = [new MqttEndpoint("127.0.0.1", Site.Broker.Port)], ClientId = "sender", SessionExpiry = TimeSpan.Zero }, TimeProvider.System);
        var listening = _sender.SubscribeAsync(DemoSite.Topics.Replies, Listen, CancellationToken.None);
        await _sender.StartAsync(CancellationToken.None);
        await listening.WaitAsync(Patience, TimeProvider.System);
    }

    public override async Task DisposeAsync()
    {
        if (_sender is not null) // null where there is no mosquitto
            await _sender.DisposeAsync();
        await base.DisposeAsync();
    }

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(Path.GetDirectoryName(KeyFile)!, recursive: true);
    }

    [SkippableFact]
    public async Task A_signed_open_once_opens_after_its_record_and_nothing_that_is_old_stolen_or_for_somebody_else_does()
    {
        await UntilOnlineAsync();
        var open = OpenOnce();
        var sent = TimeProvider.System.GetTimestamp();
        var reply = await AskAsync(open);
        Report($"a signed open-once was answered after {TimeProvider.System.GetElapsedTime(sent).TotalMilliseconds:0} ms");
        Assert.Equal((CommandOutcome.Taken, null), (reply.Outcome, reply.Reason));
        await UntilOpenedAsync(openings: 1);
        Assert.Equal(open.Id, Assert.Single(Site.Lane.Openings).Credential);

        Assert.Equal((0, 2), await SendFromTheCommandLineAsync());

        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(CommandReason.UsedBefore, (await AskAsync(open)).Reason);
        Assert.Equal(CommandReason.Expired, (await AskAsync(OpenOnce(issued: TimeSpan.FromMinutes(-2)))).Reason);
        Assert.Equal(CommandReason.OtherGate, (await AskAsync(OpenOnce() with { Gate = "demo-estate/south-1" })).Reason);
        Assert.Equal(CommandReason.SignatureWrong, (await AskAsync(OpenOnce(), signedBy: thief)).Reason);

        // What is published while the gate is away: one waits in its session, the other is retained.
        await Site.Process.StopAsync();
        var (queued, retained) = (OpenOnce(), OpenOnce());
        var answers = new[] { queued, retained }.Select(AnswerTo).ToArray();
        Publish(Sign(queued), queued.Id);
        Publish(Sign(retained), retained.Id, retain: true);
        Site.Process.Start();
        await UntilOnlineAsync();
        var late = await Task.WhenAll(answers).WaitAsync(Patience, TimeProvider.System);
        Assert.All(late, answer => Assert.Equal(CommandOutcome.Refused, answer.Outcome));
        Assert.Equal(CommandReason.Queued, late[0].Reason);
        Assert.Contains(late[1].Reason, new CommandReason?[] { CommandReason.Queued, CommandReason.Retained }); // the broker hands it out both ways, in whatever order

        // Used before the restart is used after it; and the gate still takes what is new.
        Assert.Equal(CommandOutcome.Refused, (await AskAsync(open)).Outcome);
        var second = OpenOnce();
        Assert.Equal(CommandOutcome.Taken, (await AskAsync(second)).Outcome);
        await UntilOpenedAsync(openings: 3);
        Assert.Equal(3, Site.Lane.Openings.Count); // and the one from the command line

        await Site.Process.StopAsync();
        var records = await JournalAsync();
        foreach (var id in new[] { open.Id, second.Id })
        {
            var taken = records.Single(record => IsCommand(record, id, "taken"));
            Assert.True(taken.GetProperty("time").GetDateTimeOffset() <= Site.Lane.Openings.Single(opening => opening.Credential == id).At);
            Assert.Single(records, record => record.GetProperty("data").TryGetProperty("decision", out var about) && about.ToString() == taken.GetProperty("sequence").GetString());
        }
        Assert.Contains(records, record => IsCommand(record, queued.Id, "refused"));
        Assert.Contains(records, record => record.GetProperty("data").TryGetProperty("reason", out var reason) && reason.GetString() == "retained");
        Assert.Contains(records, record => record.GetProperty("type").GetString() == CommandsRefusedRecord.Type); // the thief's
    }

    private async Task<(int ExitCode, int Openings)> SendFromTheCommandLineAsync()
    {
        var privateKey = Path.Combine(Root, $"{DemoSite.CommandKeyId}.private.pem");
        await File.WriteAllTextAsync(privateKey, _key.ExportPkcs8PrivateKeyPem());
        using StringWriter output = new(), errors = new();
        var exit = await EdgeGateCommand.Create(TimeProvider.System)
            .Parse(["command", "send", "open-once", "-s", Site.SettingsFile, "--key", privateKey, "--reason", "a test"])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = errors });
        Report($"edgegate command send: {output}{errors}");
        await UntilOpenedAsync(openings: 2);
        return (exit, Site.Lane.Openings.Count);
    }

    private static bool IsCommand(JsonElement record, string id, string outcome)
    {
        var data = record.GetProperty("data");
        return record.GetProperty("type").GetString() == CommandRecord.Type && data.GetProperty("id").GetString() == id && data.GetProperty("outcome").GetString() == outcome;
    }

    /// <summary>The portal, on the other end of its line, may hear of it after the reply.</summary>
    private async Task UntilOpenedAsync(int openings)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (Site.Lane.Openings.Count < openings)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }

    private Task UntilOnlineAsync() =>
        Site.WaitUntilAsync(health => health.GetProperty("uplink").GetProperty("state").GetString() == "Online" && health.GetProperty("status").GetString() == "ok", Patience, CancellationToken.None);

    private static OpenOnceCommand OpenOnce(TimeSpan issued = default)
    {
        var at = TimeProvider.System.GetUtcNow() + issued;
        return new OpenOnceCommand("lane-1", "a test") { Gate = "demo-estate/north-1", Id = Guid.NewGuid().ToString("N"), IssuedAt = at, Expires = at.AddSeconds(60) };
    }

    private string Sign(GateCommand command) => CommandToken.Sign(command, DemoSite.CommandKeyId, _key);

    private async Task<CommandReply> AskAsync(GateCommand command, ECDsa? signedBy = null)
    {
        var answer = AnswerTo(command);
        Publish(CommandToken.Sign(command, DemoSite.CommandKeyId, signedBy ?? _key), command.Id);
        return await answer.WaitAsync(Patience, TimeProvider.System);
    }

    private Task<CommandReply> AnswerTo(GateCommand command) =>
        (_replies[command.Id] = new TaskCompletionSource<CommandReply>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Publish(string token, string correlation, bool retain = false) => Assert.True(_sender!.TryPublish(
        new MqttOutgoing
        {
            Topic = Encoding.UTF8.GetBytes(DemoSite.Topics.Commands),
            Payload = Encoding.ASCII.GetBytes(token),
            CorrelationData = Encoding.ASCII.GetBytes(correlation),
            Retain = retain,
        },
        rowId: 1));

    private ValueTask Listen(MqttInbound message, CancellationToken cancellationToken)
    {
        var reply = JsonSerializer.Deserialize(message.Payload.Span, RecordShapes.Default.CommandReply)!;
        if (_replies.TryGetValue(Encoding.ASCII.GetString(message.CorrelationData.Span), out var asked))
            asked.TrySetResult(reply);
        return ValueTask.CompletedTask;
    }
}
