namespace EdgeGate.HealthCodes.Tests.Vectors;

/// <summary>Public test data outside the repository: GATE_VECTORS, else <c>../shared/vectors</c> beside the checkout.</summary>
internal static class VectorFolder
{
    /// <summary>A folder of the test data; null when it is not there.</summary>
    public static string? Find(string name)
    {
        var root = Environment.GetEnvironmentVariable("GATE_VECTORS");
        for (var folder = AppContext.BaseDirectory; root is null && folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "EdgeGate.sln")))
                root = Path.Combine(folder, "..", "shared", "vectors");
        }
        var found = Path.Combine(root ?? "", name);
        return Directory.Exists(found) ? found : null;
    }

    /// <summary>The folder, or the test is skipped.</summary>
    public static string Need(string name)
    {
        var folder = Find(name);
        Skip.If(folder is null, $"No vectors: neither GATE_VECTORS nor ../shared/vectors names a folder with {name}/ in it.");
        return folder!;
    }
}
