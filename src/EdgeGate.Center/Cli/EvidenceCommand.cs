using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Tracing;

namespace EdgeGate.Center.Cli;

/// <summary><c>edgegate-center evidence</c>: what one record keeps closed, for who has the evidence key and a reason.</summary>
internal static class EvidenceCommand
{
    public static Command Create(TimeProvider time)
    {
        var settings = CenterCommand.SettingsOption();
        var record = new Argument<string>("record") { Description = "As site/gate/number, the id of the record.", HelpName = "site/gate/number" };
        var key = new Option<string>("--key") { Description = "The private evidence key (PEM), from where it is kept: it does not belong on this machine.", HelpName = "file", Required = true };
        var purpose = new Option<string>("--purpose") { Description = "What it is for; kept on record with the question.", HelpName = "text", Required = true };
        var asker = new Option<string>("--asker") { Description = "Who asks; kept on record.", HelpName = "name", DefaultValueFactory = _ => Environment.UserName };
        var command = new Command("evidence", "Opens what one record keeps closed about a person, and puts on record who asked and why.") { record, settings, key, purpose, asker };
        command.SetDatabaseAction(settings, async (parsed, _, database, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            if (parsed.GetValue(record)!.Split('/') is not [var site, var gate, var number] || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            {
                await terminal.Error.WriteLineAsync("name the record as site/gate/number");
                return ExitCode.Unusable;
            }
            if (Asker.Of(parsed.GetValue(asker)!, parsed.GetValue(purpose)!, out var missing) is not { } who)
            {
                await terminal.Error.WriteLineAsync(missing);
                return ExitCode.Unusable;
            }
            try
            {
                using var secret = ECDiffieHellman.Create();
                secret.ImportFromPem(await File.ReadAllTextAsync(parsed.GetValue(key)!, cancellationToken));
                var opened = await new EvidenceFile(database, new Audit(time)).OpenAsync(site, gate, sequence, secret, who, cancellationToken);
                await terminal.Output.WriteLineAsync(opened is null ? "there is no such record here, or nothing closed in it" : Encoding.UTF8.GetString(opened));
                return opened is null ? ExitCode.Failed : ExitCode.Done;
            }
            catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
            {
                await terminal.Error.WriteLineAsync($"{parsed.GetValue(key)} does not open it: {unusable.Message}");
                return ExitCode.Unusable;
            }
        });
        return command;
    }
}
