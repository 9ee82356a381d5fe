using System.CommandLine;
using System.Security.Cryptography;
using EdgeGate.Access.Registers;
using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Registers;
using EdgeGate.Mqtt;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Cli;

/// <summary>
/// <c>edgegate register publish</c>: lets the lists of one machine be those of all gates of a site, where there is no center: an office keeps them, the
/// gates name them in <c>registers.central</c>.
/// </summary>
internal static class RegisterPublishCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), HearsWhatWasBefore = TimeSpan.FromSeconds(1);

    public static Command Create(TimeProvider time)
    {
        var settings = EdgeGateCommand.SettingsOption();
        var list = new Argument<string>("list") { Description = "The list, as kept on this machine." };
        var key = new Option<string>("--key", "-k") { Description = "The private key (PEM) whose public half is in commands.keys of the gates.", HelpName = "file", Required = true };
        var keyId = new Option<string?>("--key-id") { Description = "The key's id, when the file has another name.", HelpName = "id" };
        var command = new Command("publish", "Signs a list of this machine and puts it at the broker for all gates of the site.") { settings, list, key, keyId };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var errors = parsed.InvocationConfiguration.Error;
            var file = parsed.GetValue(settings)!;
            if (EdgeGateSettings.Read(file) is not SettingsResult.Valid { Settings: { Broker: { } broker } gate })
            {
                await errors.WriteLineAsync($"{file} cannot be used, or names no broker (edgegate config check tells more)");
                return ExitCode.Unusable;
            }
            var name = parsed.GetValue(list)!;
            try
            {
                using var signer = ECDsa.Create();
                signer.ImportFromPem(await File.ReadAllTextAsync(parsed.GetValue(key)!, cancellationToken));
                var id = parsed.GetValue(keyId) ?? CommandCommand.IdOf(parsed.GetValue(key)!);
                var announced = await PublishAsync(gate, broker, name, id, signer, time, cancellationToken);
                await parsed.InvocationConfiguration.Output.WriteLineAsync(
                    $"{name}: version {announced.Version} is at the broker ({announced.Files.Count} {(announced.Files.Count == 1 ? "file" : "files")}, {announced.Files.Sum(version => (long)version.Length):N0} bytes); gates that are on go by it within seconds, the others when they come back");
                return ExitCode.Done;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                await errors.WriteLineAsync($"{broker.Host}:{broker.Port} did not take it within {Patience.TotalSeconds:0} s: is the broker there, and does it know this login?");
                return ExitCode.Failed;
            }
            catch (Exception failed) when (failed is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException or CryptographicException)
            {
                await errors.WriteLineAsync(failed.Message);
                return ExitCode.Failed;
            }
        });
        return command;
    }

    private static async Task<RegisterAnnouncement> PublishAsync(
        GateSettings gate, BrokerSettings broker, string name, string keyId, ECDsa key, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!ListWord.IsValid(name))
            throw new InvalidDataException("A list's name is of 1 to 32 lower-case letters, digits and hyphens.");
        var newest = new RegisterStore(RegisterSetup.DirectoryOf(gate)).Newest(name);
        var topics = new SiteTopics(gate.Site);
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var options = UplinkSetup.LinkOptionsOf(gate, broker, new GateTopics(gate.Site, gate.Gate)) with
        {
            ClientId = $"register-{Guid.NewGuid():N}",
            SessionExpiry = TimeSpan.Zero,
        };
        await using var link = new MqttLink(options, time);
        var before = BeforeAsync(link, topics, name, keyId, key, time, either.Token);
        await link.StartAsync(either.Token);
        var announcement = RegisterAnnouncement.Of(topics.Site, name, newest);
        foreach (var (topic, payload) in announcement.Publication(newest.Select(version => version.Bytes), await before, keyId, key))
            await link.RetainAsync(topic, payload, either.Token);
        return announcement;
    }

    /// <summary>What this key announced before; null when nothing comes within a moment.</summary>
    private static async Task<RegisterAnnouncement?> BeforeAsync(
        MqttLink link, SiteTopics topics, string name, string keyId, ECDsa key, TimeProvider time, CancellationToken cancellationToken)
    {
        using var keys = new CommandKeyRing();
        keys.Add(new CommandKey(keyId, key.ExportSubjectPublicKeyInfoPem()));
        var heard = new TaskCompletionSource<RegisterAnnouncement?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await link.SubscribeAsync(
            topics.Register(name),
            (message, _) =>
            {
                heard.TrySetResult(keys.ReadRegister(message.Payload.Span, out var _, out var _));
                return ValueTask.CompletedTask;
            },
            cancellationToken);
        await Task.WhenAny(heard.Task, Task.Delay(HearsWhatWasBefore, time, cancellationToken));
        return heard.Task.IsCompletedSuccessfully ? await heard.Task : null;
    }
}
