using System.CommandLine;
using System.Text;
using System.Text.Json;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.Keys;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate register</c>: the lists of persons that a gate without a center keeps itself, also while it runs.</summary>
internal static class RegisterCommand
{
    private const int MostTold = 50;

    private static readonly Argument<string> ListName = new("list") { Description = "The list, such as residents or quarantine; import makes it when it is new." };

    public static Command Create(TimeProvider time) => new("register", "Keeps the lists of persons this gate goes by, also while it runs.")
    {
        List(time),
        Import(time),
        Export(),
        Diff(),
        Reconcile(),
        RegisterPublishCommand.Create(time),
    };

    private static Command List(TimeProvider time) => OnRegisters("list", "Shows every list with its version, size and age.", [], [], (desk, _) =>
    {
        foreach (var name in desk.Store.Names)
        {
            var reading = desk.Store.Load(name);
            if (reading.Register is { } register)
                desk.Output.WriteLine($"{name}: version {register.Version}, {(register.Plan is null ? $"{register.Persons.Count} persons" : "the site's plan")}, {(time.GetUtcNow() - register.IssuedAt).TotalHours:0.0} h old");
            else
                desk.Output.WriteLine($"{name}: no version that can be used");
            TellFaults(desk, reading.Faults);
        }
        return ExitCode.Done;
    });

    private static Command Import(TimeProvider time)
    {
        var file = FileArgument("A CSV file of persons, or a JSON file with the site's plan; /dev/stdin for a single line typed by hand.");
        var merge = new Option<bool>("--merge") { Description = "Add to the list and change who is on it; without this the file is the whole list." };
        var remove = new Option<bool>("--remove") { Description = "Take the persons of the file off the list." };
        var by = new Option<string>("--by") { Description = "Who changes the list: an account or role, for the record.", DefaultValueFactory = _ => Environment.UserName };
        var reason = new Option<string?>("--reason") { Description = "Why, and who approved it; kept sealed in the record." };
        var ignore = IgnoreOption();
        return OnRegisters("import", "Takes a file as a list, or changes a list by it: all of it or nothing.", [ListName, file], [merge, remove, by, reason, ignore], (desk, parsed) =>
        {
            var (name, content) = (parsed.GetValue(ListName)!, File.ReadAllBytes(parsed.GetValue(file)!));
            var why = parsed.GetValue(reason) is { } text ? Seal(desk.Keys, text) : null;
            var edit = desk.Edit(name, parsed.GetValue(by), why, time);
            using var _ = desk.Store.Lock();
            var before = desk.Store.Load(name).Register;
            Register? after;
            if (parsed.GetValue(file)!.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            {
                if (ReadPlan(content, desk.Errors) is not { } plan)
                    return ExitCode.Unusable;
                after = edit.Put(before, plan);
            }
            else
            {
                if (ReadPersons(desk, content, parsed.GetValue(ignore)) is not { } persons)
                    return ExitCode.Unusable;
                var table = PersonTable.From(before?.Persons ?? PersonTable.Empty);
                after = edit.Put(before, parsed.GetValue(remove) ? table.With([], persons.Entries.Select(entry => entry.Person))
                    : parsed.GetValue(merge) ? table.With(persons.Entries, [])
                    : PersonTable.Of(persons.Entries));
            }
            var changes = PersonChanges.Between(before?.Persons ?? PersonTable.Empty, after!.Persons);
            desk.Output.WriteLine(after.Version == before?.Version
                ? $"{name}: nothing to change, version {after.Version} stays"
                : $"{name}: version {after.Version}, {after.Persons.Count} persons ({changes.Added.Count} added, {changes.Changed.Count} changed, {changes.Removed.Count} removed); a running gate goes by it within two seconds");
            return ExitCode.Done;
        });
    }

    private static Command Export() => OnRegisters("export", "Writes a list as CSV to standard output: keys and masked names.", [ListName], [], (desk, parsed) =>
    {
        if (Load(desk, parsed.GetValue(ListName)!) is not { } register)
            return ExitCode.Failed;
        if (register.Plan is { } plan)
            desk.Output.WriteLine(JsonSerializer.Serialize(plan, RegisterShapes.Default.SitePlan));
        else
            PersonCsv.Write(desk.Output, register.Persons.Entries);
        return ExitCode.Done;
    });

    private static Command Diff()
    {
        var file = FileArgument("A CSV file of persons.");
        var ignore = IgnoreOption();
        return OnRegisters("diff", "Shows what importing a file as the whole list would change, and changes nothing.", [ListName, file], [ignore], (desk, parsed) =>
        {
            if (ReadPersons(desk, File.ReadAllBytes(parsed.GetValue(file)!), parsed.GetValue(ignore)) is not { } persons)
                return ExitCode.Unusable;
            var before = desk.Store.Load(parsed.GetValue(ListName)!).Register?.Persons ?? PersonTable.Empty;
            var changes = PersonChanges.Between(before, PersonTable.Of(persons.Entries));
            Tell(desk.Output, "added", changes.Added);
            Tell(desk.Output, "changed", changes.Changed);
            Tell(desk.Output, "removed", changes.Removed);
            return ExitCode.Done;
        });
    }

    private static Command Reconcile()
    {
        var one = new Argument<string>("one") { Description = "A list, or a CSV file." };
        var other = new Argument<string>("other") { Description = "A list, or a CSV file." };
        var ignore = IgnoreOption();
        return OnRegisters("reconcile", "Shows who is in one of two lists but not in the other.", [one, other], [ignore], (desk, parsed) =>
        {
            var (first, second) = (parsed.GetValue(one)!, parsed.GetValue(other)!);
            if (Persons(desk, first, parsed.GetValue(ignore)) is not { } left || Persons(desk, second, parsed.GetValue(ignore)) is not { } right)
                return ExitCode.Unusable;
            var changes = PersonChanges.Between(left, right);
            Tell(desk.Output, $"in {first} but not in {second}", changes.Removed);
            Tell(desk.Output, $"in {second} but not in {first}", changes.Added);
            return changes.Removed.Count + changes.Added.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
    }

    private static IPersonTable? Persons(RegisterDesk desk, string source, string[]? ignored)
    {
        if (ListWord.IsValid(source) && !File.Exists(source))
            return Load(desk, source)?.Persons;
        return ReadPersons(desk, File.ReadAllBytes(source), ignored) is { } persons ? PersonTable.Of(persons.Entries) : null;
    }

    private static Register? Load(RegisterDesk desk, string name)
    {
        var reading = desk.Store.Load(name);
        TellFaults(desk, reading.Faults);
        if (reading.Register is null)
            desk.Errors.WriteLine($"There is no list {name}; there are: {string.Join(", ", desk.Store.Names)}.");
        return reading.Register;
    }

    private static CsvPersons? ReadPersons(RegisterDesk desk, byte[] content, string[]? ignored)
    {
        var persons = PersonCsv.Read(content, desk.Persons, ignored ?? []);
        if (persons.Faults.Count == 0)
            return persons;
        desk.Errors.WriteLine($"Nothing was changed: {(persons.Faults.Count == 1 ? "one fault" : $"{persons.Faults.Count} faults")}.");
        foreach (var fault in persons.Faults.Take(MostTold))
            desk.Errors.WriteLine("  " + fault);
        if (persons.Faults.Count > MostTold)
            desk.Errors.WriteLine($"  and {persons.Faults.Count - MostTold} more");
        return null;
    }

    private static SitePlan? ReadPlan(byte[] content, TextWriter errors)
    {
        var plan = PlanFile.Read(content, out var fault);
        if (plan is null)
            errors.WriteLine($"Nothing was changed: {fault.TrimEnd('.')}.");
        return plan;
    }

    private static void Tell(TextWriter to, string what, IReadOnlyList<RegisterEntry> entries)
    {
        to.WriteLine($"{what}: {entries.Count}");
        foreach (var entry in entries.Take(MostTold))
            to.WriteLine($"  {entry.Person} {entry.MaskedName} {entry.Unit} {entry.Terms}");
        if (entries.Count > MostTold)
            to.WriteLine($"  and {entries.Count - MostTold} more");
    }

    private static void TellFaults(RegisterDesk desk, IReadOnlyList<string> faults)
    {
        foreach (var fault in faults)
            desk.Errors.WriteLine("  cannot be used: " + fault);
    }

    private static string Seal(GateKeys keys, string text)
    {
        using var seal = new EvidenceSeal(keys.RecipientPem);
        return seal.Seal(Encoding.UTF8.GetBytes(text));
    }

    private static Argument<string> FileArgument(string description) => new("file") { Description = description };

    private static Option<string[]> IgnoreOption() => new("--ignore")
    {
        Description = "Headings of columns to pass over, such as remarks.",
        HelpName = "heading",
        AllowMultipleArgumentsPerToken = true,
    };

    private static Command OnRegisters(
        string name, string description, IReadOnlyList<Argument> arguments, IReadOnlyList<Option> options, Func<RegisterDesk, ParseResult, int> run) =>
        RegisterDesk.CommandOn(name, description, arguments, options, (desk, parsed) =>
        {
            if (!arguments.Contains(ListName) || ListWord.IsValid(parsed.GetValue(ListName)))
                return run(desk, parsed);
            desk.Errors.WriteLine("A list's name is of 1 to 32 lower-case letters, digits and hyphens.");
            return ExitCode.Unusable;
        });
}
