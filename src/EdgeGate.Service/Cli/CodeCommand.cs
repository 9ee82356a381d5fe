using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate code</c>: what a health code or pass is worth, step by step in words.</summary>
internal static class CodeCommand
{
    public static Command Create(TimeProvider time) => new("code", "Looks at health codes and passes.") { Check(time) };

    private static Command Check(TimeProvider time)
    {
        var codes = new Argument<string[]>("code") { Description = "The text of the code, or a picture of it (PNG or JPEG; needs Debian's zbar-tools); the parts of a long card one after the other; - reads lines from standard input.", Arity = ArgumentArity.OneOrMore };
        var list = new Option<string?>("--list", "-l") { Description = "The signed trust list.", HelpName = "file" };
        var key = new Option<string?>("--operator-key", "-k") { Description = "The operator's public key, P-256, PEM: for the trust list.", HelpName = "file" };
        var passKeys = new Option<string[]>("--pass-key") { Description = "A public key whose passes are taken, P-256, PEM.", HelpName = "file" };
        var at = new Option<DateTimeOffset?>("--at") { Description = "The time to judge at; now when left out.", HelpName = "time" };
        var command = new Command("check", "Verifies a code and explains step by step what was found. Shows no name, birth date or certificate number.") { codes, list, key, passKeys, at };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                var text = await TextOf(parsed.GetValue(codes)!, time, cancellationToken);
                var options = new HealthCodeOptions { PassKeys = [.. (parsed.GetValue(passKeys) ?? []).Select(file => PassKey.From(KeyFile.Public(file)))] };
                var verifier = new HealthCodeVerifier(Trust(parsed.GetValue(list), parsed.GetValue(key), parsed.InvocationConfiguration.Error), options);
                var result = verifier.Verify(text, new VerificationMoment(parsed.GetValue(at) ?? time.GetUtcNow(), ClockTrusted: true));
                Explain(result, parsed.InvocationConfiguration.Output);
                return result.Status == HealthCodeStatus.Valid ? ExitCode.Done : ExitCode.Failed;
            }
            catch (Exception unusable) when (unusable is KeyFileException or QrPictureException or CryptographicException or IOException or UnauthorizedAccessException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(unusable.Message);
                return ExitCode.Unusable;
            }
        });
        return command;
    }

    /// <summary>The parts of a card come one a line.</summary>
    private static async Task<string> TextOf(string[] codes, TimeProvider time, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        foreach (var code in codes)
        {
            if (code == "-")
                texts.Add(await Console.In.ReadToEndAsync(cancellationToken));
            else if (QrPicture.IsPicture(code))
                texts.Add(await QrPicture.ReadAsync(code, time, cancellationToken));
            else
                texts.Add(code);
        }
        return string.Join('\n', texts.Select(text => text.TrimEnd('\r', '\n')));
    }

    private static TrustStore Trust(string? list, string? key, TextWriter errors)
    {
        if (list is null || key is null)
            return new TrustStore([]);
        var store = new TrustStore([KeyFile.Public(key)]);
        if (store.Load(File.ReadAllText(list)) is TrustLoad.Refused refused)
            errors.WriteLine($"{list} is not used: {refused.Why}");
        return store;
    }

    private static void Explain(HealthCodeResult result, TextWriter output)
    {
        foreach (var step in result.Steps)
            output.WriteLine($"{step.Outcome switch { StepOutcome.Holds => "  ok   ", StepOutcome.Noted => "  note ", _ => "  NO   " }}{step.Words}");
        output.WriteLine($"{result.Kind}: {result.Status}");
        if (result.ExpiresAt is { } expiry)
            output.WriteLine($"expires {expiry.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC");
        if (result.Reference is not null)
            output.WriteLine($"reference {result.Reference} (edgegate trust deny takes it)");
    }
}
