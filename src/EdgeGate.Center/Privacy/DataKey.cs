using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EdgeGate.Center.Privacy;

/// <summary>
/// The center's own key for what stands in its database and is not needed to find anybody: names, telephone numbers, temperatures, words, passes. AES-256-GCM;
/// a sealed value is nonce (12 bytes), ciphertext, tag (16 bytes). Whoever has the database, or a copy of it, and not the key file reads none of it.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class DataKey
{
    public const int Length = 32;
    private const int NonceLength = 12, TagLength = 16;
    private readonly byte[] _key, _pinKey, _clientKey;

    /// <param name="secret">32 random bytes. Lost, what was sealed by it is lost.</param>
    public DataKey(byte[] secret)
    {
        if (secret.Length != Length)
            throw new ArgumentException($"a data key has {Length} bytes", nameof(secret));
        _key = Derive(secret, "edgegate center data");
        _pinKey = Derive(secret, "edgegate center pins");
        _clientKey = Derive(secret, "edgegate center clients");
        Devices = new KnownDevices(Derive(secret, "edgegate center devices"));
    }

    /// <summary>Phones on which a household has signed in before.</summary>
    public KnownDevices Devices { get; }

    /// <summary>Under which name the wrong tries of an address are counted: the address itself is kept nowhere.</summary>
    public string NameOfClient(string owner, string address) => Convert.ToHexStringLower(HMACSHA256.HashData(_clientKey, Encoding.UTF8.GetBytes($"{owner} {address}")));

    /// <param name="place">Which row it belongs to: a value that was moved to another row cannot be opened there.</param>
    public byte[] Seal<T>(string place, T value)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web);
        var result = new byte[NonceLength + plain.Length + TagLength];
        var nonce = result.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_key, TagLength);
        cipher.Encrypt(nonce, plain, result.AsSpan(NonceLength, plain.Length), result.AsSpan(NonceLength + plain.Length), Encoding.UTF8.GetBytes(place));
        return result;
    }

    /// <returns>Default when it was sealed by another key, for another place, or altered: the rest of the row can still be used.</returns>
    public T? Open<T>(string place, byte[]? value)
    {
        if (value is not { Length: >= NonceLength + TagLength })
            return default;
        var plain = new byte[value.Length - NonceLength - TagLength];
        try
        {
            using var cipher = new AesGcm(_key, TagLength);
            cipher.Decrypt(value.AsSpan(0, NonceLength), value.AsSpan(NonceLength, plain.Length), value.AsSpan(NonceLength + plain.Length), plain, Encoding.UTF8.GetBytes(place));
            return JsonSerializer.Deserialize<T>(plain, JsonSerializerOptions.Web);
        }
        catch (Exception foreign) when (foreign is AuthenticationTagMismatchException or JsonException)
        {
            return default;
        }
    }

    /// <summary>What is kept of a PIN. A few digits are soon tried through by whoever has the database; the key makes that worth nothing without the key file.</summary>
    public byte[] HashPin(string pin, byte[] salt) =>
        Rfc2898DeriveBytes.Pbkdf2(HMACSHA256.HashData(_pinKey, Encoding.UTF8.GetBytes(pin)), salt, iterations: 20_000, HashAlgorithmName.SHA256, outputLength: 32);

    private static byte[] Derive(byte[] secret, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, Length, info: Encoding.UTF8.GetBytes(purpose));
}
