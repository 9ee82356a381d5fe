using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary>What a command that reads or changes this gate's lists works with.</summary>
internal sealed record RegisterDesk(GateSettings Gate, GateKeys Keys, PersonKeys Persons, RegisterStore Store, TextWriter Output, TextWriter Errors)
{
    /// <summary>The next version of a list, made by <c>--by</c>.</summary>
    /// <exception cref="InvalidDataException">The center keeps this list, or nobody is named who changes it.</exception>
    public RegisterEdit Edit(string list, string? by, string? sealedReason, TimeProvider time)
    {
        RequireOwn(list, by);
        return new RegisterEdit(Store, list, by, sealedReason, time.GetLocalNow());
    }

    /// <exception cref="InvalidDataException">The center keeps this list, or nobody is named who changes it.</exception>
    public void RequireOwn(string list, [NotNull] string? by)
    {
        if (Gate.Registers.Central.Contains(list))
            throw new InvalidDataException($"{list} is kept by the center (registers.central in the settings): change it there.");
        if (by is not { Length: > 0 and <= 64 } || by.Any(char.IsControl))
            throw new InvalidDataException("--by must be 1 to 64 characters in one line.");
    }

    /// <summary>A subcommand at the desk of the gate that <c>--settings</c> names. What cannot be used, read or written is told in words.</summary>
    public static Command CommandOn(
        string name, string description, IReadOnlyList<Argument> arguments, IReadOnlyList<Option> options, Func<RegisterDesk, ParseResult, int> run)
    {
        var settings = EdgeGateCommand.SettingsOption();
        var command = new Command(name, description) { settings };
        foreach (var argument in arguments)
            command.Add(argument);
        foreach (var option in options)
            command.Add(option);
        command.SetAction(parsed =>
        {
            var terminal = parsed.InvocationConfiguration;
            var file = parsed.GetValue(settings)!;
            if (EdgeGateSettings.Read(file) is not SettingsResult.Valid { Settings: var gate })
            {
                terminal.Error.WriteLine($"{file} cannot be used (edgegate config check tells why)");
                return ExitCode.Unusable;
            }
            try
            {
                var keys = GateKeys.LoadOrMake(gate.Privacy, gate.DataDirectory);
                return run(new RegisterDesk(gate, keys, new PersonKeys(keys.SiteSecret), new RegisterStore(RegisterSetup.DirectoryOf(gate)), terminal.Output, terminal.Error), parsed);
            }
            catch (Exception failed) when (failed is GateKeyException or IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException or CryptographicException)
            {
                terminal.Error.WriteLine(failed.Message);
                return ExitCode.Failed;
            }
        });
        return command;
    }
}
