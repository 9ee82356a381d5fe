using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate rules</c>: why somebody could or could not pass, and what other settings would have changed.</summary>
internal static class RulesCommand
{
    private const int MostTold = 50;

    public static Command Create(TimeProvider time) => new("rules", "Explains decisions, and rehearses new rules on recorded ones.") { Explain(), Rehearse(time) };

    private static Command Explain()
    {
        var sequence = new Argument<long>("record") { Description = "The decision's sequence number (edgegate journal list)." };
        return OnJournal("explain", "Says what every rule answered to one person, and which lists it went by.", [sequence], [], async (gate, reader, parsed, cancellationToken) =>
        {
            var wanted = parsed.GetValue(sequence);
            await foreach (var record in reader.ReadAllAsync(wanted, wanted, cancellationToken))
            {
                if (DecisionIn(record) is { } decision)
                {
                    Tell(parsed.InvocationConfiguration.Output, wanted, decision.Record, decision.At);
                    return ExitCode.Done;
                }
            }
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"Record {wanted} of {gate.Site}/{gate.Gate} is no decision, or is not kept any more.");
            return ExitCode.Failed;
        });
    }

    private static Command Rehearse(TimeProvider time)
    {
        var proposed = new Argument<string>("new-settings") { Description = "The gate.json whose rules are tried." };
        var since = new Option<DateTimeOffset?>("--since") { Description = "From when on; the last 24 hours when left out.", HelpName = "time" };
        var key = new Option<string?>("--key", "-k") { Description = "The center's private key (PEM): rules on temperature, ID numbers and codes are then asked anew too.", HelpName = "file" };
        return OnJournal("rehearse", "Puts recorded decisions to the rules of other settings and shows which would be others.", [proposed], [since, key], async (gate, reader, parsed, cancellationToken) =>
        {
            var (output, errors) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var file = parsed.GetValue(proposed)!;
            if (EdgeGateSettings.Read(file) is not SettingsResult.Valid { Settings: var asked })
            {
                await errors.WriteLineAsync($"{file} cannot be used (edgegate config check -s {file} tells why)");
                return ExitCode.Unusable;
            }
            using var center = parsed.GetValue(key) is { } secret ? ECDiffieHellman.Create() : null;
            center?.ImportFromPem(await File.ReadAllTextAsync(parsed.GetValue(key)!, cancellationToken));
            var rehearsal = RehearsalOf(asked, gate, center);
            var from = parsed.GetValue(since) ?? time.GetUtcNow().AddDays(-1);
            var (judged, skipped, changes, unknown) = (0, 0, new List<(long Sequence, DateTimeOffset At, RehearsedDecision Decision)>(), new SortedSet<string>(StringComparer.Ordinal));
            await foreach (var record in reader.ReadAllAsync(1, cancellationToken: cancellationToken))
            {
                if (DecisionIn(record) is not { } decision || decision.At < from)
                    continue;
                if (rehearsal.Judge(decision.Record, decision.At) is not { } once)
                {
                    skipped++;
                    continue;
                }
                judged++;
                unknown.UnionWith(once.NotJudged);
                if (once.Changes)
                    changes.Add((record.Sequence, decision.At, once));
            }
            Tell(output, judged, skipped, changes, unknown);
            return ExitCode.Done;
        });
    }

    /// <summary>With the lists as they are on disk now.</summary>
    private static Rehearsal RehearsalOf(GateSettings asked, GateSettings gate, ECDiffieHellman? center)
    {
        var (shelf, store, keys) = (new RegisterShelf(), new RegisterStore(RegisterSetup.DirectoryOf(gate)), GateKeys.LoadOrMake(gate.Privacy, gate.DataDirectory));
        foreach (var name in store.Names)
        {
            if (store.Load(name).Register is { } register)
                shelf.Put(register);
        }
        var facts = new LaneFacts(ListRules.ListsOf(asked), shelf, new PersonKeys(keys.SiteSecret), new SiteOccupancy(gate.Gate), new PassageMemory());
        var policies = asked.Lanes.ToDictionary(lane => lane.Id, lane => LaneSetup.PolicyOf(asked, lane), StringComparer.Ordinal);
        return new Rehearsal(policies.GetValueOrDefault, facts, center);
    }

    private static (DecidedRecord Record, DateTimeOffset At)? DecisionIn(JournalRecord record)
    {
        using var document = JsonDocument.Parse(record.Payload);
        var root = document.RootElement;
        return root.GetProperty("type").GetString() == DecidedRecord.Type && root.GetProperty("data").Deserialize(RecordShapes.Default.DecidedRecord) is { } decided
            ? (decided, root.GetProperty("time").GetDateTimeOffset())
            : null;
    }

    private static void Tell(TextWriter to, long sequence, DecidedRecord decided, DateTimeOffset at)
    {
        to.WriteLine($"Record {sequence}, {at:yyyy-MM-dd HH:mm:ss zzz} (clock {Word(decided.Clock.Grade)}): {decided.MaskedName ?? "somebody"} with {Word(decided.Credential)} at {decided.Reader}, lane {decided.Lane}, {Word(decided.Direction)}");
        to.WriteLine($"Answer: {Word(decided.Outcome)}{(decided.Reasons.Count > 0 ? " because of " + string.Join(", ", decided.Reasons.Select(Word)) : ", nothing spoke against it")}");
        to.WriteLine();
        foreach (var answer in decided.Rules)
        {
            to.WriteLine($"  {answer.Rule,-24} {(answer.Severity is { } severity ? Word(severity) : "nothing against it"),-20}{(answer.Flag is { } flag ? $" flagged {flag}" : "")}".TrimEnd());
            if (answer.Reason is { } reason && KioskWords.OfReasons.TryGetValue(reason, out var words))
            {
                to.WriteLine($"  {"",-24} {Word(reason)}: {words.Title.Zh}，{words.Advice.Zh}");
                to.WriteLine($"  {"",-24} {words.Title.En}: {words.Advice.En}");
            }
        }
        foreach (var list in decided.Lists ?? [])
        {
            var age = list.AgeSeconds is { } seconds ? $"{TimeSpan.FromSeconds(seconds).TotalHours:0.0} h old" : "of unknown age";
            to.WriteLine($"  list {list.Name}: {(list.Version is { } version ? $"version {version}, {age}" : "was missing")}");
        }
        if (decided.HealthCode is { } code)
            to.WriteLine($"  health code: {code.Status}{(code.Provider is { } provider ? $" by {provider} ({code.Source})" : "")}{(code.Holder is { } holder ? $", holder {holder}" : "")}");
    }

    private static void Tell(TextWriter to, int judged, int skipped, List<(long Sequence, DateTimeOffset At, RehearsedDecision Decision)> changes, SortedSet<string> unknown)
    {
        to.WriteLine($"{judged} decisions rehearsed, {changes.Count} would be others{(skipped > 0 ? $", {skipped} were of lanes that the new settings do not have" : "")}.");
        foreach (var group in changes.GroupBy(change => (change.Decision.Recorded.Outcome, change.Decision.Answers.Outcome)).OrderByDescending(group => group.Count()))
            to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Word(group.Key.Item1)} → {Word(group.Key.Item2)}: {group.Count()}"));
        foreach (var (sequence, at, decision) in changes.Take(MostTold))
        {
            var reasons = decision.Answers.Reasons.Distinct().ToArray();
            to.WriteLine($"{sequence,8}  {at:yyyy-MM-dd HH:mm:ss}  {Word(decision.Recorded.Outcome),-8} → {Word(decision.Answers.Outcome),-8} {string.Join(", ", (reasons.Length > 0 ? reasons : [.. decision.Recorded.Reasons]).Select(Word))}{(reasons.Length > 0 ? "" : " no longer")}");
        }
        if (changes.Count > MostTold)
            to.WriteLine($"  and {changes.Count - MostTold} more");
        foreach (var rule in unknown)
            to.WriteLine($"Not judged: {rule} has no answer in some of these records{(OfSealed(rule) ? "; with --key it can be asked" : "")}.");

        static bool OfSealed(string rule) => rule is "id-card" or "credential-group" or "temperature" || rule.StartsWith("home-region/", StringComparison.Ordinal);
    }

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static Command OnJournal(
        string name, string description, IReadOnlyList<Argument> arguments, IReadOnlyList<Option> options, Func<GateSettings, JournalReader, ParseResult, CancellationToken, Task<int>> run)
    {
        var settings = EdgeGateCommand.SettingsOption();
        var command = new Command(name, description) { settings };
        foreach (var argument in arguments)
            command.Add(argument);
        foreach (var option in options)
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var errors = parsed.InvocationConfiguration.Error;
            var file = parsed.GetValue(settings)!;
            if (EdgeGateSettings.Read(file) is not SettingsResult.Valid { Settings: var gate })
            {
                await errors.WriteLineAsync($"{file} cannot be used (edgegate config check tells why)");
                return ExitCode.Unusable;
            }
            try
            {
                using var reader = JournalReader.Open(GateHost.JournalDirectory(gate));
                return await run(gate, reader, parsed, cancellationToken);
            }
            catch (Exception failed) when (failed is JournalException or IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or GateKeyException)
            {
                await errors.WriteLineAsync(failed.Message);
                return ExitCode.Failed;
            }
        });
        return command;
    }
}
