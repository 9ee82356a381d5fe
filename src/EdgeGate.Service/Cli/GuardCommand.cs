using System.CommandLine;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate guard</c>: who may sign in at the guard post, and the gate's certificate. Works while the gate runs, which takes it up at once.</summary>
internal static class GuardCommand
{
    private static readonly Argument<string> Id = new("guard") { Description = "The account: a short word such as li or post-2; it stands in records." };
    private static readonly Option<bool> FromInput = new("--from-input") { Description = "Take the PIN or password from the first line of the input instead of making a PIN." };

    /// <param name="input">Where a chosen password is read from.</param>
    public static Command Create(TimeProvider time, TextReader input) => new("guard", "Accounts and certificate of the guard post.")
    {
        Add(input), List(), Remove(), Reset(input), Certificate(time),
    };

    private static Command Add(TextReader input)
    {
        var role = new Option<GuardRole>("--role") { Description = "guard, supervisor or installer.", DefaultValueFactory = _ => GuardRole.Guard };
        return Command("add", "Adds an account and prints its PIN, once.", [Id], [role, FromInput], (parsed, book, output) =>
            Put(parsed.GetValue(Id)!, parsed.GetValue(role), mustExist: false, parsed.GetValue(FromInput) ? input : null, book, output));
    }

    private static Command Reset(TextReader input) =>
        Command("reset", "Gives an account a new PIN and ends what it has open.", [Id], [FromInput], (parsed, book, output) =>
            Put(parsed.GetValue(Id)!, role: null, mustExist: true, parsed.GetValue(FromInput) ? input : null, book, output));

    private static Command List() => Command("list", "Shows the accounts.", [], [], (_, book, output) =>
    {
        var guards = book.All(out var fault);
        if (fault is not null)
            return fault;
        foreach (var guard in guards)
            output.WriteLine($"{guard.Id,-32}  {guard.Role.ToString().ToLowerInvariant()}");
        if (guards.Count == 0)
            output.WriteLine("nobody yet: edgegate guard add");
        return null;
    });

    private static Command Remove() => Command("remove", "Takes an account off and ends what it has open.", [Id], [], (parsed, book, _) =>
    {
        if (!book.TryFind(parsed.GetValue(Id)!, out var guard))
            return NoSuch;
        book.Remove(guard.Id);
        return null;
    });

    private static Command Certificate(TimeProvider time)
    {
        var fresh = new Option<bool>("--new") { Description = "Make a new one, for example after the gate was given another address; every phone must be told to trust it." };
        var settings = EdgeGateCommand.SettingsOption();
        var command = new Command("certificate", "Makes the certificate for https when there is none, and prints its fingerprint, to be compared on each phone.") { fresh, settings };
        command.SetAction(parsed => WithSettings(parsed, settings, gate =>
        {
            var (file, names) = (GuardPostSetup.CertificateFileOf(gate), GuardPostSetup.HostNamesOf(gate));
            using var certificate = parsed.GetValue(fresh) ? GateCertificate.Make(file, names, time.GetUtcNow()) : GateCertificate.LoadOrMake(file, names, time.GetUtcNow());
            parsed.InvocationConfiguration.Output.WriteLine($"{file}\nSHA-256 {GateCertificate.Fingerprint(certificate)}\nuntil {certificate.NotAfter:yyyy-MM-dd}");
            return null;
        }));
        return command;
    }

    private const string NoSuch = "there is no such account (edgegate guard list shows them)";

    /// <param name="role">Null keeps that of the account.</param>
    private static string? Put(string id, GuardRole? role, bool mustExist, TextReader? input, GuardBook book, TextWriter output)
    {
        if (!ListWord.IsValid(id))
            return "an account is 1 to 32 lower-case letters, digits and hyphens";
        if (book.TryFind(id, out var known) != mustExist)
            return mustExist ? NoSuch : "there is such an account already (edgegate guard reset gives it a new PIN)";
        var given = role ?? known!.Role;
        var secret = input is null ? GuardSecret.NewPin(given) : input.ReadLine() ?? "";
        if (GuardSecret.Fault(secret, given) is { } fault)
            return "the PIN or password cannot be used: " + fault;
        book.Put(new Guard(id, given, SecretHash.Of(secret), Guid.NewGuid()));
        if (input is null)
            output.WriteLine($"PIN of {id}: {secret}");
        return null;
    }

    /// <param name="run">Returns why it could not be done, in words; null when it was.</param>
    private static Command Command(string name, string description, Argument[] arguments, Option[] options, Func<ParseResult, GuardBook, TextWriter, string?> run)
    {
        var settings = EdgeGateCommand.SettingsOption();
        var command = new Command(name, description) { settings };
        foreach (var argument in arguments)
            command.Add(argument);
        foreach (var option in options)
            command.Add(option);
        command.SetAction(parsed => WithSettings(parsed, settings, gate =>
            run(parsed, new GuardBook(GuardPostSetup.GuardFileOf(gate)), parsed.InvocationConfiguration.Output)));
        return command;
    }

    private static int WithSettings(ParseResult parsed, Option<string> settings, Func<GateSettings, string?> run)
    {
        var errors = parsed.InvocationConfiguration.Error;
        var file = parsed.GetValue(settings)!;
        switch (EdgeGateSettings.Read(file))
        {
            case SettingsResult.Invalid { Faults: var faults }:
                EdgeGateSettings.Tell(errors, file, faults);
                return ExitCode.Unusable;
            case SettingsResult.Valid { Settings: var gate }:
                try
                {
                    if (run(gate) is not { } cause)
                        return ExitCode.Done;
                    errors.WriteLine(cause);
                }
                catch (IOException unwritable)
                {
                    errors.WriteLine(unwritable.Message);
                }
                return ExitCode.Failed;
            default:
                return ExitCode.Unusable;
        }
    }
}
