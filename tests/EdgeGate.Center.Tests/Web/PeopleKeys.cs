using System.Security.Cryptography;
using EdgeGate.Center.Settings;

namespace EdgeGate.Center.Tests.Web;

/// <summary>The key files that pages about people need, in a folder of their own.</summary>
internal sealed class PeopleKeys : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgegate-keys-").FullName;

    private PeopleKeys(string site)
    {
        File.WriteAllText(FileOf("site.key"), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        File.WriteAllText(FileOf("data.key"), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        using var passes = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(FileOf("passes.pem"), passes.ExportPkcs8PrivateKeyPem());
        Settings = CenterSite.Settings with { Sites = [new(site, FileOf("site.key"))], DataKeyFile = FileOf("data.key"), PassKeyFile = FileOf("passes.pem") };
    }

    public static PeopleKeys Of(string site) => new(site);

    public CenterSettings Settings { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string FileOf(string name) => Path.Combine(_folder, name);
}
