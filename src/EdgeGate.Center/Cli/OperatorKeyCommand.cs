using System.CommandLine;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Fleet;

namespace EdgeGate.Center.Cli;

/// <summary><c>edgegate-center operator-key</c>: the key that signs what people tell gates on the pages.</summary>
internal static class OperatorKeyCommand
{
    private const int ShortestPassphrase = 12;

    /// <param name="input">Where the passphrase is read from.</param>
    public static Command Create(TextReader input)
    {
        var id = new Argument<string>("id") { Description = "Short name of the key, for example operators-2026.", HelpName = "id" };
        var directory = new Option<string>("--directory", "-d") { Description = "Where the two files go.", HelpName = "directory", DefaultValueFactory = _ => "." };
        var command = new Command("operator-key", "Makes the key by which people at the pages command gates. Its passphrase is the first line of the input.") { id, directory };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            if (!ListWord.IsValid(parsed.GetValue(id)!))
            {
                await terminal.Error.WriteLineAsync("the id must be 1 to 32 lower-case letters, digits or hyphens");
                return ExitCode.Unusable;
            }
            if (await input.ReadLineAsync(cancellationToken) is not { Length: >= ShortestPassphrase } passphrase)
            {
                await terminal.Error.WriteLineAsync($"the passphrase must have at least {ShortestPassphrase} characters; it is the first line of the input");
                return ExitCode.Unusable;
            }
            var folder = Path.GetFullPath(parsed.GetValue(directory)!);
            var (closed, known) = (Path.Combine(folder, parsed.GetValue(id) + ".closed.pem"), Path.Combine(folder, parsed.GetValue(id) + ".public.pem"));
            var (closedPem, publicPem) = OperatorKey.New(passphrase);
            try
            {
                // Never over another key: it may be the only one that gates obey.
                var ownerOnly = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
                await using (var file = new StreamWriter(closed, ownerOnly))
                    await file.WriteAsync(closedPem);
                await File.WriteAllTextAsync(known, publicPem, cancellationToken);
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                await terminal.Error.WriteLineAsync(unwritable.Message);
                return ExitCode.Failed;
            }
            await terminal.Output.WriteLineAsync($"{closed} into the center's settings as operatorKey; {known} to every gate, into commands.keys");
            return ExitCode.Done;
        });
        return command;
    }
}
