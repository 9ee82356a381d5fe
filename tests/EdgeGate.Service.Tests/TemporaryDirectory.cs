namespace EdgeGate.Service.Tests;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("edgegate-service-").FullName;

    public string this[params string[] names] => Path.Combine([Root, .. names]);

    public string Write(string name, string content)
    {
        File.WriteAllText(this[name], content);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
