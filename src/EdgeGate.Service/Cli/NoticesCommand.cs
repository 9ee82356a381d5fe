using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Notices;
using EdgeGate.Mqtt;
using EdgeGate.Service.Commands;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Uplink;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate notices</c>: what every gate of the site tells, for an office without a center.</summary>
internal static class NoticesCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), RetainedWithin = TimeSpan.FromSeconds(1);

    public static Command Create(TimeProvider time)
    {
        var settings = EdgeGateCommand.SettingsOption();
        var file = new Argument<string>("file")
        {
            Description = "All of them, in place of those before: [{ \"zh\": \"今日停水\", \"en\": \"No water today\", \"until\": \"2026-03-01T18:00:00+08:00\" }]; [] takes them all back.",
        };
        var key = new Option<string>("--key", "-k") { Description = "The private key (PEM) whose public half is in commands.keys of the gates.", HelpName = "file", Required = true };
        var keyId = new Option<string?>("--key-id") { Description = "The key's id, when the file has another name.", HelpName = "id" };
        var publish = new Command("publish", "Signs them and puts them at the broker; gates that are away show them when they come back.") { settings, file, key, keyId };
        publish.SetAction(async (parsed, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            if (EdgeGateSettings.Read(parsed.GetValue(settings)!) is not SettingsResult.Valid { Settings: { Broker: { } broker } gate })
            {
                await terminal.Error.WriteLineAsync("The settings cannot be used, or name no broker (edgegate config check tells more).");
                return ExitCode.Unusable;
            }
            try
            {
                var notices = Read(parsed.GetValue(file)!);
                using var signer = KeyFile.Private(parsed.GetValue(key)!);
                var id = parsed.GetValue(keyId) ?? CommandCommand.IdOf(parsed.GetValue(key)!);
                using var known = KeyRingOf(gate, id, signer);
                await RetainAsync(
                    gate, broker, known, standing => new SiteNoticeSet(gate.Site, SiteNoticeSet.StampAfter(standing, time.GetUtcNow()), notices).Sign(id, signer), time, cancellationToken);
                await terminal.Output.WriteLineAsync($"{notices.Count} {(notices.Count == 1 ? "notice is" : "notices are")} at the broker for all gates of {gate.Site}");
                return ExitCode.Done;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                await terminal.Error.WriteLineAsync($"{broker.Host}:{broker.Port} did not take them within {Patience.TotalSeconds:0} s: is the broker there, and does it know this login?");
                return ExitCode.Failed;
            }
            catch (Exception failed) when (failed is IOException or KeyFileException or InvalidOperationException or CryptographicException)
            {
                await terminal.Error.WriteLineAsync(failed.Message);
                return ExitCode.Failed;
            }
        });
        return new Command("notices", "What all gates of the site tell at the foot of their screens.") { publish };
    }

    /// <exception cref="IOException">It cannot be read, or is something else.</exception>
    private static IReadOnlyList<SiteNotice> Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), SettingsJson.ShapeOf<IReadOnlyList<SiteNotice>>()) ?? [];
        }
        catch (Exception unreadable) when (unreadable is JsonException or UnauthorizedAccessException)
        {
            throw new IOException($"{file} is no list of notices: {unreadable.Message}", unreadable);
        }
    }

    /// <summary>Whose notices may stand at the broker already.</summary>
    private static CommandKeyRing KeyRingOf(GateSettings gate, string id, ECDsa signer)
    {
        var ring = CommandSetup.KeyRingOf(gate.Commands, NullLogger.Instance);
        if (gate.Commands.Keys.All(key => key.Id != id)) // an office's own settings need not name its key
            ring.Add(new CommandKey(id, signer.ExportSubjectPublicKeyInfoPem()));
        return ring;
    }

    /// <param name="signAfter">Makes the token that comes after the set that stands at the broker; null when none does.</param>
    /// <exception cref="IOException">The broker does not take it.</exception>
    private static async Task RetainAsync(
        GateSettings gate, BrokerSettings broker, CommandKeyRing known, Func<SiteNoticeSet?, string> signAfter, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var options = UplinkSetup.LinkOptionsOf(gate, broker, new GateTopics(gate.Site, gate.Gate)) with
        {
            ClientId = $"notices-{Guid.NewGuid():N}", // with the gate's own it would throw the gate out
            SessionExpiry = TimeSpan.Zero,
        };
        await using var link = new MqttLink(options, time);
        var topic = new SiteTopics(gate.Site).Notices;
        var token = Encoding.ASCII.GetBytes(signAfter(await StandingAsync(link, topic, known, time, either.Token)));
        while (!link.TryPublish(new MqttOutgoing { Topic = Encoding.UTF8.GetBytes(topic), Payload = token, Retain = true }, rowId: 1))
            await link.WaitForRoomAsync(either.Token);
        if (await link.Acks.ReadAsync(either.Token) is { Reason: >= MqttReason.UnspecifiedError } refused)
            throw new IOException($"the broker does not take {topic}: {refused.Reason} {refused.Text}");
    }
    /// <summary>Starts the link and hears what the broker retains. Nothing within a second is nothing: a broker sends it with its answer.</summary>
    /// <exception cref="IOException">The broker does not let this login hear it.</exception>
    private static async Task<SiteNoticeSet?> StandingAsync(MqttLink link, string topic, CommandKeyRing known, TimeProvider time, CancellationToken cancellationToken)
    {
        var heard = new TaskCompletionSource<SiteNoticeSet?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = link.SubscribeAsync(topic, (message, _) =>
        {
            heard.TrySetResult(known.ReadNotices(message.Payload.Span, out var _, out var _)); // what nobody known signed stands at no gate
            return ValueTask.CompletedTask;
        }, cancellationToken);
        await link.StartAsync(cancellationToken);
        if (await answer is >= MqttReason.UnspecifiedError and var refused)
            throw new IOException($"the broker does not let this login hear {topic} ({refused}): look at its access list");
        await Task.WhenAny(heard.Task, Task.Delay(RetainedWithin, time, cancellationToken));
        return heard.Task.IsCompleted ? await heard.Task : null;
    }
}
