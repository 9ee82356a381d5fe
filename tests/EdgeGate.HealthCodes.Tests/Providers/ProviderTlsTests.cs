using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.Testing;

namespace EdgeGate.HealthCodes.Tests.Providers;

public class ProviderTlsTests
{
    [Theory]
    [InlineData("the right authority", true)]
    [InlineData("another authority", false)]
    [InlineData("the system's roots", false)]
    [InlineData("the right authority and key", true)]
    [InlineData("the right authority and another key", false)]
    public async Task Only_whom_the_settings_name_is_believed(string whom, bool believed)
    {
        using var authority = Authority();
        using var stranger = Authority();
        using var certificate = Server(authority);
        var keyPin = Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        var tls = whom switch
        {
            "the right authority" => new ProviderTls { PinnedAuthorities = [authority] },
            "another authority" => new ProviderTls { PinnedAuthorities = [stranger] },
            "the right authority and key" => new ProviderTls { PinnedAuthorities = [authority], PinnedKeys = [keyPin] },
            "the right authority and another key" => new ProviderTls { PinnedAuthorities = [authority], PinnedKeys = [Convert.ToBase64String(new byte[32])] },
            _ => new ProviderTls(),
        };
        var time = new ManualTime();
        await using var server = await SimulatedProvider.StartAsync(0, time, certificate);
        using var provider = new HttpHealthCodeProvider(server.Options with { Tls = tls }, time);
        var answer = await provider.AskAsync(ProviderBench.Question("SIM:green:0001"), CancellationToken.None);
        Assert.Equal(believed ? HealthCodeStatus.ProviderGreen : HealthCodeStatus.ProviderError, answer.Status);
        if (!believed)
            Assert.StartsWith("TLS failed: ", answer.Fault, StringComparison.Ordinal);
        Assert.Equal((believed ? 1 : 0, 1), (server.Asked, answer.Attempts));
    }

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Invented authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(From, To);
    }

    private static X509Certificate2 Server(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var bare = request.Create(authority, From, To, [1]);
        using var withKey = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    // TLS goes by the machine's clock, whatever the gate's is.
    private static DateTimeOffset From => TimeProvider.System.GetUtcNow().AddDays(-1);

    private static DateTimeOffset To => From.AddDays(30);
}
