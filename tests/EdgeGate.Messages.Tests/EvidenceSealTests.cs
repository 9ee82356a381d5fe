using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Messages.Privacy;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Messages.Tests;

public sealed class EvidenceSealTests : IDisposable
{
    private readonly ECDiffieHellman _center = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly EvidenceSeal _seal;

    public EvidenceSealTests() => _seal = new EvidenceSeal(_center.ExportSubjectPublicKeyInfoPem());

    public void Dispose()
    {
        _seal.Dispose();
        _center.Dispose();
    }

    [Fact]
    public void The_key_derivation_gives_the_example_of_rfc_7518_appendix_c()
    {
        using var alice = Key(
            "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0", "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps", "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo");
        using var bob = Key(
            "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck", "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
        var key = ConcatKdf.Derive(alice.DeriveRawSecretAgreement(bob.PublicKey), "A128GCM", "Alice"u8, "Bob"u8, keyBytes: 16);
        Assert.Equal("VqqN6vgjbSBcIijNcacQGg", Base64Url.EncodeToString(key));
    }

    [Fact]
    public void Whatever_is_sealed_the_center_opens() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), secret => EvidenceSeal.Open(_seal.Seal(secret), _center).SequenceEqual(secret))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Nobody_else_can_open_it()
    {
        using var thief = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        Assert.ThrowsAny<CryptographicException>(() => EvidenceSeal.Open(_seal.Seal("测试一"u8), thief));
    }

    [Fact]
    public void A_changed_letter_anywhere_is_noticed()
    {
        var jwe = _seal.Seal("测试一"u8);
        for (var i = 0; i < jwe.Length; i++)
        {
            // The unused low bits at the end of a base64 part may be ignored by a decoder: flip the highest bit of the letter's value.
            var altered = jwe.ToCharArray();
            altered[i] = altered[i] switch { '.' => 'A', >= 'a' and <= 'z' => 'A', _ => 'z' };
            Assert.ThrowsAny<CryptographicException>(() => EvidenceSeal.Open(new string(altered), _center));
        }
    }

    [Fact]
    public void The_same_text_never_looks_the_same_twice_and_the_key_agreement_is_renewed()
    {
        var sealedOnes = Enumerable.Range(0, EvidenceSeal.RecordsPerEpoch + 1).Select(_ => _seal.Seal("测试一"u8)).ToArray();
        Assert.Equal(sealedOnes.Length, sealedOnes.Select(jwe => jwe.Split('.')[3]).Distinct().Count());
        Assert.Equal(2, sealedOnes.Select(jwe => jwe.Split('.')[0]).Distinct().Count());
        Assert.All(sealedOnes, jwe => Assert.Equal("测试一", Encoding.UTF8.GetString(EvidenceSeal.Open(jwe, _center))));
    }

    [Theory]
    [InlineData("not a key")]
    [InlineData("")]
    public void What_is_no_public_key_is_refused(string pem) =>
        Assert.ThrowsAny<CryptographicException>(() => new EvidenceSeal(pem));

    [Fact]
    public void A_key_of_another_curve_is_refused()
    {
        using var other = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP384);
        Assert.ThrowsAny<CryptographicException>(() => new EvidenceSeal(other.ExportSubjectPublicKeyInfoPem()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("....")]
    [InlineData("e30..AAAA.AAAA.AAAA")]
    [InlineData("bm90IGpzb24..AAAA.AAAA.AAAA")]
    public void What_is_no_jwe_is_refused(string text) =>
        Assert.ThrowsAny<CryptographicException>(() => EvidenceSeal.Open(text, _center));

    private static ECDiffieHellman Key(string x, string y, string d) => ECDiffieHellman.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = { X = Base64Url.DecodeFromChars(x), Y = Base64Url.DecodeFromChars(y) },
        D = Base64Url.DecodeFromChars(d),
    });
}
