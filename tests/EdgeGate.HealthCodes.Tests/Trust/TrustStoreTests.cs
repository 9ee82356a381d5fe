using System.Security.Cryptography;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Simulated;
using EdgeGate.HealthCodes.Trust;
using static EdgeGate.HealthCodes.Tests.TestCodes;

namespace EdgeGate.HealthCodes.Tests.Trust;

public sealed class TrustStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgegate-trust-").FullName;
    private readonly ECDsa _operator = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _operator.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_list_comes_out_as_it_was_signed()
    {
        var store = Store();
        var document = List(7) with { CardIssuers = [Issuer.CardIssuerEntry("a", "b.123")], Denied = [new string('0', 64)] };
        var list = Assert.IsType<TrustLoad.Accepted>(store.Load(Sign(document))).List;
        Assert.Same(list, store.Current);
        Assert.Equal(7, list.Version);
        Assert.Equal(document.Signers, list.Document.Signers);
        Assert.Equal(document.CardIssuers[0].Revoked[0].Rids, list.Document.CardIssuers[0].Revoked[0].Rids);
        Assert.Empty(list.Notes);
        Assert.Equal(3, list.UsableKeys);
    }

    [Fact]
    public void The_version_never_falls_and_means_one_content()
    {
        var store = Store();
        var seven = Sign(List(7));
        Accepted(store.Load(seven));
        Accepted(store.Load(seven)); // the same file read again
        Refused(store.Load(Sign(List(6))));
        Refused(store.Load(Sign(List(7) with { Signers = [] })));
        Assert.Equal(2, store.Current!.Document.Signers.Count);
        Accepted(store.Load(Sign(List(8))));
    }

    [Fact]
    public void A_list_signed_by_another_altered_or_no_list_is_refused_and_the_old_one_stands()
    {
        var store = Store();
        Accepted(store.Load(Sign(List(1))));
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var good = Sign(List(2));
        Refused(store.Load(TrustListSignature.Sign(List(2), stranger)));
        Refused(store.Load(good[..^5] + (good[^5] == 'A' ? 'B' : 'A') + good[^4..]));
        Refused(store.Load("not a list"));
        Refused(store.Load(""));
        Refused(store.Load(Jws("""{"version":2}""")));
        Refused(store.Load(Jws("""{"version":2,"issuedAt":"2022-01-01T00:00:00Z","expiresAt":"2023-01-01T00:00:00Z","signers":null}""")));
        Refused(store.Load(Jws("""{"version":2,"issuedAt":"2022-01-01T00:00:00Z","expiresAt":"2023-01-01T00:00:00Z","signers":[null]}""")));
        Refused(store.Load(Jws("null")));
        Assert.Equal(1, store.Current!.Version);
    }

    [Fact]
    public void Members_left_out_have_their_defaults()
    {
        var list = Accepted(Store().Load(Jws($$"""{"version":2,"issuedAt":"2022-01-01T00:00:00Z","expiresAt":"2023-01-01T00:00:00Z","signers":[{"kid":"{{Issuer.Kid}}","certificate":"{{Convert.ToBase64String(Issuer.CertificateDer())}}","source":"x","fetchedAt":"2022-01-01T00:00:00Z"}]}""")));
        Assert.Equal(CertificateKinds.All, list.Document.Signers[0].Kinds);
        Assert.Empty(list.Document.Denied);
        Assert.Equal(1, list.UsableKeys);
    }

    [Fact]
    public void Keys_that_are_not_accepted_are_left_out_and_named()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa1024 = HealthCodeIssuer.CreateRsa(Now.AddYears(-1), Now.AddYears(1), bits: 1024);
        var good = Issuer.SignerEntry();
        var list = Accepted(Store().Load(Sign(List(1) with
        {
            Signers =
            [
                good,
                rsa1024.SignerEntry(),
                good with { Certificate = null, Key = new JsonWebKey { KeyType = "EC", Curve = "P-384", X = "AA", Y = "AA" } },
                good with { Certificate = null, Key = Issuer.CardKey with { Y = Issuer.CardKey.X } }, // not on the curve
                good with { Certificate = null, Key = null },
                good with { Certificate = "AAAA" },
                good with { Certificate = "?" },
                good with { Kid = "00" },
                good with { Kid = "0000000000000000" },
            ],
            CardIssuers =
            [
                Issuer.CardIssuerEntry() with { Issuer = "http://x.example" },
                Issuer.CardIssuerEntry() with { Issuer = "https://x.example/" },
                Issuer.CardIssuerEntry() with { Keys = [Issuer.CardKey with { KeyId = "another" }] },
            ],
            Denied = ["xyz"],
        })));
        Assert.Equal(1, list.UsableKeys);
        Assert.Equal(12, list.Notes.Count);
    }

    [Fact]
    public void A_list_is_swapped_as_a_whole_while_codes_are_verified()
    {
        var store = Store();
        Accepted(store.Load(Sign(List(1))));
        var gate = new HealthCodeVerifier(store);
        Is(HealthCodeStatus.Valid, gate.Verify(Hc1, Moment));
        Accepted(store.Load(Sign(List(2) with { Signers = [] })));
        Is(HealthCodeStatus.UnknownIssuer, gate.Verify(Hc1, Moment));
    }

    [Fact]
    public void An_older_list_in_the_files_place_is_not_believed_after_a_restart()
    {
        var file = new TrustListFile(Path.Combine(_folder, "trust.jws"));
        file.Save(Sign(List(5)));
        Accepted(file.LoadInto(file.CreateStore([JsonWebKey.From(_operator)])));
        file.Save(Sign(List(4)));
        Refused(file.LoadInto(file.CreateStore([JsonWebKey.From(_operator)])));
        file.Save(Sign(List(6)));
        Accepted(file.LoadInto(file.CreateStore([JsonWebKey.From(_operator)])));
        Assert.Equal(["trust.jws", "trust.jws.version"], Directory.EnumerateFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused_in_words()
    {
        var file = new TrustListFile(Path.Combine(_folder, "none.jws"));
        Refused(file.LoadInto(file.CreateStore([])));
    }

    [Theory, InlineData("qzdNABzMSjM"), InlineData("qzdNABzMSjM="), InlineData("ab374d001ccc4a33"), InlineData("AB374D001CCC4A33")]
    public void Key_identifiers_are_read_in_all_their_forms(string text)
    {
        Assert.True(KeyIdentifier.TryParse(text, out var kid));
        Assert.Equal("ab374d001ccc4a33", kid.ToString());
    }

    [Theory, InlineData("qzdNABzMSg"), InlineData("ab374d001ccc4a3z"), InlineData(""), InlineData(null), InlineData("????")]
    public void What_is_no_key_identifier_is_refused(string? text) => Assert.False(KeyIdentifier.TryParse(text, out _));

    private static TrustListDocument List(long version) => new()
    {
        Version = version,
        IssuedAt = Now.AddDays(-1),
        ExpiresAt = Now.AddDays(30),
        Signers = [Issuer.SignerEntry(), RsaIssuer.SignerEntry(CertificateKinds.Test | CertificateKinds.Recovery)],
    };

    private static TrustList Accepted(TrustLoad load) => Assert.IsType<TrustLoad.Accepted>(load).List;

    private static void Refused(TrustLoad load) => Assert.NotEmpty(Assert.IsType<TrustLoad.Refused>(load).Why);

    private TrustStore Store() => new([JsonWebKey.From(_operator)]);

    private string Sign(TrustListDocument document) => TrustListSignature.Sign(document, _operator);

    private string Jws(string payload) =>
        CompactJws.Sign(_operator, CompactJws.Header(JsonWebKey.From(_operator).KeyId!, "edgegate-trust+jws"), System.Text.Encoding.UTF8.GetBytes(payload));
}
