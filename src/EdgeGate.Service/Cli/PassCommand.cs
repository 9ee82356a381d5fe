using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using EdgeGate.Access.Registers;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Registers;

namespace EdgeGate.Service.Cli;

/// <summary>
/// <c>edgegate pass</c>: makes signed passes, one or a sheet of them, and calls them back. What was issued is a list (<c>passes</c>), as is what was called
/// back (<c>revoked-passes</c>), each pass by the key of its id: so every change is on record, and a center or an office can keep both for all gates.
/// </summary>
internal static class PassCommand
{
    private const int MostOnSheet = 2000;

    private static readonly Option<string> By = new("--by") { Description = "Who does it: an account or role, for the record.", HelpName = "who", DefaultValueFactory = _ => Environment.UserName };

    public static Command Create(TimeProvider time) => new("pass", "Makes signed passes (EGP1 codes) and calls them back.")
    {
        Issue(time),
        Sheet(time),
        Now(time),
        Revoke(time),
        List(),
    };

    /// <summary>What is the same for a single pass and for a sheet.</summary>
    private sealed class Terms
    {
        public Option<string> Key { get; } = new("--key", "-k") { Description = "The private key (PEM) that signs; \"edgegate command keygen\" makes one, its public half goes into healthCodes.passKeyFiles.", HelpName = "file", Required = true };
        public Option<DateTimeOffset?> From { get; } = new("--from") { Description = "From when it is good; now when left out.", HelpName = "time" };
        public Option<DateTimeOffset> Until { get; } = new("--until") { Description = "Until when, such as \"2022-03-31 18:00\".", HelpName = "time", Required = true };
        public Option<string[]> Gates { get; } = new("--gates") { Description = "Where; everywhere when left out.", HelpName = "gate", AllowMultipleArgumentsPerToken = true };
        public Option<PassDirections> Direction { get; } = new("--direction") { Description = "Entry, Exit or Both.", HelpName = "way", DefaultValueFactory = _ => PassDirections.Both };
        public Option<int?> Uses { get; } = new("--uses") { Description = "How often; any number when left out.", HelpName = "count" };
        public IReadOnlyList<Option> All => [Key, From, Until, Gates, Direction, Uses];

        public EdgeGatePass Pass(ParseResult parsed, DateTimeOffset now) => new()
        {
            Id = EdgeGatePass.NewId(),
            NotBefore = parsed.GetValue(From) ?? now,
            ExpiresAt = parsed.GetValue(Until),
            Gates = parsed.GetValue(Gates) is { Length: > 0 } gates ? gates : [EdgeGatePass.EveryGate],
            Directions = parsed.GetValue(Direction),
            Uses = parsed.GetValue(Uses),
        };
    }

    private static Command Issue(TimeProvider time)
    {
        var terms = new Terms();
        var name = new Option<string?>("--name") { Description = "Whose; masked at once. To bearer when left out.", HelpName = "name" };
        var unit = new Option<string>("--unit") { Description = "Household, company or room.", HelpName = "unit", DefaultValueFactory = _ => "" };
        var rotating = new Option<bool>("--rotating") { Description = "For a phone: digits that change every 30 seconds must follow the code (edgegate pass now)." };
        var picture = new Option<string?>("--qr") { Description = "Where the code goes as a picture (SVG).", HelpName = "file" };
        return RegisterDesk.CommandOn("issue", "Makes one pass and prints its text.", [], [.. terms.All, name, unit, rotating, picture, By], (desk, parsed) =>
        {
            var pass = terms.Pass(parsed, time.GetUtcNow());
            if (parsed.GetValue(rotating))
                pass = pass with { TotpSecret = pass.Id };
            var printed = new PrintedPass(pass, Sign(pass, parsed.GetValue(terms.Key)!), parsed.GetValue(name) is { } whose ? MaskedName.Of(whose) : null, parsed.GetValue(unit)!);
            Keep(desk, [printed], parsed.GetValue(By)!, time);
            desk.Output.WriteLine(printed.Text);
            if (parsed.GetValue(picture) is { } file)
                File.WriteAllText(file, PassSheet.Qr(printed.Text));
            return ExitCode.Done;
        });
    }

    private static Command Sheet(TimeProvider time)
    {
        var terms = new Terms();
        var list = new Argument<string>("list") { Description = "A CSV file with the columns name 姓名, unit 房号, and count 张数 where somebody gets several." };
        var to = new Option<string>("--output", "-o") { Description = "The HTML file; print it from any browser, or see --pdf.", HelpName = "file", Required = true };
        var pdf = new Option<string?>("--pdf") { Description = "Prints it to a PDF with Debian's chromium.", HelpName = "file" };
        return RegisterDesk.CommandOn("sheet", "Makes a pass for each line of a list, names masked, on A4 to cut out: a page for each household or building.", [list], [.. terms.All, to, pdf, By], (desk, parsed) =>
        {
            if (ReadLines(File.ReadAllBytes(parsed.GetValue(list)!), desk.Errors) is not { } lines)
                return ExitCode.Unusable;
            var (now, key) = (time.GetUtcNow(), parsed.GetValue(terms.Key)!);
            var printed = lines.OrderBy(line => line.Unit, StringComparer.Ordinal).Select(line =>
            {
                var pass = terms.Pass(parsed, now);
                return new PrintedPass(pass, Sign(pass, key), MaskedName.Of(line.Name), line.Unit);
            }).ToList();
            Keep(desk, printed, parsed.GetValue(By)!, time);
            var file = Path.GetFullPath(parsed.GetValue(to)!);
            File.WriteAllText(file, PassSheet.Create(desk.Gate.Site, printed));
            desk.Output.WriteLine($"{printed.Count} passes for {printed.Select(pass => pass.Unit).Distinct(StringComparer.Ordinal).Count()} units are in {file}: whoever has it can pass, so print it and remove it.");
            return parsed.GetValue(pdf) is { } paper && !Print(file, Path.GetFullPath(paper), desk.Errors) ? ExitCode.Failed : ExitCode.Done;
        });
    }

    private static Command Now(TimeProvider time)
    {
        var text = new Argument<string>("text") { Description = "A rotating pass, as issue printed it." };
        return RegisterDesk.CommandOn("now", "Adds the digits of this moment to a rotating pass, as its holder's phone would.", [text], [], (desk, parsed) =>
        {
            if (PassText.RotatingSecretOf(parsed.GetValue(text)!) is not { } name)
            {
                desk.Errors.WriteLine("This is no rotating pass.");
                return ExitCode.Unusable;
            }
            desk.Output.WriteLine(PassText.WithRotatingCode(parsed.GetValue(text)!, PassRegister.SecretOf(desk.Keys.SiteSecret, name), time.GetUtcNow()));
            return ExitCode.Done;
        });
    }

    private static Command Revoke(TimeProvider time)
    {
        var ids = new Argument<string[]>("id") { Description = "Numbers of passes, as printed on them.", Arity = ArgumentArity.ZeroOrMore };
        var unit = new Option<string?>("--unit") { Description = "All passes of a unit instead.", HelpName = "unit" };
        return RegisterDesk.CommandOn("revoke", "Calls passes back: gates take them no more.", [ids], [unit, By], (desk, parsed) =>
        {
            using var _ = desk.Store.Lock();
            var issued = desk.Store.Load(PassRegister.Issued).Register?.Persons ?? PersonTable.Empty;
            var keys = parsed.GetValue(ids)!.Select(id => KeyOf(desk, id.Trim().ToUpperInvariant())).ToList();
            var known = keys.Select(issued.Find).OfType<RegisterEntry>().ToList();
            if (known.Count < keys.Count)
            {
                desk.Errors.WriteLine("Nothing was changed: one of these passes was not issued here (edgegate pass list shows how many were, by unit).");
                return ExitCode.Failed;
            }
            if (parsed.GetValue(unit) is { } whole)
                known.AddRange(issued.Entries.Where(entry => entry.Unit == whole));
            if (known.Count == 0)
            {
                desk.Errors.WriteLine("No pass is meant: give numbers, or a --unit that has passes.");
                return ExitCode.Failed;
            }
            var before = desk.Store.Load(PassRegister.Revoked).Register;
            desk.Edit(PassRegister.Revoked, parsed.GetValue(By), sealedReason: null, time).Put(before, PersonTable.From(before?.Persons ?? PersonTable.Empty).With(known, []));
            desk.Output.WriteLine($"{known.Count} {(known.Count == 1 ? "pass is" : "passes are")} called back; a running gate goes by it within two seconds");
            return ExitCode.Done;
        });
    }

    private static Command List() => RegisterDesk.CommandOn("list", "Shows how many passes each unit has, and how many were called back.", [], [], (desk, _) =>
    {
        var revoked = desk.Store.Load(PassRegister.Revoked).Register?.Persons ?? PersonTable.Empty;
        foreach (var unit in (desk.Store.Load(PassRegister.Issued).Register?.Persons ?? PersonTable.Empty).Entries.GroupBy(entry => entry.Unit, StringComparer.Ordinal).OrderBy(unit => unit.Key, StringComparer.Ordinal))
            desk.Output.WriteLine($"{(unit.Key.Length > 0 ? unit.Key : "no unit")}: {unit.Count()} issued, {unit.Count(entry => revoked.Find(entry.Person) is not null)} called back");
        return ExitCode.Done;
    });

    private static string Sign(EdgeGatePass pass, string keyFile)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(keyFile));
        return PassText.Sign(pass, key);
    }

    private static void Keep(RegisterDesk desk, IReadOnlyList<PrintedPass> printed, string by, TimeProvider time)
    {
        desk.RequireOwn(PassRegister.Issued, by);
        new IssuedPasses(desk.Store, desk.Persons).Add([.. printed.Select(pass => (pass.Pass, pass.MaskedName, pass.Unit))], by, time.GetLocalNow());
    }

    private static PersonKey KeyOf(RegisterDesk desk, string passId) => IssuedPasses.KeyOf(desk.Persons, passId);

    /// <returns>Null, and what is wrong told by line, when there is anything wrong.</returns>
    private static List<(string Name, string Unit)>? ReadLines(byte[] file, TextWriter errors)
    {
        var lines = new List<(string, string)>();
        try
        {
            var rows = CsvText.Read(file);
            var heads = rows.Count > 0 ? rows[0].Fields : [];
            var (name, unit, count) = (Column("name", "姓名"), Column("unit", "房号"), Column("count", "张数"));
            if (name < 0 || unit < 0)
                throw new FormatException("the first line must name the columns name 姓名 and unit 房号");
            foreach (var row in rows.Skip(1))
            {
                if (row.Fields.Count != heads.Count)
                    throw new FormatException($"line {row.Line}: it has {row.Fields.Count} fields, and the first line has {heads.Count}");
                var times = count < 0 || row.Fields[count] is "" ? 1 : int.TryParse(row.Fields[count], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
                if (times is < 1 or > 20 || row.Fields[name] is "" || row.Fields[unit].Length > 60)
                    throw new FormatException($"line {row.Line}: it needs a name, a unit of at most 60 characters, and a count from 1 to 20 if any");
                lines.AddRange(Enumerable.Repeat((row.Fields[name], row.Fields[unit]), times));
            }
            if (lines.Count is 0 or > MostOnSheet)
                throw new FormatException($"it asks for {lines.Count} passes, and a sheet has 1 to {MostOnSheet}");
            return lines;

            int Column(params string[] called) => heads.ToList().FindIndex(head => called.Contains(head, StringComparer.OrdinalIgnoreCase));
        }
        catch (FormatException wrong)
        {
            errors.WriteLine($"Nothing was made: {wrong.Message}.");
            return null;
        }
    }

    private static bool Print(string html, string pdf, TextWriter errors)
    {
        try
        {
            using var chromium = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
                "/usr/bin/chromium",
                ["--headless", "--disable-gpu", "--no-sandbox", "--no-pdf-header-footer", $"--print-to-pdf={pdf}", new Uri(html).AbsoluteUri])
            { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
            var said = chromium.StandardError.ReadToEndAsync();
            if (chromium.WaitForExit(TimeSpan.FromMinutes(2)) && chromium.ExitCode == 0 && File.Exists(pdf))
                return true;
            errors.WriteLine("chromium did not print it; the sheet itself is whole.");
            return false;
        }
        catch (System.ComponentModel.Win32Exception absent)
        {
            errors.WriteLine($"It was not printed: {absent.Message} (apt-get install chromium); print {html} from any browser.");
            return false;
        }
    }
}
