using System.CommandLine;
using System.Security.Cryptography;
using EdgeGate.Access;
using EdgeGate.Messages.Commands;
using EdgeGate.Service.Commands;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate command</c>: makes keys, signs commands, and sends them to a gate, for installers and sites without a center.</summary>
internal static class CommandCommand
{
    private const string PrivateSuffix = ".private.pem", PublicSuffix = ".public.pem";

    public static Command Create(TimeProvider time)
    {
        var sign = new Command("sign", "Prints a signed command, to be published on the gate's commands topic by other means.");
        foreach (var kind in Kinds(time, (signed, parsed, _) => PrintAsync(signed, parsed)))
            sign.Add(kind);
        var send = new Command("send", "Signs a command, publishes it and waits for the gate's answer.");
        foreach (var kind in Kinds(time, (signed, parsed, cancellationToken) => SendAsync(signed, parsed, time, cancellationToken)))
            send.Add(kind);
        return new Command("command", "Tells a gate what to do, by commands that are signed, good once and for a short time.") { KeyGen(), sign, send };
    }

    /// <param name="Token">As it goes over the broker.</param>
    /// <param name="Settings">Null when the command line named the gate itself.</param>
    private sealed record Signed(string Token, GateCommand Command, GateSettings? Settings);

    private static Command KeyGen()
    {
        var id = new Argument<string>("id") { Description = "Short name of the key, for example center-2026.", HelpName = "id" };
        var directory = new Option<string>("--directory", "-d") { Description = "Where the two files go.", HelpName = "directory", DefaultValueFactory = _ => "." };
        var command = new Command("keygen", "Makes a pair of keys: the private one signs, the public one goes to the gates.") { id, directory };
        command.SetAction(parsed => MakeKeys(parsed.GetValue(id)!, Path.GetFullPath(parsed.GetValue(directory)!), parsed.InvocationConfiguration));
        return command;
    }

    private static int MakeKeys(string id, string directory, InvocationConfiguration terminal)
    {
        if (!new IdAttribute().IsValid(id))
        {
            terminal.Error.WriteLine($"The id must be {new IdAttribute().Words}.");
            return ExitCode.Unusable;
        }
        var (secret, known) = (Path.Combine(directory, id + PrivateSuffix), Path.Combine(directory, id + PublicSuffix));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            Directory.CreateDirectory(directory);
            // Never over another key: it may be the only one that gates obey.
            var ownerOnly = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
            using (var file = new StreamWriter(secret, ownerOnly))
                file.WriteLine(key.ExportPkcs8PrivateKeyPem());
            File.WriteAllText(known, key.ExportSubjectPublicKeyInfoPem() + "\n");
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            terminal.Error.WriteLine(unwritable.Message);
            return ExitCode.Failed;
        }
        terminal.Output.WriteLine($"{secret} signs commands: keep it off the gates.");
        terminal.Output.WriteLine($"{known} goes to every gate, and this into its gate.json:");
        terminal.Output.WriteLine($$"""  "commands": { "keys": [{ "id": "{{id}}", "publicKeyFile": "{{known}}" }] },""");
        return ExitCode.Done;
    }

    private delegate Task<int> UseOfCommand(Signed signed, ParseResult parsed, CancellationToken cancellationToken);

    /// <summary>One subcommand per kind, so that help and missing arguments are about that kind only.</summary>
    private static IEnumerable<Command> Kinds(TimeProvider time, UseOfCommand use)
    {
        var lane = new Option<string>("--lane") { Description = "The lane.", HelpName = "id", DefaultValueFactory = _ => "lane-1" };
        var reason = new Option<string>("--reason") { Description = "Why, and who approved it; kept sealed.", HelpName = "text", Required = true };
        yield return Kind("open-once", "Opens the portal for one passage.", [lane, reason], parsed =>
            new OpenOnceCommand(parsed.GetValue(lane)!, parsed.GetValue(reason)!));

        var mode = new Option<PortalMode?>("--mode") { Description = "Normal, EntryOnly, ExitOnly, Closed or Free; back to the lane's own hours when left out.", HelpName = "mode" };
        yield return Kind("set-mode", "Sets whom the portal is for, until the next one.", [lane, mode, reason], parsed =>
            new SetModeCommand(parsed.GetValue(lane)!, parsed.GetValue(reason)!, parsed.GetValue(mode)));

        var first = new Option<long>("--first") { Description = "First sequence number.", HelpName = "number", Required = true };
        var last = new Option<long>("--last") { Description = "Last sequence number.", HelpName = "number", Required = true };
        yield return Kind("resend-range", "Lets the gate send records once more.", [first, last], parsed =>
            new ResendRangeCommand(parsed.GetValue(first), parsed.GetValue(last)));

        yield return Kind("report-tally", "Lets the gate publish its tally now.", [], _ => new ReportTallyCommand());

        yield return Kind("identify", "Lets the kiosk show which gate it is.", [], _ => new IdentifyCommand());

        var zh = new Option<string>("--zh") { Description = $"Chinese words, at most {NoticeCommand.LongestZh} characters.", HelpName = "text", Required = true };
        var en = new Option<string>("--en") { Description = $"English words, at most {NoticeCommand.LongestEn} characters.", HelpName = "text", Required = true };
        var minutes = new Option<int>("--minutes") { Description = "How long it stands.", HelpName = "count", DefaultValueFactory = _ => 60 };
        yield return Kind("notice", "Shows words at the foot of the kiosk.", [zh, en, minutes], parsed =>
            new NoticeCommand(parsed.GetValue(zh)!, parsed.GetValue(en)!, time.GetUtcNow().AddMinutes(parsed.GetValue(minutes))));

        var file = new Option<string>("--file") { Description = "The whole new gate.json.", HelpName = "file", Required = true };
        var within = new Option<int>("--within") { Description = "Seconds they have to show that they work.", HelpName = "seconds", DefaultValueFactory = _ => 60 };
        yield return Kind("apply-settings", "Puts new settings on trial: the gate goes back unless broker and every device are healthy in time.", [file, within], parsed =>
            new ApplySettingsCommand(File.ReadAllText(parsed.GetValue(file)!), parsed.GetValue(within)));

        yield return Kind("reboot", "Starts the machine anew.", [reason], parsed => new RebootCommand(parsed.GetValue(reason)!));

        Command Kind(string name, string description, IReadOnlyList<Option> arguments, Func<ParseResult, GateCommand> make) =>
            OfKind(name, description, arguments, make, time, use);
    }

    private static Command OfKind(
        string name, string description, IReadOnlyList<Option> arguments, Func<ParseResult, GateCommand> make, TimeProvider time, UseOfCommand use)
    {
        var settings = EdgeGateCommand.SettingsOption();
        var gate = new Option<string?>("--gate") { Description = "Another gate at the same broker, as site/gate; that of the settings when left out.", HelpName = "site/gate" };
        var key = new Option<string>("--key", "-k") { Description = $"The private key (PEM); its file name up to {PrivateSuffix} is its id.", HelpName = "file", Required = true };
        var keyId = new Option<string?>("--key-id") { Description = "The key's id, when the file has another name.", HelpName = "id" };
        var valid = new Option<int>("--valid") { Description = "For how many seconds it is good.", HelpName = "seconds", DefaultValueFactory = _ => 30 };
        var command = new Command(name, description) { settings, gate, key, keyId, valid };
        foreach (var argument in arguments)
            command.Add(argument);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var errors = parsed.InvocationConfiguration.Error;
            var known = (EdgeGateSettings.Read(parsed.GetValue(settings)!) as SettingsResult.Valid)?.Settings;
            if ((parsed.GetValue(gate) ?? (known is null ? null : $"{known.Site}/{known.Gate}")) is not { } whom)
            {
                await errors.WriteLineAsync($"{parsed.GetValue(settings)} cannot be used (edgegate config check tells why); or name the gate with --gate");
                return ExitCode.Unusable;
            }
            var now = time.GetUtcNow();
            var file = parsed.GetValue(key)!;
            try
            {
                using var signer = ECDsa.Create();
                signer.ImportFromPem(await File.ReadAllTextAsync(file, cancellationToken));
                var asked = make(parsed) with { Gate = whom, Id = Guid.NewGuid().ToString("N"), IssuedAt = now, Expires = now.AddSeconds(parsed.GetValue(valid)) };
                var token = CommandToken.Sign(asked, parsed.GetValue(keyId) ?? IdOf(file), signer);
                return await use(new Signed(token, asked, known), parsed, cancellationToken);
            }
            catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
            {
                await errors.WriteLineAsync(unusable.Message);
                return ExitCode.Unusable;
            }
        });
        return command;
    }

    internal static string IdOf(string keyFile)
    {
        var name = Path.GetFileName(keyFile);
        return name.EndsWith(PrivateSuffix, StringComparison.Ordinal) ? name[..^PrivateSuffix.Length] : Path.GetFileNameWithoutExtension(name);
    }

    private static async Task<int> PrintAsync(Signed signed, ParseResult parsed)
    {
        await parsed.InvocationConfiguration.Output.WriteLineAsync(signed.Token);
        return ExitCode.Done;
    }

    private static async Task<int> SendAsync(Signed signed, ParseResult parsed, TimeProvider time, CancellationToken cancellationToken)
    {
        if (signed.Settings is not { Broker: { } broker } settings)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync("The settings name no broker to send it to (edgegate command sign prints it instead).");
            return ExitCode.Unusable;
        }
        switch (await CommandSending.SendAsync(signed.Token, signed.Command, settings, broker, time, cancellationToken))
        {
            case CommandSending.Result.Answered(var reply):
                var record = reply.Record is { } sequence ? $" (record {sequence})" : "";
                await parsed.InvocationConfiguration.Output.WriteLineAsync($"{reply.Outcome}: {reply.Text}{record}");
                return reply.Outcome is CommandOutcome.Taken ? ExitCode.Done : ExitCode.Failed;
            case CommandSending.Result.NoAnswer(var why):
                await parsed.InvocationConfiguration.Error.WriteLineAsync(why);
                return ExitCode.Failed;
            case var result:
                throw new NotSupportedException(result.ToString());
        }
    }
}
