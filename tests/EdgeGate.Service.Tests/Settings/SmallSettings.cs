using System.Text;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Tests.Settings;

/// <summary>The least a gate needs, one section a line, and short ways to ask about changed copies of it.</summary>
internal static class SmallSettings
{
    public const string Text = """
        {
          "site": "estate",
          "gate": "gate-1",
          "dataDirectory": "/var/lib/edgegate",
          "lanes": [{ "id": "lane-1", "direction": "entry",
          "readers": [
            { "id": "id-card", "kind": "sam-v", "port": "/dev/serial/by-id/a" },
          ],
          "thermometer": { "id": "forehead", "kind": "gy-mcu90614", "port": "/dev/serial/by-id/b" },
          "portal": { "id": "door", "kind": "lcus-1", "port": "/dev/serial/by-id/c" } }],
          "rules": {},
          "broker": { "host": "localhost" },
        }
        """;

    /// <summary>With one key whose commands are obeyed.</summary>
    public static string WithCommandKey(string id) => With("\"rules\": {},", $$"""
        "rules": {}, "commands": { "keys": [{ "id": "{{id}}", "publicKeyFile": "/etc/edgegate/{{id}}.pem" }] },
        """);

    public static string With(string written, string instead)
    {
        Assert.Contains(written, Text, StringComparison.Ordinal);
        return Text.Replace(written, instead, StringComparison.Ordinal);
    }

    public static SettingsResult Parse(string text, params (string Name, string Value)[] environment) =>
        Parse(Encoding.UTF8.GetBytes(text), environment);

    public static SettingsResult Parse(byte[] text, params (string Name, string Value)[] environment) =>
        SettingsFile.Parse(text, "gate.json", environment.Select(variable => KeyValuePair.Create(variable.Name, (string?)variable.Value)));

    public static string[] Faults(SettingsResult result) =>
        [.. Assert.IsType<SettingsResult.Invalid>(result).Faults.Select(fault => fault.ToString())];

    public static string[] Notes(SettingsResult result) => [.. IsValid(result).Notes.Select(note => note.ToString())];

    public static SettingsResult.Valid IsValid(SettingsResult result)
    {
        if (result is SettingsResult.Invalid invalid)
            Assert.Fail(string.Join('\n', invalid.Faults));
        return Assert.IsType<SettingsResult.Valid>(result);
    }
}
