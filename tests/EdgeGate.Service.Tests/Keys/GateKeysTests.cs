using System.Security.Cryptography;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Tests.Keys;

public sealed class GateKeysTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private GateKeys Load(PrivacySettings? settings = null) => GateKeys.LoadOrMake(settings ?? new PrivacySettings(), _directory.Root);

    private string Complaint(PrivacySettings settings) => Assert.Throws<GateKeyException>(() => Load(settings)).Message;

    [Fact]
    public void Keys_are_made_once_and_survive_a_restart()
    {
        var first = Load();
        var second = Load();

        Assert.Equal(32, first.SiteSecret.Length);
        Assert.Equal(first.SiteSecret, second.SiteSecret);
        Assert.Equal(first.RecipientPem, second.RecipientPem);
    }

    [Fact]
    public void Nobody_else_can_read_them()
    {
        Load();

        var files = Directory.GetFiles(_directory["keys"]);
        Assert.Equal(["gate-signing.pem", "site-private.pem", "site-public.pem", "site.key"], files.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void A_damaged_signing_key_is_replaced_and_said()
    {
        var before = Load().SigningPem;
        File.WriteAllText(_directory["keys", "gate-signing.pem"], "-----BEGIN PRIVATE KEY-----\nrubbish");

        var keys = Load();

        Assert.NotEqual(before, keys.SigningPem);
        Assert.Contains(keys.Notes, note => note.Contains("made anew", StringComparison.Ordinal));
        Assert.Equal(keys.SigningPem, Load().SigningPem);
    }

    [Fact]
    public void Two_gates_make_different_ones()
    {
        using var other = new TemporaryDirectory();
        Assert.NotEqual(Load().SiteSecret, GateKeys.LoadOrMake(new PrivacySettings(), other.Root).SiteSecret);
    }

    [Fact]
    public void The_pair_of_its_own_fits_together()
    {
        using var seal = new EvidenceSeal(Load().RecipientPem);
        using var secret = ECDiffieHellman.Create();
        secret.ImportFromPem(File.ReadAllText(_directory["keys", "site-private.pem"]));

        Assert.Equal("evidence"u8.ToArray(), EvidenceSeal.Open(seal.Seal("evidence"u8), secret));
    }

    [Fact]
    public void The_private_key_is_pointed_out_at_every_start_until_it_is_moved()
    {
        Load();
        Assert.Contains(Load().Notes, note => note.Contains("site-private.pem opens all sealed evidence", StringComparison.Ordinal));

        File.Delete(_directory["keys", "site-private.pem"]);
        Assert.Empty(Load().Notes);
    }

    [Fact]
    public void Half_a_key_left_by_a_power_cut_is_replaced()
    {
        Directory.CreateDirectory(_directory["keys"]);
        File.WriteAllText(_directory["keys", "site.key.new"], "AAAA");

        Assert.Equal(32, Load().SiteSecret.Length);
        Assert.False(File.Exists(_directory["keys", "site.key.new"]));
    }

    [Fact]
    public void Keys_named_in_the_settings_are_taken_and_only_the_gates_own_is_made()
    {
        using var center = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var secret = RandomNumberGenerator.GetBytes(32);

        var keys = Load(new PrivacySettings
        {
            SiteKeyFile = _directory.Write("shared.key", Convert.ToBase64String(secret) + "\n"),
            CenterPublicKeyFile = _directory.Write("center.pem", center.ExportSubjectPublicKeyInfoPem()),
        });

        Assert.Equal(secret, keys.SiteSecret);
        Assert.Empty(keys.Notes);
        Assert.Equal(["gate-signing.pem"], Directory.GetFiles(_directory["keys"]).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("not base64!", "is no site key")]
    [InlineData("AAAA", "holds 3 bytes")]
    [InlineData("", "holds 0 bytes")]
    public void A_wrong_site_key_is_named_with_what_is_wanted(string content, string complaint)
    {
        var said = Complaint(new PrivacySettings { SiteKeyFile = _directory.Write("wrong.key", content) });

        Assert.Contains("wrong.key", said, StringComparison.Ordinal);
        Assert.Contains(complaint, said, StringComparison.Ordinal);
        Assert.Contains("32 random bytes in base64", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    public void A_wrong_center_key_is_named_with_what_is_wanted(string content)
    {
        var said = Complaint(new PrivacySettings { CenterPublicKeyFile = _directory.Write("center.pem", content) });

        Assert.Contains("center.pem is no public key to seal to", said, StringComparison.Ordinal);
        Assert.Contains("P-256", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_center_key_of_another_kind_is_refused()
    {
        using var rsa = RSA.Create(2048);
        Assert.Contains("P-256", Complaint(new PrivacySettings { CenterPublicKeyFile = _directory.Write("rsa.pem", rsa.ExportSubjectPublicKeyInfoPem()) }), StringComparison.Ordinal);
    }

    [Fact]
    public void The_centers_private_key_has_no_place_at_a_gate()
    {
        using var center = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);

        var said = Complaint(new PrivacySettings { CenterPublicKeyFile = _directory.Write("center.pem", center.ExportPkcs8PrivateKeyPem()) });

        Assert.Contains("holds a private key", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("/nowhere/site.key", Complaint(new PrivacySettings { SiteKeyFile = "/nowhere/site.key" }), StringComparison.Ordinal);

    [Fact]
    public void A_directory_that_cannot_be_written_is_named()
    {
        var blocked = _directory.Write("file", "");
        Assert.Contains("cannot write the key file", Assert.Throws<GateKeyException>(() => GateKeys.LoadOrMake(new PrivacySettings(), blocked)).Message, StringComparison.Ordinal);
    }
}
