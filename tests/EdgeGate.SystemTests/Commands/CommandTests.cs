using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Cli;
using EdgeGate.Service.Demo;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests.Commands;

/// <summary>Commands to a gate, good and bad.</summary>
public sealed class CommandTests(ITestOutputHelper output) : CommandedSystemTest(output)
{
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
        await File.WriteAllTextAsync(privateKey, Key.ExportPkcs8PrivateKeyPem());
        using StringWriter said = new(), errors = new();
        var exit = await EdgeGateCommand.Create(TimeProvider.System)
            .Parse(["command", "send", "open-once", "-s", Site.SettingsFile, "--key", privateKey, "--reason", "a test"])
            .InvokeAsync(new InvocationConfiguration { Output = said, Error = errors });
        Report($"edgegate command send: {said}{errors}");
        await UntilOpenedAsync(openings: 2);
        return (exit, Site.Lane.Openings.Count);
    }

    private static bool IsCommand(JsonElement record, string id, string outcome)
    {
        var data = record.GetProperty("data");
        return record.GetProperty("type").GetString() == CommandRecord.Type && data.GetProperty("id").GetString() == id && data.GetProperty("outcome").GetString() == outcome;
    }
}
