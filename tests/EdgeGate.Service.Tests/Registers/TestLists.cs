using EdgeGate.Access.Registers;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Settings;

namespace EdgeGate.Service.Tests.Registers;

/// <summary>Short ways to make lists of invented persons, and settings that use them.</summary>
internal static class TestLists
{
    public static readonly DateTimeOffset Morning = new(2022, 3, 1, 8, 0, 0, TimeSpan.Zero);

    public static PersonKey Key(PersonKeys keys, string number)
    {
        Assert.True(PersonKey.TryParse(keys.KeyOfIdNumber(number), out var key));
        return key;
    }

    public static RegisterEntry Entry(PersonKeys keys, string number, string unit = "3-1-502", string terms = "resident;;;;")
    {
        Assert.True(PersonTerms.TryParse(terms, out var parsed), terms);
        return new RegisterEntry(Key(keys, number), "测**", unit, parsed);
    }

    public static Register Of(string name, params RegisterEntry[] entries) => new(name, 1, Morning, PersonTable.Of(entries));

    /// <summary>The whole list as the next version, as the command line would write it.</summary>
    public static void Write(this RegisterStore store, string name, params RegisterEntry[] entries)
    {
        var head = new RegisterVersion { Name = name, Version = store.NextVersion(name), IssuedAt = Morning, By = "test", Added = entries.Length, Persons = entries.Length };
        using var _ = store.Lock();
        store.Apply(name, current: null, RegisterBytes.Write(new RegisterContent(head, PersonTable.Of(entries), [])));
    }

    /// <param name="rules">The rules section, as in gate.json.</param>
    public static GateSettings Settings(string rules, string direction = "entry")
    {
        var text = SmallSettings.With("\"rules\": {}", $"\"registers\": {{ \"persons\": [\"residents\"] }}, \"rules\": {rules}")
            .Replace("\"direction\": \"entry\"", $"\"direction\": \"{direction}\", \"evidence\": [\"identity\"]", StringComparison.Ordinal);
        return SmallSettings.IsValid(SmallSettings.Parse(text)).Settings;
    }
}
