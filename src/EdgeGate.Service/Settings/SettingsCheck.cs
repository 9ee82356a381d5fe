using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace EdgeGate.Service.Settings;

/// <summary>Walks a tree against the records and finds every fault, not only the first as binding would.</summary>
internal sealed class SettingsCheck
{
    private readonly SettingsTree _tree;
    private readonly List<SettingsFinding> _faults = [];
    private readonly Dictionary<string, string?> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unsound = new(StringComparer.OrdinalIgnoreCase); // sections, by key or by property

    private SettingsCheck(SettingsTree tree) => _tree = tree;

    /// <summary>The settings or all that is wrong with them, the tree's own faults first.</summary>
    public static SettingsResult Run(SettingsTree tree)
    {
        var check = new SettingsCheck(tree);
        check.Value(tree.Root, SettingsJson.Options.GetTypeInfo(typeof(GateSettings)), path: "", where: null);
        var part = check.SoundPart();
        check._faults.AddRange(check.Placed(SettingsRules.Faults(part, check._unsound)));
        return tree.Faults.Count + check._faults.Count == 0
            ? new SettingsResult.Valid(part, [.. check.Placed(SettingsNotes.Of(part))])
            : new SettingsResult.Invalid([.. tree.Faults, .. check._faults]);
    }

    /// <summary>The bound value, or the node itself for objects and lists; null after a fault.</summary>
    private object? Value(JsonNode? node, JsonTypeInfo type, string path, string? where)
    {
        _places[path] = where;
        switch (type.Kind, node)
        {
            case (JsonTypeInfoKind.Object, JsonObject members):
                Members(members, type, path, where);
                return node;
            case (JsonTypeInfoKind.Enumerable, JsonArray items):
                var itemType = SettingsJson.Options.GetTypeInfo(type.ElementType!);
                for (var i = 0; i < items.Count; i++)
                    Value(items[i], itemType, $"{path}[{i}]", _tree.Origin(items, SettingsWords.Index(i)) ?? where);
                return node;
            default:
                if (type.Kind == JsonTypeInfoKind.None && SettingsJson.TryBind(node, type.Type) is { } bound)
                    return bound;
                Fault(path, where, $"must be {SettingsWords.Of(type)}{SettingsWords.Not(node)}");
                return null;
        }
    }

    private void Members(JsonObject members, JsonTypeInfo type, string path, string? where)
    {
        var kindKey = type.PolymorphismOptions?.TypeDiscriminatorPropertyName;
        if (kindKey is not null)
        {
            if (Kind(members, type.PolymorphismOptions!, path, where) is not { } kind)
                return; // which other keys belong here is not known
            type = kind;
        }
        var known = type.Properties.ToDictionary(property => property.Name, StringComparer.Ordinal);
        var meant = new HashSet<string?>(StringComparer.Ordinal);
        foreach (var (key, value) in members)
        {
            var (keyPath, keyWhere) = (Join(path, key), _tree.Origin(members, key) ?? where);
            if (known.TryGetValue(key, out var property))
                Member(value, property, keyPath, keyWhere);
            else if (!key.Equals(kindKey, StringComparison.Ordinal))
                meant.Add(UnknownKey(key, known.Keys, path, keyWhere));
        }
        foreach (var (key, property) in known)
        {
            if (SettingsJson.IsRequired(property) && !members.ContainsKey(key) && !meant.Contains(key))
                Fault(Join(path, key), where, "is missing. " + SettingsWords.Description(property.AttributeProvider));
        }
    }

    private JsonTypeInfo? Kind(JsonObject members, JsonPolymorphismOptions kinds, string path, string? where)
    {
        var key = kinds.TypeDiscriminatorPropertyName;
        var types = kinds.DerivedTypes.ToDictionary(kind => (string)kind.TypeDiscriminator!, kind => kind.DerivedType, StringComparer.Ordinal);
        if (!members.TryGetPropertyValue(key, out var written))
            Fault(Join(path, key), where, $"is missing: {SettingsWords.OneOf(types.Keys)}.");
        else if (SettingsJson.TryBind(written, typeof(string)) is string name && types.TryGetValue(name, out var type))
            return SettingsJson.Options.GetTypeInfo(type);
        else
            Fault(Join(path, key), _tree.Origin(members, key) ?? where, $"must be {SettingsWords.OneOf(types.Keys)}{SettingsWords.Not(written)}");
        return null;
    }

    private void Member(JsonNode? value, JsonPropertyInfo property, string path, string? where)
    {
        if (value is null && property.IsSetNullable)
            return;
        if (Value(value, SettingsJson.Options.GetTypeInfo(property.PropertyType), path, where) is not { } bound)
            return;
        foreach (var limit in SettingsJson.Limits(property))
        {
            if (!limit.IsValid(limit is PatternAttribute ? value!.GetValue<string>() : bound))
                Fault(path, where, $"must be {SettingsWords.Of(limit)}{(limit is SecretFileAttribute ? "." : SettingsWords.Not(value))}");
        }
    }

    /// <summary>The key it was most likely meant to be: not missing but misspelt, so nothing more is said on its account.</summary>
    private string? UnknownKey(string key, IReadOnlyCollection<string> known, string path, string? where)
    {
        var near = SettingsWords.Nearest(key, known);
        Fault(Join(path, SettingsWords.Key(key)), where, near is not null
            ? $"is not a setting; did you mean {near}?"
            : $"is not a setting; known here are {string.Join(", ", known)}.");
        if (near is not null)
            _unsound.Add(Section(Join(path, near)));
        return near;
    }

    private void Fault(string path, string? where, string text)
    {
        _faults.Add(new(path, where, text));
        _unsound.Add(Section(path));
    }

    /// <summary>The settings without the sections that have faults, so that the rules can be asked about the others.</summary>
    private GateSettings SoundPart()
    {
        var part = new JsonObject();
        foreach (var section in SettingsJson.Options.GetTypeInfo(typeof(GateSettings)).Properties)
        {
            if (!_unsound.Contains(section.Name) && _tree.Root.TryGetPropertyValue(section.Name, out var value))
                part[section.Name] = value?.DeepClone();
        }
        return part.Deserialize(SettingsJson.ShapeOf<GateSettings>())!;
    }

    private IEnumerable<SettingsFinding> Placed(IEnumerable<(string Path, string Text)> findings) =>
        findings.Select(finding => new SettingsFinding(finding.Path, Place(finding.Path), finding.Text));

    /// <summary>Where the setting was written, or if it was not, the nearest thing around it.</summary>
    private string? Place(string path) =>
        _places.TryGetValue(path, out var where) ? where : Place(path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))]);

    private static string Section(string path) => path.Split('.', '[')[0];

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
