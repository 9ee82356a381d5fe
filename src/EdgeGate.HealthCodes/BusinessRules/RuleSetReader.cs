using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>Reads a rule set and collects everything that is wrong with it.</summary>
internal sealed partial class RuleSetReader(CertLogicLimits limits)
{
    private const int MaxBytes = 4 * 1024 * 1024, MaxRules = 1_000, MaxFaults = 50;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 256, AllowDuplicateProperties = false };

    private readonly List<string> _faults = [];

    public static RuleSet Read(ReadOnlyMemory<byte> payload, CertLogicLimits limits)
    {
        if (payload.Length > MaxBytes)
            throw new RuleSetException([$"larger than {MaxBytes} bytes"]);
        try
        {
            using var document = JsonDocument.Parse(payload, Strict);
            return new RuleSetReader(limits).Read(document.RootElement.Clone());
        }
        catch (JsonException notJson)
        {
            throw new RuleSetException(["not JSON: " + notJson.Message], notJson);
        }
        catch (InvalidOperationException notText) // what System.Text.Json says to half a surrogate pair
        {
            throw new RuleSetException(["a string in it is not Unicode text"], notText);
        }
    }

    private RuleSet Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new RuleSetException(["not a JSON object"]);
        if (!root.TryGetProperty("version", out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt64(out var version) || version < 1)
            throw new RuleSetException(["\"version\" must be an integer from 1"]);
        if (!root.TryGetProperty("rules", out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MaxRules)
            throw new RuleSetException([$"\"rules\" must be an array of at most {MaxRules} rules"]);
        var valueSets = root.TryGetProperty("valueSets", out var sets) ? sets : JsonElement.Parse("{}");
        CheckValueSets(valueSets);
        var rules = list.EnumerateArray().Select((rule, index) => ReadRule(rule, index)).ToList();
        foreach (var twice in rules.OfType<Rule>().GroupBy(rule => (rule.Identifier, rule.Version)).Where(same => same.Count() > 1))
            Fault($"{twice.Key.Identifier} {twice.Key.Version}", "is there more than once");
        return _faults.Count == 0 ? new RuleSet(version, [.. rules.OfType<Rule>()], valueSets) : throw new RuleSetException(_faults);
    }

    private void CheckValueSets(JsonElement sets)
    {
        if (sets.ValueKind != JsonValueKind.Object)
        {
            Fault("valueSets", "must be an object of arrays");
            return;
        }
        foreach (var set in sets.EnumerateObject())
        {
            if (set.Value.ValueKind != JsonValueKind.Array || set.Value.EnumerateArray().Any(code => code.ValueKind != JsonValueKind.String))
                Fault($"value set {set.Name}", "must be an array of strings");
            else if (set.Value.GetArrayLength() > limits.MaxArrayLength)
                Fault($"value set {set.Name}", $"has more than {limits.MaxArrayLength} codes");
        }
    }

    /// <summary>Null when it has faults, which are noted.</summary>
    private Rule? ReadRule(JsonElement json, int index)
    {
        var name = $"rules[{index}]";
        if (json.ValueKind != JsonValueKind.Object)
        {
            Fault(name, "is no object");
            return null;
        }
        var before = _faults.Count;
        var identifier = Text(json, name, "Identifier");
        name = identifier ?? name;
        if (identifier is not null && !IdentifierForm().IsMatch(identifier))
            Fault(name, "Identifier must look like VR-DE-0001");
        if (json.TryGetProperty("Engine", out var engine) && !(engine.ValueKind == JsonValueKind.String && engine.GetString() is "CERTLOGIC"))
            Fault(name, "Engine must be CERTLOGIC");
        var country = Text(json, name, "Country");
        if (country is not null && !CountryForm().IsMatch(country))
            Fault(name, "Country must be two capital letters");
        var rule = new Rule
        {
            Identifier = name,
            Type = Choice<RuleType>(json, name, "Type"),
            Country = country ?? "",
            Version = Number(json, name, "Version"),
            EngineVersion = json.TryGetProperty("EngineVersion", out _) ? Number(json, name, "EngineVersion") : CertLogic.EngineVersion,
            CertificateType = Choice<CertificateType>(json, name, "CertificateType"),
            ValidFrom = Instant(json, name, "ValidFrom"),
            ValidTo = Instant(json, name, "ValidTo"),
            AffectedFields = Fields(json, name),
            Descriptions = Descriptions(json, name),
            Logic = Logic(json, name),
        };
        if (rule.ValidTo < rule.ValidFrom)
            Fault(name, "ValidTo is before ValidFrom");
        // A rule for a newer engine may use words this one does not know; it will be answered with Open.
        if (rule.EngineVersion <= CertLogic.EngineVersion)
        {
            foreach (var issue in CertLogic.Check(rule.Logic, limits))
                Fault(name, $"Logic: {issue.Message}");
        }
        return _faults.Count == before ? rule : null;
    }

    private void Fault(string where, string what)
    {
        if (_faults.Count < MaxFaults)
            _faults.Add($"{where}: {what}");
    }

    private string? Text(JsonElement json, string rule, string field)
    {
        if (json.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String)
            return value.GetString();
        Fault(rule, $"{field} must be a string");
        return null;
    }

    private T Choice<T>(JsonElement json, string rule, string field) where T : struct, Enum
    {
        // By name only: Enum.TryParse would take numbers as well.
        if (Text(json, rule, field) is { } name && Enum.GetNames<T>().Contains(name))
            return Enum.Parse<T>(name);
        Fault(rule, $"{field} must be one of {string.Join(", ", Enum.GetNames<T>())}");
        return default;
    }

    private Version Number(JsonElement json, string rule, string field)
    {
        if (Text(json, rule, field) is { } text && VersionForm().IsMatch(text) && Version.TryParse(text, out var version))
            return version;
        Fault(rule, $"{field} must be three numbers like 1.0.0");
        return new Version(0, 0, 0);
    }

    private DateTimeOffset Instant(JsonElement json, string rule, string field)
    {
        if (Text(json, rule, field) is { } text
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
            return instant;
        Fault(rule, $"{field} must be a time like 2021-07-01T00:00:00Z");
        return default;
    }

    private List<string> Fields(JsonElement json, string rule)
    {
        if (!json.TryGetProperty("AffectedFields", out var fields))
            return [];
        if (fields.ValueKind == JsonValueKind.Array && fields.EnumerateArray().All(field => field.ValueKind == JsonValueKind.String))
            return [.. fields.EnumerateArray().Select(field => field.GetString()!)];
        Fault(rule, "AffectedFields must be an array of strings");
        return [];
    }

    private Dictionary<string, string> Descriptions(JsonElement json, string rule)
    {
        var descriptions = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!json.TryGetProperty("Description", out var list))
            return descriptions;
        if (list.ValueKind != JsonValueKind.Array)
        {
            Fault(rule, "Description must be an array of lang and desc");
            return descriptions;
        }
        foreach (var entry in list.EnumerateArray())
        {
            if (entry.ValueKind == JsonValueKind.Object
                && entry.TryGetProperty("lang", out var language) && language.ValueKind == JsonValueKind.String
                && entry.TryGetProperty("desc", out var text) && text.ValueKind == JsonValueKind.String)
                descriptions[language.GetString()!] = text.GetString()!;
            else
                Fault(rule, "Description must be an array of lang and desc");
        }
        return descriptions;
    }

    private JsonElement Logic(JsonElement json, string rule)
    {
        if (json.TryGetProperty("Logic", out var logic))
            return logic;
        Fault(rule, "Logic is missing");
        return JsonElement.Parse("false");
    }

    [GeneratedRegex(@"^(GR|VR|TR|RR|IR)-[A-Z]{2}-[0-9]{4}\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex IdentifierForm();

    [GeneratedRegex(@"^[A-Z]{2}\z", RegexOptions.NonBacktracking)]
    private static partial Regex CountryForm();

    [GeneratedRegex(@"^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}\z", RegexOptions.NonBacktracking)]
    private static partial Regex VersionForm();
}
