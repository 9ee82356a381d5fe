using System.CommandLine;
using System.Globalization;
using EdgeGate.HealthCodes.BusinessRules;
using EdgeGate.HealthCodes.Trust;
using EdgeGate.HealthCodes.Trust.Import;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate trust</c>: makes and shows the list of those whose health codes a gate believes.</summary>
internal static class TrustCommand
{
    private enum TrustForm
    {
        Certificates,
        Jwks,
        SignedJwks,
        CardIssuer,
        German,
        Swedish,
    }

    public static Command Create(TimeProvider time) => new("trust", "Makes and shows the list of those whose health codes a gate believes.")
    {
        Import(time),
        Deny(time),
        List(),
        Show(),
        Rules(),
    };

    private static Command Import(TimeProvider time)
    {
        var form = new Argument<TrustForm>("form") { Description = "Certificates (file or folder, DER or PEM), Jwks, SignedJwks, CardIssuer (a SMART Health Card issuer's jwks.json), German, Swedish." };
        var path = new Argument<string>("path") { Description = "The file or folder, fetched beforehand: this command never goes to the network." };
        var source = new Option<string?>("--source") { Description = "Name of where it came from; entries of the same source are replaced. The file's name when left out.", HelpName = "name" };
        var country = new Option<string?>("--country") { Description = "Two letters, where the form does not tell.", HelpName = "XX" };
        var signer = new Option<string?>("--signer") { Description = "Who signed the foreign list (SignedJwks, German, Swedish): PEM or JWK.", HelpName = "file" };
        var issuer = new Option<string?>("--issuer") { Description = "CardIssuer: the address exactly as cards name it.", HelpName = "https://..." };
        var revocations = new Option<string[]>("--revocations") { Description = "CardIssuer: its revocation lists (.well-known/crl/*.json).", HelpName = "file", AllowMultipleArgumentsPerToken = true };
        var days = ValidDays();
        var (list, key) = (ListOption(), KeyOption("private"));
        var command = new Command("import", "Takes a trust list of another form into EdgeGate's own and signs it.") { form, path, source, country, signer, issuer, revocations, days, list, key };
        command.SetAction(parsed => Guarded(parsed, () =>
        {
            var now = time.GetUtcNow();
            var file = parsed.GetValue(path)!;
            var name = parsed.GetValue(source) ?? Path.GetFileName(file.TrimEnd('/'));
            var import = parsed.GetValue(form) switch
            {
                TrustForm.Certificates => CertificateImport.Read(file, parsed.GetValue(country), name, now),
                TrustForm.Jwks => JwksImport.Read(File.ReadAllBytes(file), parsed.GetValue(country), name, now),
                TrustForm.SignedJwks => JwksImport.ReadSigned(File.ReadAllBytes(file), KeyFile.Public(Needed(parsed, signer)), now, parsed.GetValue(country), name, now),
                TrustForm.CardIssuer => CardIssuerImport.Read(
                    Needed(parsed, issuer), File.ReadAllBytes(file), (parsed.GetValue(revocations) ?? []).Select(list => (ReadOnlyMemory<byte>)File.ReadAllBytes(list)), name, now),
                TrustForm.German => ReadGerman(file, Needed(parsed, signer), name, now),
                _ => SwedishTrustListImport.Read(File.ReadAllText(file), KeyFile.Public(Needed(parsed, signer)), now, name, now),
            };
            foreach (var note in import.Notes)
                parsed.InvocationConfiguration.Output.WriteLine("note: " + note);
            if (import.Signers.Count == 0 && import.CardIssuers.Count == 0)
            {
                parsed.InvocationConfiguration.Error.WriteLine("Nothing usable was found; the list stays as it is.");
                return ExitCode.Failed;
            }
            parsed.InvocationConfiguration.Output.WriteLine($"{import.Signers.Count} signers and {import.CardIssuers.Count} card issuers from {name}");
            return Change(parsed, list, key, now, parsed.GetValue(days), old => old with
            {
                Signers = [.. old.Signers.Where(entry => entry.Source != name), .. import.Signers],
                CardIssuers = [.. old.CardIssuers.Where(entry => entry.Source != name), .. import.CardIssuers],
            });
        }));
        return command;
    }

    private static Command Deny(TimeProvider time)
    {
        var hashes = new Argument<string[]>("hash") { Description = "SHA-256 in hex, at least 32 digits: of a certificate identifier, of country and identifier, or the reference that edgegate code check shows.", Arity = ArgumentArity.OneOrMore };
        var days = ValidDays();
        var (list, key) = (ListOption(), KeyOption("private"));
        var command = new Command("deny", "Adds single codes to those that are not accepted.") { hashes, days, list, key };
        command.SetAction(parsed => Guarded(parsed, () =>
            Change(parsed, list, key, time.GetUtcNow(), parsed.GetValue(days), old => old with { Denied = [.. old.Denied.Union(parsed.GetValue(hashes)!, StringComparer.OrdinalIgnoreCase)] })));
        return command;
    }

    private static Command List()
    {
        var (list, key) = (ListOption(), KeyOption("public"));
        var command = new Command("list", "Shows who is on the list.") { list, key };
        command.SetAction(parsed => Guarded(parsed, () =>
        {
            var trust = Load(parsed.GetValue(list)!, parsed.GetValue(key)!);
            var (output, document) = (parsed.InvocationConfiguration.Output, trust.Document);
            output.WriteLine($"version {trust.Version}, made {Day(document.IssuedAt)}, expires {Day(document.ExpiresAt)}, {trust.UsableKeys} usable keys, {document.Denied.Count} codes denied");
            foreach (var signer in document.Signers.OrderBy(signer => signer.Country, StringComparer.Ordinal).ThenBy(signer => signer.Kid, StringComparer.Ordinal))
                output.WriteLine($"{signer.Kid}  {signer.Country ?? "--",-3} {signer.Kinds,-30} {signer.Source} ({Day(signer.FetchedAt)})");
            foreach (var issuer in document.CardIssuers)
                output.WriteLine($"{issuer.Issuer}  {issuer.Keys.Count} keys, {issuer.Revoked.Sum(revoked => revoked.Rids.Count)} cards revoked  {issuer.Source} ({Day(issuer.FetchedAt)})");
            foreach (var note in trust.Notes)
                output.WriteLine("note: " + note);
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Show()
    {
        var kid = new Argument<string>("kid") { Description = "Key identifier as edgegate trust list shows it, or an issuer's address." };
        var (list, key) = (ListOption(), KeyOption("public"));
        var command = new Command("show", "Shows everything known of one signer or issuer.") { kid, list, key };
        command.SetAction(parsed => Guarded(parsed, () =>
        {
            var document = Load(parsed.GetValue(list)!, parsed.GetValue(key)!).Document;
            var wanted = parsed.GetValue(kid)!;
            var found = TrustListText.Of(document, wanted).ToArray();
            foreach (var line in found)
                parsed.InvocationConfiguration.Output.WriteLine(line);
            if (found.Length == 0)
                parsed.InvocationConfiguration.Error.WriteLine($"{wanted} is not on the list.");
            return found.Length == 0 ? ExitCode.Failed : ExitCode.Done;
        }));
        return command;
    }

    private static Command Rules()
    {
        var rules = new Argument<string>("rules") { Description = "JSON: version, rules as the EU gateway has them, valueSets." };
        var output = new Option<string>("--output", "-o") { Description = "Where the signed rules go: healthCodes.rulesFile of the gates.", HelpName = "file", DefaultValueFactory = _ => "rules.jws" };
        var key = KeyOption("private");
        var command = new Command("rules", "Checks business rules for certificates and signs them.") { rules, output, key };
        command.SetAction(parsed => Guarded(parsed, () =>
        {
            var payload = File.ReadAllBytes(parsed.GetValue(rules)!);
            RuleSet set;
            try
            {
                set = RuleSet.Parse(payload);
            }
            catch (RuleSetException unusable)
            {
                foreach (var fault in unusable.Faults)
                    parsed.InvocationConfiguration.Error.WriteLine(fault);
                return ExitCode.Failed;
            }
            using var operatorKey = KeyFile.Private(parsed.GetValue(key)!);
            var file = parsed.GetValue(output)!;
            DurableFile.Write(Path.GetFullPath(file), System.Text.Encoding.ASCII.GetBytes(SignedRuleSet.Sign(payload, operatorKey)));
            parsed.InvocationConfiguration.Output.WriteLine($"{file}: version {set.Version}, {set.Rules.Count} rules");
            return ExitCode.Done;
        }));
        return command;
    }

    /// <summary>Signs a changed list with the next version in the old one's place.</summary>
    private static int Change(ParseResult parsed, Option<string> list, Option<string> key, DateTimeOffset now, int days, Func<TrustListDocument, TrustListDocument> change)
    {
        var path = parsed.GetValue(list)!;
        using var operatorKey = KeyFile.Private(parsed.GetValue(key)!);
        var old = File.Exists(path) ? Load(path, parsed.GetValue(key)!).Document : new TrustListDocument { Version = 0, IssuedAt = now, ExpiresAt = now };
        var fresh = change(old) with { Version = old.Version + 1, IssuedAt = now, ExpiresAt = now.AddDays(days) };
        new TrustListFile(path).Save(TrustListSignature.Sign(fresh, operatorKey));
        parsed.InvocationConfiguration.Output.WriteLine($"{path}: version {fresh.Version}, expires {Day(fresh.ExpiresAt)}");
        return ExitCode.Done;
    }

    private static TrustImport ReadGerman(string file, string signer, string source, DateTimeOffset now)
    {
        using var key = KeyFile.Any(signer);
        return GermanTrustListImport.Read(File.ReadAllBytes(file), key, source, now);
    }

    /// <exception cref="FormatException">The list is not believed.</exception>
    private static TrustList Load(string path, string key) => TrustListSignature.Open(File.ReadAllText(path), [KeyFile.Public(key)]) switch
    {
        TrustLoad.Accepted accepted => accepted.List,
        TrustLoad.Refused refused => throw new FormatException($"{path}: {refused.Why}"),
        _ => throw new NotSupportedException(),
    };

    private static int Guarded(ParseResult parsed, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception unusable) when (unusable is FormatException or KeyFileException or IOException or UnauthorizedAccessException)
        {
            parsed.InvocationConfiguration.Error.WriteLine(unusable.Message);
            return ExitCode.Unusable;
        }
    }

    /// <exception cref="FormatException">The option was not given.</exception>
    private static string Needed(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) ?? throw new FormatException($"this form needs {option.Name}");

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Option<int> ValidDays() => new("--valid-days") { Description = "How long the list is good; gates then use it for a grace time and refuse after that.", HelpName = "days", DefaultValueFactory = _ => 30 };

    private static Option<string> ListOption() => new("--list", "-l") { Description = "The signed trust list.", HelpName = "file", DefaultValueFactory = _ => "/etc/edgegate/trust.jws" };

    private static Option<string> KeyOption(string half) => new("--operator-key", "-k") { Description = $"The operator's {half} key, P-256, PEM.", HelpName = "file", Required = true };
}
