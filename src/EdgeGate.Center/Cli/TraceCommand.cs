using System.Buffers.Text;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EdgeGate.Access;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Tracing;

namespace EdgeGate.Center.Cli;

/// <summary><c>edgegate-center trace</c>: who was near one person. The ID number comes from standard input, never from the command line, which others can read.</summary>
internal static class TraceCommand
{
    public static Command Create(TimeProvider time)
    {
        var settings = CenterCommand.SettingsOption();
        var from = new Option<DateTimeOffset>("--from") { Description = "Beginning: 2026-11-20, or 2026-11-20T08:00.", HelpName = "time", Required = true, CustomParser = result => Time(result, endOfDay: false) };
        var to = new Option<DateTimeOffset>("--to") { Description = "End; of a date the end of that day.", HelpName = "time", Required = true, CustomParser = result => Time(result, endOfDay: true) };
        var within = new Option<TimeSpan>("--within") { Description = "How far apart at a lane is near: 90s, 5m, 1h.", HelpName = "span", DefaultValueFactory = _ => TimeSpan.FromMinutes(5), CustomParser = Span };
        var degree = new Option<int>("--degree") { Description = "2 for contacts of contacts too.", HelpName = "1|2", DefaultValueFactory = _ => 1 };
        degree.AcceptOnlyFromAmong("1", "2");
        var purpose = new Option<string>("--purpose") { Description = "What it is for; kept on record with the question.", HelpName = "text", Required = true };
        var asker = new Option<string>("--asker") { Description = "Who asks; kept on record.", HelpName = "name", DefaultValueFactory = _ => Environment.UserName };
        var code = new Option<bool>("--code") { Description = "What is read is a pass or code, not an ID number." };
        var csv = new Option<string?>("--csv") { Description = "Writes the contacts to this file too; - for standard output, and nothing else there.", HelpName = "file" };
        var command = new Command("trace", "Lists a person's passages and everybody who was near, the closest first. Reads the ID number from standard input.")
        {
            settings, from, to, within, degree, purpose, asker, code, csv,
        };
        command.SetDatabaseAction(settings, async (parsed, read, database, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            if (read.Sites.Count == 0)
            {
                await terminal.Error.WriteLineAsync("sites: name the sites and their keys in the settings: without a site's key nobody can be found there");
                return ExitCode.Unusable;
            }
            var shown = await ReadSecretAsync(parsed.GetValue(code) ? "Code: " : "ID number: ", terminal.Error, cancellationToken);
            var search = new PersonSearch(read.Sites);
            if (shown.Length == 0 || (parsed.GetValue(code) ? search.KeysOfCode(shown) : search.KeysOfIdNumber(shown)) is not { } person)
            {
                await terminal.Error.WriteLineAsync("that is no ID number");
                return ExitCode.Unusable;
            }
            if (Asker.Of(parsed.GetValue(asker)!, parsed.GetValue(purpose)!, out var missing) is not { } who)
            {
                await terminal.Error.WriteLineAsync(missing);
                return ExitCode.Unusable;
            }
            var question = new TraceQuestion(person, parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(within), parsed.GetValue(degree));
            var trace = await new Tracer(database, new Audit(time)).AskAsync(question, who, cancellationToken);
            if (parsed.GetValue(csv) is "-")
                TraceCsv.Write(trace, terminal.Output);
            else
                await PrintAsync(trace, terminal.Output);
            if (parsed.GetValue(csv) is { } file and not "-")
            {
                await using var to = new StreamWriter(file, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
                TraceCsv.Write(trace, to);
            }
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task PrintAsync(Trace trace, TextWriter to)
    {
        if (trace.Unheard.Count > 0)
            await to.WriteLineAsync($"Records of these gates are still missing, so there may be more: {string.Join(", ", trace.Unheard)}");
        await to.WriteLineAsync($"Passages: {trace.Passages.Count}");
        foreach (var passage in trace.Passages)
        {
            var taken = passage.Outcome is not Outcome.Granted || passage.Taken ? "" : ", not taken";
            var clock = passage.Clock is ClockGrade.Synchronised ? "" : $" (clock {passage.Clock.ToString().ToLowerInvariant()})";
            await to.WriteLineAsync($"  {passage.At.ToLocalTime():yyyy-MM-dd HH:mm:ss}  {passage.Site}/{passage.Gate} {passage.Lane}  {passage.Direction.ToString().ToLowerInvariant()}, {passage.Outcome.ToString().ToLowerInvariant()}{taken}{(passage.Visits is { } unit ? $", visits {unit}" : "")}{clock}");
        }
        await to.WriteLineAsync($"Persons near, the closest first: {trace.Contacts.Count}");
        foreach (var (index, contact) in trace.Contacts.Index())
        {
            var unit = contact.Unit is { Length: > 0 } ? $", {contact.Unit}" : "";
            var through = contact.Through is { } via ? $", through {Key(via)[..8]}" : "";
            var last = contact.Last is { } time ? $", last {time.ToLocalTime():MM-dd HH:mm}" : "";
            var name = contact.MaskedName is { Length: > 0 } masked ? masked : "(no name)"; // of a paper pass, or of an online code
            await to.WriteLineAsync($"  {index + 1,3}. {Key(contact.Person)[..8]} {name}{unit}: {contact.Reason}{last}{through}");
        }
    }

    private static string Key(byte[] person) => Base64Url.EncodeToString(person);

    private static async Task<string> ReadSecretAsync(string prompt, TextWriter errors, CancellationToken cancellationToken)
    {
        if (Console.IsInputRedirected)
            return (await Console.In.ReadLineAsync(cancellationToken) ?? "").Trim();
        await errors.WriteAsync(prompt);
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key is ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else
                typed.Append(key.KeyChar);
        }
        await errors.WriteLineAsync();
        return typed.ToString().Trim();
    }

    private static DateTimeOffset Time(ArgumentResult result, bool endOfDay)
    {
        var text = result.Tokens[0].Value;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time))
        {
            result.AddError($"{text} is no time: write 2026-11-20, or 2026-11-20T08:00");
            return default;
        }
        return (endOfDay && DateOnly.TryParseExact(text, "yyyy-MM-dd", out _) ? time.AddDays(1) : time).ToUniversalTime();
    }

    private static TimeSpan Span(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text.Length > 1 && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && count > 0)
        {
            TimeSpan? span = text[^1] switch { 's' => TimeSpan.FromSeconds(count), 'm' => TimeSpan.FromMinutes(count), 'h' => TimeSpan.FromHours(count), _ => null };
            if (span <= TimeSpan.FromHours(24))
                return span.Value;
        }
        result.AddError($"{text} is no span up to a day: write 90s, 5m or 1h");
        return default;
    }
}
