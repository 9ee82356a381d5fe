using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Messages.Tests;

public sealed class SignedJsonTests : IDisposable
{
    private static readonly byte[] Signed = """{"made":3,"note":"a \"jws\": is text here"}"""u8.ToArray();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    private P256Key PublicKey => P256Key.Of(_key);

    [Fact]
    public void What_was_signed_comes_back_byte_for_byte()
    {
        Assert.True(SignedJson.TryVerify(SignedJson.Sign(Signed, _key), PublicKey, out var json));
        Assert.Equal(Signed, json);
    }

    [Fact]
    public void A_signed_object_is_still_JSON_with_all_its_members()
    {
        using var json = JsonDocument.Parse(SignedJson.Sign(Signed, _key));
        Assert.Equal(3, json.RootElement.GetProperty("made").GetInt32());
        Assert.Equal(3, json.RootElement.GetProperty("jws").GetString()!.Split('.').Length);
    }

    [Fact]
    public void Another_key_does_not_fit()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.False(SignedJson.TryVerify(SignedJson.Sign(Signed, _key), P256Key.Of(other), out _));
    }

    [Fact]
    public void No_changed_byte_is_accepted()
    {
        var message = SignedJson.Sign(Signed, _key);
        for (var at = 0; at < message.Length; at++)
        {
            var changed = message.ToArray();
            changed[at] ^= 1;
            Assert.False(SignedJson.TryVerify(changed, PublicKey, out _), $"byte {at} changed: {Encoding.UTF8.GetString(changed)}");
        }
    }

    [Fact]
    public void Any_bytes_at_all_are_refused_without_an_exception() =>
        Prop.ForAll<byte[]>(noise =>
        {
            byte[] tail = [.. Signed[..^1], .. ",\"jws\":\""u8, .. noise, .. "\"}"u8];
            return !SignedJson.TryVerify(noise, PublicKey, out _) && !SignedJson.TryVerify(tail, PublicKey, out _);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(",\"jws\":\"}")]
    [InlineData(",\"jws\":\"\"}")]
    [InlineData("{\"made\":3,\"jws\":\"}")]
    public void A_signature_cut_short_is_refused_without_an_exception(string message) =>
        Assert.False(SignedJson.TryVerify(Encoding.UTF8.GetBytes(message), PublicKey, out _));

    /// <summary>The key of RFC 7515 appendix A.3.1.</summary>
    [Fact]
    public void A_key_survives_its_public_form()
    {
        var key = new P256Key("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        using var verifier = key.ToVerifier();
        Assert.Equal(key, P256Key.Of(verifier));
        Assert.Equal(43, key.Kid.Length);
    }
}
