using System.Text.Json;

namespace EdgeGate.HealthCodes.Tests.BusinessRules;

/// <summary>The official test suites, read from whatever files stand in the vectors' certlogic folder.</summary>
internal static class CertLogicVectors
{
    public const string None = "No CertLogic vectors: neither GATE_VECTORS nor ../shared/vectors names a folder with certlogic/ in it.";

    /// <summary>One assertion of the test suite.</summary>
    public sealed record Assertion(string File, string Case, int Number, bool SkippedUpstream, JsonElement Logic, JsonElement Data, JsonElement Expected)
    {
        public override string ToString() => $"{File}, {Case}, {Number}";
    }

    /// <summary>One expression of the validation test suite with the messages expected.</summary>
    public sealed record Validation(string File, JsonElement Logic, IReadOnlyList<string> Messages)
    {
        public override string ToString() => $"{File}, {Logic.GetRawText().ReplaceLineEndings(" ")}";
    }

    public static IEnumerable<Assertion> Assertions =>
        from file in Files("testSuite")
        from @case in file.Json.GetProperty("cases").EnumerateArray()
        from assertion in @case.GetProperty("assertions").EnumerateArray().Select((json, index) => (Json: json, Number: index + 1))
        select new Assertion(
            file.Name,
            @case.GetProperty("name").GetString()!,
            assertion.Number,
            new[] { file.Json, @case, assertion.Json }.Any(part => part.TryGetProperty("directive", out var directive) && directive.GetString() is "skip"),
            assertion.Json.TryGetProperty("certLogicExpression", out var own) ? own : @case.GetProperty("certLogicExpression"),
            assertion.Json.GetProperty("data"),
            assertion.Json.GetProperty("expected"));

    public static IEnumerable<Validation> Validations =>
        from file in Files("validation-testSuite")
        from @case in file.Json.GetProperty("cases").EnumerateArray()
        select new Validation(
            file.Name,
            @case.GetProperty("certLogicExpression"),
            [.. @case.GetProperty("issues").EnumerateArray().Select(issue => issue.GetProperty("message").GetString()!)]);

    private static string? Folder
    {
        get
        {
            var root = Environment.GetEnvironmentVariable("GATE_VECTORS");
            for (var folder = AppContext.BaseDirectory; root is null && folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (File.Exists(Path.Combine(folder, "EdgeGate.sln")))
                    root = Path.Combine(folder, "..", "shared", "vectors");
            }
            return Path.Combine(root ?? "", "certlogic");
        }
    }

    private static IEnumerable<(string Name, JsonElement Json)> Files(string suite)
    {
        var folder = Path.Combine(Folder!, suite);
        if (!Directory.Exists(folder))
            yield break;
        foreach (var file in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
            yield return (Path.GetFileName(file), JsonElement.Parse(File.ReadAllText(file)));
    }
}
