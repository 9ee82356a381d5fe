using System.CommandLine;
using EdgeGate.Messages;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate schema</c>: what goes over the broker, for whoever writes another subscriber.</summary>
internal static class SchemaCommand
{
    private const string AsyncApi = "asyncapi";

    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = $"A record or message, for example edgegate.passage.v1 or tally; or {AsyncApi} for all topics in one document. All names when left out.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("schema", "Prints the JSON Schema of a record or message, or the AsyncAPI document of all topics.") { name };
        command.SetAction(parsed => Print(parsed.GetValue(name), parsed.InvocationConfiguration));
        return command;
    }

    private static int Print(string? name, InvocationConfiguration terminal)
    {
        var text = name switch
        {
            null => string.Join('\n', PublishedDocuments.Schemas.Prepend(AsyncApi)) + "\n",
            AsyncApi => PublishedDocuments.AsyncApi,
            _ => PublishedDocuments.Schema(name),
        };
        if (text is null)
        {
            terminal.Error.WriteLine($"there is no record or message {name}: edgegate schema lists them");
            return ExitCode.Unusable;
        }
        terminal.Output.Write(text);
        return ExitCode.Done;
    }
}
