using System.CommandLine;
using System.Text.Json;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Settings;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Center.Cli;

/// <summary><c>edgegate-center register</c>: the lists that gates go by. The running center brings each change to the broker.</summary>
internal static class RegisterCommand
{
    private const int MostTold = 50;

    public static Command Create(TimeProvider time) => new("register", "Keeps the lists that gates go by: residents, visitors, watch lists, the plan of zones.")
    {
        List(time),
        Import(time),
        Export(time),
        Reconcile(time),
        Gates(time),
    };

    private static Command List(TimeProvider time) => On("list", "Shows every list with its version and size.", time, [], async (desk, _, cancellationToken) =>
    {
        var lists = await desk.Book.ListAsync(cancellationToken);
        await TextTable.WriteAsync(desk.Output, ["site", "list", "version", "persons", "issued", "at the broker"], lists.Select(list => new[]
        {
            list.Site, list.Name, $"{list.Version}", list.IsPlan ? "plan" : $"{list.Persons}", $"{list.IssuedAt.ToLocalTime():yyyy-MM-dd HH:mm}", list.Announced is { } announced ? $"{announced}" : "",
        }).ToList());
        return ExitCode.Done;
    });

    private static Command Import(TimeProvider time)
    {
        var list = new Argument<string>("list") { Description = "The list, such as residents or quarantine; it is made when it is new." };
        var file = new Argument<string>("file") { Description = "A CSV file of persons (README of Registers), or a JSON file with the site's plan." };
        var site = SiteOption();
        var merge = new Option<bool>("--merge") { Description = "Add to the list and change who is on it; without this the file is the whole list." };
        var remove = new Option<bool>("--remove") { Description = "Take the persons of the file off the list." };
        var purpose = new Option<string>("--purpose") { Description = "Why; kept on record.", HelpName = "text", Required = true };
        var asker = new Option<string>("--asker") { Description = "Who does it; kept on record.", HelpName = "name", DefaultValueFactory = _ => Environment.UserName };
        var ignore = new Option<string[]>("--ignore") { Description = "Headings of columns to pass over, such as remarks.", HelpName = "heading", AllowMultipleArgumentsPerToken = true };
        return On("import", "Takes a file as a list, or changes a list by it: all of it or nothing.", time, [list, file, site, merge, remove, purpose, asker, ignore], async (desk, parsed, cancellationToken) =>
        {
            var (name, from) = (parsed.GetValue(list)!, parsed.GetValue(site)!);
            if (!ListWord.IsValid(name))
                return await desk.UnusableAsync("a list's name is of 1 to 32 lower-case letters, digits and hyphens");
            if (Asker.Of(parsed.GetValue(asker)!, parsed.GetValue(purpose)!, out var missing) is not { } who)
                return await desk.UnusableAsync(missing!);
            var content = await File.ReadAllBytesAsync(parsed.GetValue(file)!, cancellationToken);
            if (parsed.GetValue(file)!.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            {
                if (PlanFile.Read(content, out var fault) is not { } plan)
                    return await desk.UnusableAsync($"nothing was changed: {fault}");
                await desk.Output.WriteLineAsync($"plan: version {(await desk.Book.ChangePlanAsync(from, plan, who, cancellationToken)).Version}");
                return ExitCode.Done;
            }
            var reading = RegisterFileReading.PersonsOf(content, desk.Keys.Of(from), parsed.GetValue(ignore) ?? []);
            if (reading.Faults.Count > 0)
            {
                await desk.Errors.WriteLineAsync("nothing was changed:");
                foreach (var fault in reading.Faults.Take(MostTold))
                    await desk.Errors.WriteLineAsync($"  {fault}");
                return ExitCode.Failed;
            }
            var change = parsed.GetValue(remove) ? new RegisterChange([], [.. reading.Entries.Select(entry => entry.Person)])
                : new RegisterChange(reading.Entries, [], ReplacesAll: !parsed.GetValue(merge), reading.Details);
            var result = await desk.Book.ChangeAsync(from, name, change, who, cancellationToken);
            await desk.Output.WriteLineAsync($"{name}: version {result.Version}, {result.Persons} persons ({result.Added} added, {result.Changed} changed, {result.Removed} removed)");
            return ExitCode.Done;
        });
    }

    private static Command Export(TimeProvider time)
    {
        var list = new Argument<string>("list") { Description = "The list." };
        var site = SiteOption();
        return On("export", "Writes a list as CSV to standard output: keys and masked names.", time, [list, site], async (desk, parsed, cancellationToken) =>
        {
            if (await desk.Book.LoadAsync(parsed.GetValue(site)!, parsed.GetValue(list)!, cancellationToken) is not { } register)
                return await desk.UnusableAsync($"there is no list {parsed.GetValue(list)} of {parsed.GetValue(site)}");
            if (register.Plan is { } plan)
                await desk.Output.WriteLineAsync(JsonSerializer.Serialize(plan, RegisterShapes.Default.SitePlan));
            else
                PersonCsv.Write(desk.Output, register.Persons.Entries);
            return ExitCode.Done;
        });
    }

    private static Command Reconcile(TimeProvider time)
    {
        var (one, other) = (new Argument<string>("one") { Description = "A list, or a CSV file." }, new Argument<string>("other") { Description = "A list, or a CSV file." });
        var site = SiteOption();
        return On("reconcile", "Shows who is in one of two lists but not in the other, or stands there with something else.", time, [one, other, site], async (desk, parsed, cancellationToken) =>
        {
            var (first, second) = (parsed.GetValue(one)!, parsed.GetValue(other)!);
            if (await TableAsync(first) is not { } left || await TableAsync(second) is not { } right)
                return ExitCode.Unusable;
            var found = ListComparison.Of(left, right);
            await TellAsync($"in {first} but not in {second}", found.OnlyInOne);
            await TellAsync($"in {second} but not in {first}", found.OnlyInOther);
            await desk.Output.WriteLineAsync($"in both, otherwise in {second}: {found.Different.Count}");
            foreach (var entry in found.Different.Take(MostTold))
                await desk.Output.WriteLineAsync($"  {entry.One.Person} {entry.One.MaskedName} {entry.One.Unit}: {string.Join(", ", entry.Fields.Select(field => $"{field.Column} \"{field.One}\", there \"{field.Other}\""))}");
            return found.Count == 0 ? ExitCode.Done : ExitCode.Failed;

            async Task<IPersonTable?> TableAsync(string source)
            {
                if (ListWord.IsValid(source) && !File.Exists(source))
                {
                    var register = await desk.Book.LoadAsync(parsed.GetValue(site)!, source, cancellationToken);
                    if (register is null)
                        await desk.Errors.WriteLineAsync($"there is no list {source} of {parsed.GetValue(site)}");
                    return register?.Persons;
                }
                var reading = RegisterFileReading.PersonsOf(await File.ReadAllBytesAsync(source, cancellationToken), desk.Keys.Of(parsed.GetValue(site)!), []);
                foreach (var fault in reading.Faults.Take(MostTold))
                    await desk.Errors.WriteLineAsync($"{source}: {fault}");
                return reading.Faults.Count == 0 ? PersonTable.Of(reading.Entries) : null;
            }

            async Task TellAsync(string what, IReadOnlyList<RegisterEntry> entries)
            {
                await desk.Output.WriteLineAsync($"{what}: {entries.Count}");
                foreach (var entry in entries.Take(MostTold))
                    await desk.Output.WriteLineAsync($"  {entry.Person} {entry.MaskedName} {entry.Unit} {entry.Terms}");
            }
        });
    }

    private static Command Gates(TimeProvider time) => On("gates", "Shows which gate has which version of which list; fails when one is stale.", time, [], async (desk, _, cancellationToken) =>
    {
        var lists = await desk.Lists.ListAsync(cancellationToken);
        await TextTable.WriteAsync(desk.Output, ["gate", "list", "has", "newest", "state"], lists.Select(list => new[]
        {
            $"{list.Site}/{list.Gate}", list.Register, list.Version is { } version ? $"{version}" : "", $"{list.Newest}", list.State.ToString().ToLowerInvariant(),
        }).ToList());
        return lists.Any(list => list.State is ListState.Stale) ? ExitCode.Failed : ExitCode.Done;
    });

    private static Option<string> SiteOption() => new("--site") { Description = "Whose list it is.", HelpName = "id", Required = true };

    private sealed record Desk(RegisterBook Book, GateLists Lists, SiteKeys Keys, TextWriter Output, TextWriter Errors)
    {
        public async Task<int> UnusableAsync(string words)
        {
            await Errors.WriteLineAsync(words);
            return ExitCode.Unusable;
        }
    }

    private static Command On(string name, string description, TimeProvider time, IReadOnlyList<Symbol> symbols, Func<Desk, ParseResult, CancellationToken, Task<int>> act)
    {
        var settings = CenterCommand.SettingsOption();
        var command = new Command(name, description) { settings };
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        }
        command.SetDatabaseAction(settings, async (parsed, read, database, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            var desk = new Desk(
                new RegisterBook(database, new Audit(time), time, CenterSettingsFile.ReadDataKey(read)), new GateLists(database, time), new SiteKeys(read.Sites), terminal.Output, terminal.Error);
            try
            {
                return await act(desk, parsed, cancellationToken);
            }
            catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
            {
                return await desk.UnusableAsync(unusable.Message);
            }
        });
        return command;
    }
}
