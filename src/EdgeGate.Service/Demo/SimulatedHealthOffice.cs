using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.HealthCodes.Simulated;
using EdgeGate.HealthCodes.Trust;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Demo;

/// <summary>
/// An authority that is not there: it certifies invented people, signs the trust list the gate believes, and answers as an online
/// provider. A second issuer, whom nobody trusts, makes the forgeries.
/// </summary>
internal sealed class SimulatedHealthOffice : IAsyncDisposable
{
    private const string RevokedIdentifier = "URN:UVCI:01:XA:CALLEDBACK#1";
    private readonly ECDsa _operator = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly HealthCodeIssuer _issuer;
    private readonly HealthCodeIssuer _forger;
    private readonly SimulatedProvider _provider;
    private readonly TimeProvider _time;
    private readonly string _directory;

    private SimulatedHealthOffice(string directory, SimulatedProvider provider, TimeProvider time)
    {
        (_directory, _provider, _time) = (directory, provider, time);
        var now = time.GetUtcNow();
        (_issuer, _forger) = (HealthCodeIssuer.Create(now.AddYears(-2), now.AddYears(2)), HealthCodeIssuer.Create(now.AddYears(-2), now.AddYears(2)));
    }

    private string TrustListFile => Path.Combine(_directory, "trust.jws");
    private string SecretFile => Path.Combine(_directory, "provider.secret");
    private string OperatorKeyFile => Path.Combine(_directory, "operator.public.pem");

    /// <summary>The provider cannot be asked while this is true.</summary>
    public bool ProviderIsDown
    {
        set => _provider.Fault = value ? SimulatedFault.ServerError : SimulatedFault.None;
    }

    public static async Task<SimulatedHealthOffice> OpenAsync(string directory, TimeProvider time, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        var provider = await SimulatedProvider.StartAsync(port: 0, time, certificate: null, cancellationToken);
        var office = new SimulatedHealthOffice(directory, provider, time);
        await File.WriteAllTextAsync(office.OperatorKeyFile, office._operator.ExportSubjectPublicKeyInfoPem(), cancellationToken);
        await File.WriteAllTextAsync(office.SecretFile, Encoding.UTF8.GetString(provider.Options.Signature!.Secret.Span), cancellationToken);
        File.SetUnixFileMode(office.SecretFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        new TrustListFile(office.TrustListFile).Save(TrustListSignature.Sign(office.TrustList(), office._operator));
        return office;
    }

    /// <summary>The section of gate.json that fits.</summary>
    public HealthCodeSettings Settings => new()
    {
        TrustListFile = TrustListFile,
        OperatorKeyFile = OperatorKeyFile,
        Providers =
        [
            new()
            {
                Id = "simulated-province",
                Pattern = "SIM:[a-z]+:[0-9]+",
                Address = _provider.Options.Verify.Address,
                Body = _provider.Options.Verify.Body,
                SecretFile = SecretFile,
                Colour = _provider.Options.Reply.Colour,
                ReportAddress = _provider.Options.Report!.Address,
                ReportBody = _provider.Options.Report.Body,
            },
        ],
    };

    /// <summary>What this person's phone shows; null without one.</summary>
    public string? CodeOf(Visitor visitor)
    {
        var born = CitizenNumber.TryParse(visitor.Shows, out var number) && number.BirthDate is { } date ? date : new DateOnly(1980, 1, 1);
        return visitor.Code switch
        {
            ShownCode.Certificate => Certificate(_issuer, visitor, born),
            ShownCode.ExpiredCertificate => Certificate(_issuer, visitor, born, daysLeft: -1),
            ShownCode.RevokedCertificate => Certificate(_issuer, visitor, born, RevokedIdentifier),
            ShownCode.ForgedCertificate => Certificate(_forger, visitor, born),
            ShownCode.BorrowedCertificate => Certificate(_issuer, visitor, born.AddYears(7)),
            ShownCode.Green or ShownCode.GreenWhileProviderIsDown => $"SIM:green:{visitor.Shows[^5..^1]}",
            ShownCode.Red => $"SIM:red:{visitor.Shows[^5..^1]}",
            _ => null,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        _issuer.Dispose();
        _forger.Dispose();
        _operator.Dispose();
    }

    private string Certificate(HealthCodeIssuer issuer, Visitor visitor, DateOnly born, string? identifier = null, int daysLeft = 30)
    {
        var now = _time.GetUtcNow();
        var dcc = HealthCodeIssuer.InventedDcc(
            CertificateKinds.Vaccination, "Ceshi", "Anyone", born, DateOnly.FromDateTime(now.Date).AddDays(-90), identifier ?? $"URN:UVCI:01:XA:TEST{visitor.Shows[^4..]}#1");
        return issuer.IssueHc1(dcc, now.AddDays(-60), now.AddDays(daysLeft));
    }

    private TrustListDocument TrustList() => new()
    {
        Version = _time.GetUtcNow().ToUnixTimeSeconds(), // a kept directory must find a newer list each time
        IssuedAt = _time.GetUtcNow().AddMinutes(-1),
        ExpiresAt = _time.GetUtcNow().AddDays(30),
        Signers = [_issuer.SignerEntry()],
        Denied = [Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(RevokedIdentifier)))],
    };
}
