using System.CommandLine;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Web.Accounts;

namespace EdgeGate.Center.Cli;

/// <summary><c>edgegate-center account</c>: who may sign in at the pages. Taken up at once by every process of the center.</summary>
internal static class AccountCommand
{
    private const string NoSuch = "there is no such account (edgegate-center account list shows them)";

    private const string NoSite = "a site is 1 to 32 lower-case letters, digits and hyphens, as in the center's settings";

    /// <param name="input">Where a chosen password is read from.</param>
    public static Command Create(TimeProvider time, TextReader input) =>
        new("account", "Accounts of the center's pages.") { Add(time, input), List(time), Limit(time), Remove(time), Reset(time, input) };

    private static Command Add(TimeProvider time, TextReader input)
    {
        var role = new Option<Role>("--role") { Description = "officer (asks about persons), manager (of the property), operator (of gates), auditor.", Required = true };
        var (sites, fromInput) = (Sites("The sites it is for; all when none is given."), FromInput());
        return OfOne("add", "Adds an account and prints its password, once.", time, [role, sites, fromInput], async (parsed, settings, id, book, cancellationToken) =>
        {
            if (!ListWord.IsValid(id))
                return "an account is 1 to 32 lower-case letters, digits and hyphens";
            if (parsed.GetValue(sites)!.Any(site => !ListWord.IsValid(site)))
                return NoSite;
            await TellUnknownAsync(parsed, settings, parsed.GetValue(sites)!, book, cancellationToken);
            return await WithPasswordAsync(parsed, fromInput, input, id, async password =>
                await book.AddAsync(id, parsed.GetValue(role), parsed.GetValue(sites) is { Length: > 0 } given ? given : null, password, cancellationToken) ? null : "there is such an account already (edgegate-center account reset gives it a new password)");
        });
    }

    private static Command Limit(TimeProvider time)
    {
        var (sites, all) = (Sites("The sites it is for from now on, in place of those before."), new Option<bool>("--all") { Description = "Every site." });
        return OfOne("limit", "Says for which sites an account is; holds from its next request on.", time, [sites, all], async (parsed, settings, id, book, cancellationToken) =>
        {
            if (parsed.GetValue(all) == parsed.GetValue(sites)!.Length > 0)
                return "give either --site, once or more, or --all";
            if (parsed.GetValue(sites)!.Any(site => !ListWord.IsValid(site)))
                return NoSite;
            await TellUnknownAsync(parsed, settings, parsed.GetValue(sites)!, book, cancellationToken);
            return await book.LimitAsync(id, parsed.GetValue(all) ? null : parsed.GetValue(sites), cancellationToken) ? null : NoSuch;
        });
    }

    /// <summary>A site may come later, so this is no fault; a mistyped one would leave somebody before empty pages.</summary>
    private static async Task TellUnknownAsync(ParseResult parsed, CenterSettings settings, string[] sites, AccountBook book, CancellationToken cancellationToken)
    {
        foreach (var site in (await book.WithoutGateAsync(sites, cancellationToken)).Except(settings.Sites.Select(known => known.Id)))
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"neither the settings nor any gate have a site {site} so far: until then the account sees nothing of it");
    }

    private static Option<string[]> Sites(string description) => new("--site") { Description = description, DefaultValueFactory = _ => [] };

    private static Command Reset(TimeProvider time, TextReader input)
    {
        var fromInput = FromInput();
        return OfOne("reset", "Gives an account a new password and ends what it has open.", time, [fromInput], (parsed, _, id, book, cancellationToken) =>
            WithPasswordAsync(parsed, fromInput, input, id, async password => await book.ResetAsync(id, password, cancellationToken) ? null : NoSuch));
    }

    private static Command Remove(TimeProvider time) =>
        OfOne("remove", "Takes an account off and ends what it has open.", time, [], async (_, _, id, book, cancellationToken) => await book.RemoveAsync(id, cancellationToken) ? null : NoSuch);

    private static Command List(TimeProvider time)
    {
        var settings = CenterCommand.SettingsOption();
        var command = new Command("list", "Shows the accounts.") { settings };
        command.SetDatabaseAction(settings, async (parsed, _, database, cancellationToken) =>
        {
            var accounts = await new AccountBook(database, time).AllAsync(cancellationToken);
            await TextTable.WriteAsync(parsed.InvocationConfiguration.Output, ["account", "role", "sites"], accounts.Select(account => new[] { account.Id, account.Role.ToString().ToLowerInvariant(), account.Sites is { } sites ? string.Join(' ', sites) : "all" }));
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<bool> FromInput() => new("--from-input") { Description = "Take the password from the first line of the input instead of making one." };

    /// <param name="keep">Returns why it could not be done, in words; null when it was.</param>
    private static async Task<string?> WithPasswordAsync(ParseResult parsed, Option<bool> fromInput, TextReader input, string id, Func<string, Task<string?>> keep)
    {
        var isGiven = parsed.GetValue(fromInput);
        var password = isGiven ? await input.ReadLineAsync() ?? "" : AccountPassword.New();
        if (AccountPassword.Fault(password) is { } fault)
            return "the password cannot be used: " + fault;
        var cause = await keep(password);
        if (cause is null && !isGiven)
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"password of {id}: {password}");
        return cause;
    }

    /// <param name="run">Returns why it could not be done, in words; null when it was.</param>
    private static Command OfOne(string name, string description, TimeProvider time, IEnumerable<Option> options, Func<ParseResult, CenterSettings, string, AccountBook, CancellationToken, Task<string?>> run)
    {
        var account = new Argument<string>("account") { Description = "A short word such as li or desk-2; it stands in the audit." };
        var settings = CenterCommand.SettingsOption();
        var command = new Command(name, description) { account, settings };
        foreach (var option in options)
            command.Add(option);
        command.SetDatabaseAction(settings, async (parsed, read, database, cancellationToken) =>
        {
            if (await run(parsed, read, parsed.GetValue(account)!, new AccountBook(database, time), cancellationToken) is not { } cause)
                return ExitCode.Done;
            await parsed.InvocationConfiguration.Error.WriteLineAsync(cause);
            return ExitCode.Failed;
        });
        return command;
    }
}
