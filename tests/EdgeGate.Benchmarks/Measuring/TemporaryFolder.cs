namespace EdgeGate.Benchmarks.Measuring;

internal sealed class TemporaryFolder(string root) : IDisposable
{
    public string Path { get; } = Directory.CreateDirectory(System.IO.Path.Combine(root, $"edgegate-bench-{Guid.NewGuid():N}")).FullName;

    public string Sub(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
