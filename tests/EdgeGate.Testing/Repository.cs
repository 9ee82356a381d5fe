namespace EdgeGate.Testing;

/// <summary>The checked-out source, for tests that read or run files of it.</summary>
public static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "EdgeGate.sln")) ? folder
        : Find(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("tests run below EdgeGate.sln"));
}
