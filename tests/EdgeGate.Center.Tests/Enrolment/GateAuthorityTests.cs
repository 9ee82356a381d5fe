using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeGate.Center.Enrolment;
using EdgeGate.Testing;

namespace EdgeGate.Center.Tests.Enrolment;

public sealed class GateAuthorityTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("5ce0000000000000000000000000ffff")]
    [InlineData("00700000000000000000000000000001")] // one in 256 is drawn so
    [InlineData("00f00000000000000000000000000001")]
    [InlineData("00007000000000000000000000000001")]
    public void Every_serial_number_that_may_be_drawn_can_be_called_back(string serial)
    {
        using var authority = New();

        var list = authority.RevocationList([(serial, Now)]);

        var read = CertificateRevocationListBuilder.LoadPem(list, out _);
        Assert.True(read.RemoveEntry(new System.Numerics.BigInteger(Convert.FromHexString(serial), isUnsigned: true, isBigEndian: true).ToByteArray(isBigEndian: true)));
    }

    [Fact]
    public void The_serial_number_told_is_that_of_the_certificate()
    {
        using var authority = New();
        for (var i = 0; i < 300; i++)
        {
            var (pem, _, serial) = authority.Issue("estate.north", days: 30);
            using var certificate = X509Certificate2.CreateFromPem(pem);
            Assert.Equal(serial.TrimStart('0'), certificate.SerialNumber.TrimStart('0'), ignoreCase: true);
            authority.RevocationList([(serial, Now)]);
        }
    }

    private static GateAuthority New()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=gates", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return new GateAuthority(request.CreateSelfSigned(Now.AddDays(-1), Now.AddYears(1)), new ManualTime(Now));
    }
}
