using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeGate.Benchmarks.Appending;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Devices.Ports;
using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;

namespace EdgeGate.Benchmarks.Gate;

/// <summary>Where a program that is measured finds its reader and its portal (paths of terminals), its broker, and room for its files.</summary>
internal sealed record GateSurroundings(string Reader, string Portal, int BrokerPort, string Folder);

/// <summary>A program that reads codes from a line, journals them, has 200 rules decide, writes <c>OPEN code</c> to another line, and publishes.</summary>
internal abstract class GateProgram(string name)
{
    public string Name => name;

    /// <summary>Writes what the program wants to find when it starts.</summary>
    /// <returns>How to start it; may be used more than once.</returns>
    public abstract ProcessStartInfo Prepare(GateSurroundings around);

    /// <summary>The line a scanner writes for this code, without its end.</summary>
    public virtual string ScanOf(string code) => code;

    /// <summary>By what the program's journal and messages name somebody who showed this code.</summary>
    public abstract string IdOf(string code);

    /// <summary>Whom the journal names, once for each decision.</summary>
    public abstract Task<IReadOnlyList<string>> JournaledAsync(GateSurroundings around, CancellationToken cancellationToken);

    /// <summary>Whom a message names; null for a message about something else.</summary>
    public abstract string? IdIn(string message);

    /// <summary>What the program says goes into a file: a pipe that nobody reads would stop it.</summary>
    public static string LogOf(GateSurroundings around) => Path.Combine(around.Folder, "log");
}

/// <summary>This repository's gate, by its ordinary settings; of its 200 credential groups with times of day the last one matches.</summary>
internal sealed class OwnGate() : GateProgram("EdgeGate")
{
    private const int Groups = 200;
    private static readonly byte[] SiteKey = [.. Enumerable.Repeat((byte)7, 32)];
    private readonly PersonKeys _keys = new(SiteKey);

    public static string DataOf(GateSurroundings around) => Path.Combine(around.Folder, "data");

    public override ProcessStartInfo Prepare(GateSurroundings around)
    {
        var (settings, key) = (Path.Combine(around.Folder, "gate.json"), Path.Combine(around.Folder, "site.key"));
        File.WriteAllText(key, Convert.ToBase64String(SiteKey));
        var groups = Enumerable.Range(0, Groups - 1).Select(i => $$"""{ "name": "group-{{i}}", "prefix": "FF{{i:X2}}", "from": "06:00", "to": "21:00" }""");
        File.WriteAllText(
            settings,
            $$"""
            {
              "site": "bench", "gate": "gate-1", "dataDirectory": "{{DataOf(around)}}", "privacy": { "siteKeyFile": "{{key}}" },
              "web": { "address": "http://127.0.0.1:{{FreeTcpPort.Take()}}" },
              "journal": { "diskBudgetMegabytes": {{JournalFilling.Budget >> 20}} },
              "lanes": [{ "id": "lane-1", "direction": "entry", "evidence": ["identity"],
              "readers": [{ "id": "scanner", "kind": "line-scanner", "port": "{{around.Reader}}" }],
              "portal": { "id": "portal", "kind": "text", "port": "{{around.Portal}}" } }],
              "rules": { "credentialGroups": [{{string.Join(", ", groups)}}, { "name": "everybody", "prefix": "04" }] },
              "broker": { "host": "127.0.0.1", "port": {{around.BrokerPort.ToString(CultureInfo.InvariantCulture)}} },
            }
            """);
        return PublishedGate.StartOf(settings, LogOf(around));
    }

    public override string IdOf(string code) => _keys.KeyOf("code", code);

    public override async Task<IReadOnlyList<string>> JournaledAsync(GateSurroundings around, CancellationToken cancellationToken)
    {
        var persons = new List<string>();
        using var reader = JournalReader.Open(Path.Combine(DataOf(around), "journal"));
        await foreach (var record in reader.ReadAllAsync(1, cancellationToken: cancellationToken))
        {
            if (IdIn(Encoding.UTF8.GetString(record.Payload.Span)) is { } person)
                persons.Add(person);
        }
        return persons;
    }

    public override string? IdIn(string message)
    {
        if (!message.Contains(DecidedRecord.Type, StringComparison.Ordinal))
            return null;
        using var record = JsonDocument.Parse(message);
        return record.RootElement.GetProperty("data").GetProperty("person").GetString();
    }
}
