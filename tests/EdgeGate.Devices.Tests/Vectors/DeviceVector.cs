using System.Globalization;
using System.Text.Json;

namespace EdgeGate.Devices.Tests.Vectors;

/// <summary>One pair of files: what is on the wire (.hex) and what a decoder must make of it (.json).</summary>
public sealed class DeviceVector
{
    private DeviceVector(JsonElement json, IReadOnlyList<object> steps)
    {
        Protocol = json.GetProperty("protocol").GetString()!;
        Context = json.TryGetProperty("context", out var context) ? context : default;
        Expect = json.GetProperty("expect");
        Steps = steps;
    }

    /// <summary>What happens between two reads, beside bytes.</summary>
    public enum Pause { Timeout, Gap }

    public string Protocol { get; }

    public JsonElement Context { get; }

    public JsonElement Expect { get; }

    /// <summary>Chunks (byte[]), each one read, and pauses in order.</summary>
    public IReadOnlyList<object> Steps { get; }

    /// <summary>GATE_VECTORS, else the folder beside the checkout; null when there is none.</summary>
    public static string? Folder
    {
        get
        {
            var root = Environment.GetEnvironmentVariable("GATE_VECTORS");
            for (var folder = AppContext.BaseDirectory; root is null && folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (File.Exists(Path.Combine(folder, "EdgeGate.sln")))
                    root = Path.Combine(folder, "..", "shared", "vectors");
            }
            var devices = Path.Combine(root ?? "", "devices");
            return Directory.Exists(devices) ? devices : null;
        }
    }

    public static IEnumerable<string> Ids => Folder is { } folder
        ? Directory.EnumerateFiles(folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)
        : [];

    public static DeviceVector Load(string id)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder!, id + ".json")));
        return new DeviceVector(json.RootElement.Clone(), [.. ParseSteps(File.ReadAllText(Path.Combine(Folder!, id + ".hex")))]);
    }

    public string? ContextText(string name) =>
        Context.ValueKind == JsonValueKind.Object && Context.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static IEnumerable<object> ParseSteps(string hex)
    {
        foreach (var line in hex.ReplaceLineEndings("\n").Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            yield return line switch
            {
                "@timeout" => Pause.Timeout,
                "@gap" => Pause.Gap,
                _ => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(value => byte.Parse(value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray(),
            };
        }
    }
}
