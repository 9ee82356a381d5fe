using System.Security.Cryptography;
using System.Text.RegularExpressions;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Simulated;

namespace EdgeGate.Service.Tests.Cli;

public sealed class TrustAndCodeCommandTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private readonly TemporaryDirectory _directory = new();
    private readonly HealthCodeIssuer _issuer = HealthCodeIssuer.Create(Now.AddDays(-100), Now.AddDays(100));
    private readonly ECDsa _operator = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _list, _private, _public, _certificate, _code;

    public TrustAndCodeCommandTests()
    {
        _list = _directory["trust.jws"];
        _private = _directory.Write("operator.pem", _operator.ExportPkcs8PrivateKeyPem());
        _public = _directory.Write("operator.pub.pem", _operator.ExportSubjectPublicKeyInfoPem());
        _certificate = _directory.Write("signer.pem", PemEncoding.WriteString("CERTIFICATE", _issuer.CertificateDer()));
        _code = _issuer.IssueHc1(
            HealthCodeIssuer.InventedDcc(CertificateKinds.Vaccination, "Testperson", "Erika", new DateOnly(1990, 5, 17), new DateOnly(2022, 1, 3)), Now.AddDays(-1), Now.AddDays(50));
    }

    public void Dispose()
    {
        _operator.Dispose();
        _issuer.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task An_imported_signer_is_listed_and_its_codes_are_valid_until_they_are_denied()
    {
        Assert.Equal(1, (await CheckAsync()).ExitCode);

        var imported = await CommandLine.RunAsync("trust", "import", "Certificates", _certificate, "--source", "gateway", "-l", _list, "-k", _private);
        Assert.Equal((0, ""), (imported.ExitCode, imported.Errors));
        Assert.Contains("version 1", imported.Output, StringComparison.Ordinal);
        Assert.Contains($"{_issuer.Kid}  XA", (await CommandLine.RunAsync("trust", "list", "-l", _list, "-k", _public)).Output, StringComparison.Ordinal);
        Assert.Contains("valid      ", (await CommandLine.RunAsync("trust", "show", _issuer.Kid.ToString(), "-l", _list, "-k", _public)).Output, StringComparison.Ordinal);

        var check = await CheckAsync();
        Assert.Equal((0, ""), (check.ExitCode, check.Errors));
        Assert.Contains("HealthCertificate: Valid", check.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Testperson", check.Output, StringComparison.OrdinalIgnoreCase);

        var reference = Regex.Match(check.Output, "reference ([0-9a-f]{64})", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Value["reference ".Length..];
        Assert.Equal(0, (await CommandLine.RunAsync("trust", "deny", reference, "-l", _list, "-k", _private)).ExitCode);
        Assert.Contains("HealthCertificate: Revoked", (await CheckAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_imported_again_is_replaced_and_others_stay()
    {
        using var second = HealthCodeIssuer.Create(Now.AddDays(-100), Now.AddDays(100));
        var other = _directory.Write("other.pem", PemEncoding.WriteString("CERTIFICATE", second.CertificateDer()));
        foreach (var (file, source) in new[] { (_certificate, "a"), (_certificate, "b"), (other, "a") })
            Assert.Equal(0, (await CommandLine.RunAsync("trust", "import", "Certificates", file, "--source", source, "-l", _list, "-k", _private)).ExitCode);
        var listed = (await CommandLine.RunAsync("trust", "list", "-l", _list, "-k", _public)).Output;
        Assert.Contains("version 3", listed, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(listed, _issuer.Kid.ToString(), RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.Single(Regex.Matches(listed, second.Kid.ToString(), RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task What_cannot_be_used_is_told_in_words_and_leaves_the_list_as_it_is()
    {
        Assert.Equal(0, (await CommandLine.RunAsync("trust", "import", "Certificates", _certificate, "-l", _list, "-k", _private)).ExitCode);
        var before = File.ReadAllText(_list);
        var nothing = _directory.Write("empty.json", "{}");
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var strangers = _directory.Write("stranger.pem", stranger.ExportPkcs8PrivateKeyPem());
        foreach (var (arguments, exit) in new (string[], int)[]
        {
            (["Jwks", nothing, "-l", _list, "-k", _private], 1),
            (["Swedish", nothing, "-l", _list, "-k", _private], 2), // no signer
            (["Certificates", _directory["none.pem"], "-l", _list, "-k", _private], 2),
            (["Certificates", _certificate, "-l", _list, "-k", _public], 2), // cannot sign
            (["Certificates", _certificate, "-l", _list, "-k", strangers], 2), // not this list's operator
            (["German", _certificate, "--signer", _public, "-l", _list, "-k", _private], 2),
        })
        {
            var said = await CommandLine.RunAsync(["trust", "import", .. arguments]);
            Assert.Equal(exit, said.ExitCode);
            Assert.NotEmpty(said.Errors);
        }
        Assert.Equal(before, File.ReadAllText(_list));
    }

    [Fact]
    public async Task A_pass_is_checked_with_its_key_alone()
    {
        var pass = PassText.Sign(new EdgeGatePass { Id = "visit-1", NotBefore = Now.AddHours(-1), ExpiresAt = Now.AddHours(1) }, _operator);
        Assert.Contains("EdgeGatePass: Valid", (await CommandLine.RunAsync("code", "check", pass, "--pass-key", _public)).Output, StringComparison.Ordinal);
        Assert.Contains("EdgeGatePass: UnknownIssuer", (await CommandLine.RunAsync("code", "check", pass)).Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_picture_needs_zbarimg_and_says_so()
    {
        Skip.If(File.Exists("/usr/bin/zbarimg"), "zbarimg is installed: pictures are read");
        var said = await CommandLine.RunAsync("code", "check", _directory.Write("code.png", "no picture"));
        Assert.Equal(2, said.ExitCode);
        Assert.Contains("zbar-tools", said.Errors, StringComparison.Ordinal);
    }

    private Task<CommandLine> CheckAsync() => CommandLine.RunAsync("code", "check", _code, "-l", File.Exists(_list) ? _list : _public, "-k", _public);
}
