using System.Reflection;

namespace EdgeGate.Messages;

/// <summary>
/// What other subscribers need: a JSON Schema for each record and message, and an AsyncAPI document of all topics. They are files beside the source, and a
/// test holds them to the types.
/// </summary>
public static class PublishedDocuments
{
    private const string Suffix = ".schema.json";
    private static readonly Assembly Holder = typeof(PublishedDocuments).Assembly;

    /// <summary>Names, for example <c>edgegate.passage.v1</c> or <c>tally</c>.</summary>
    public static IReadOnlyList<string> Schemas { get; } =
        [.. Holder.GetManifestResourceNames().Where(name => name.EndsWith(Suffix, StringComparison.Ordinal)).Select(name => name[..^Suffix.Length]).Order(StringComparer.Ordinal)];

    public static string AsyncApi => Read("asyncapi.json")!;

    /// <returns>Null when there is none of this name.</returns>
    public static string? Schema(string name) => Read(name + Suffix);

    private static string? Read(string name)
    {
        if (Holder.GetManifestResourceStream(name) is not { } stream)
            return null;
        using var text = new StreamReader(stream);
        return text.ReadToEnd();
    }
}
