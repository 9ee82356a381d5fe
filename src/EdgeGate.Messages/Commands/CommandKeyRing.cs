using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeGate.Messages.Notices;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Messages.Commands;

/// <summary>A public key whose commands are obeyed. Two of them overlap in time while one takes the other's place.</summary>
/// <param name="Id">The <c>kid</c> of its tokens.</param>
/// <param name="PublicPem">PEM SubjectPublicKeyInfo, curve P-256.</param>
/// <param name="NotBefore">First day, by the gate's own calendar; null for no limit.</param>
/// <param name="NotAfter">Last day; null for no limit.</param>
public sealed record CommandKey(string Id, string PublicPem, DateOnly? NotBefore = null, DateOnly? NotAfter = null)
{
    public bool IsInTime(DateOnly today) => !(today < NotBefore) && !(today > NotAfter);
}

/// <summary>What a token is: truly signed by a key of the ring, or why not.</summary>
public abstract record CommandReading
{
    private CommandReading() { }

    public sealed record Genuine(GateCommand Command, CommandKey Key) : CommandReading;

    /// <param name="Words">In words, without anything that the token says.</param>
    /// <param name="Key">Who signed it; null when nobody known did, and then anybody may have sent it.</param>
    public sealed record Unusable(CommandReason Reason, string Words, CommandKey? Key = null) : CommandReading;
}

/// <summary>The pinned keys. Says who wrote a command or announced a register; whether it is to be obeyed is another question.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class CommandKeyRing : IDisposable
{
    private const int SignatureBytes = 64;
    private static readonly SearchValues<byte> Base64UrlAlphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    private readonly Dictionary<string, (CommandKey Key, ECDsa Verifier)> _keys = new(StringComparer.Ordinal);

    public int Count => _keys.Count;

    /// <exception cref="CryptographicException">Not a P-256 public key, or one of that id is there already.</exception>
    public void Add(CommandKey key)
    {
        if (key.PublicPem.Contains("PRIVATE KEY", StringComparison.Ordinal))
            throw new CryptographicException("it holds a private key: a gate is given the public one only");
        var verifier = ECDsa.Create();
        try
        {
            verifier.ImportFromPem(key.PublicPem);
            if (verifier.ExportParameters(includePrivateParameters: false).Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
                throw new CryptographicException("the key is not on curve P-256");
            if (!_keys.TryAdd(key.Id, (key, verifier)))
                throw new CryptographicException($"there are two keys \"{key.Id}\"");
        }
        catch (ArgumentException notPem)
        {
            verifier.Dispose();
            throw new CryptographicException("it is no public key in PEM form", notPem);
        }
        catch (CryptographicException)
        {
            verifier.Dispose();
            throw;
        }
    }

    /// <summary>Any bytes at all. The claims are not looked at before the signature has been found good.</summary>
    public CommandReading Read(ReadOnlySpan<byte> token)
    {
        if (Verify(token, CommandToken.Type, out var claims, out var known) is { } unusable)
            return unusable;
        if (Parse(claims, CommandShapes.Default.GateCommand) is not { } command)
            return new CommandReading.Unusable(CommandReason.NotUnderstood, "its claims are not those of any kind this gate knows", known);
        return command.Fault() is { } fault
            ? new CommandReading.Unusable(CommandReason.NotUnderstood, fault, known)
            : new CommandReading.Genuine(command, known);
    }

    /// <summary>An announcement of a register that the center keeps.</summary>
    /// <param name="key">Who signed it; null when nobody known did.</param>
    /// <param name="fault">What is wrong with it, in words.</param>
    /// <returns>Null when it is unusable.</returns>
    public RegisterAnnouncement? ReadRegister(ReadOnlySpan<byte> token, out CommandKey? key, out string fault)
    {
        (key, fault) = (null, "");
        if (Verify(token, RegisterAnnouncement.Type, out var claims, out var known) is { } unusable)
        {
            fault = unusable.Words;
            return null;
        }
        key = known;
        var announcement = Parse(claims, RegisterShapes.Default.RegisterAnnouncement);
        fault = announcement is null ? "its claims are not those of a register" : announcement.Fault() ?? "";
        return fault.Length == 0 ? announcement : null;
    }

    /// <summary>The notices of a site.</summary>
    /// <param name="key">Who signed them; null when nobody known did.</param>
    /// <param name="fault">What is wrong with them, in words.</param>
    /// <returns>Null when they are unusable.</returns>
    public SiteNoticeSet? ReadNotices(ReadOnlySpan<byte> token, out CommandKey? key, out string fault)
    {
        (key, fault) = (null, "");
        if (Verify(token, SiteNoticeSet.Type, out var claims, out var known) is { } unusable)
        {
            fault = unusable.Words;
            return null;
        }
        key = known;
        var notices = Parse(claims, NoticeShapes.Default.SiteNoticeSet);
        fault = notices is null ? "its claims are not those of a site's notices" : notices.Fault() ?? "";
        return fault.Length == 0 ? notices : null;
    }

    /// <returns>Null when a key of the ring truly signed it as a token of this type.</returns>
    private CommandReading.Unusable? Verify(ReadOnlySpan<byte> token, string type, out byte[] claims, out CommandKey key)
    {
        (claims, key) = ([], null!);
        if (token.Length > CommandToken.LongestBytes)
            return new CommandReading.Unusable(CommandReason.TooLarge, $"it is longer than {CommandToken.LongestBytes} bytes");
        var headerEnd = token.IndexOf((byte)'.');
        var claimsEnd = token.LastIndexOf((byte)'.');
        if (headerEnd < 0 || claimsEnd == headerEnd
            || Decode(token[..headerEnd]) is not { } headerJson
            || Decode(token[(headerEnd + 1)..claimsEnd]) is not { } claimsJson
            || Decode(token[(claimsEnd + 1)..]) is not { Length: SignatureBytes } signature)
            return new CommandReading.Unusable(CommandReason.Malformed, "it is no JWS in compact form");
        if (Parse(headerJson, CommandShapes.Default.CommandHeader) is not { Alg: CommandToken.Algorithm } header || header.Typ != type)
            return new CommandReading.Unusable(CommandReason.Malformed, $"its header is not what it should be: alg {CommandToken.Algorithm}, typ {type} and kid, nothing else");
        if (!_keys.TryGetValue(header.Kid, out var known))
            return new CommandReading.Unusable(CommandReason.KeyUnknown, "it names a key that is not in the gate's settings");
        if (!known.Verifier.VerifyData(token[..claimsEnd], signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
            return new CommandReading.Unusable(CommandReason.SignatureWrong, "its signature is not that of the key it names");
        (claims, key) = (claimsJson, known.Key);
        return null;
    }

    public void Dispose()
    {
        foreach (var (_, verifier) in _keys.Values)
            verifier.Dispose();
    }

    /// <summary>Null when it is not base64url; stricter than the framework's decoder, which passes over white space and padding.</summary>
    private static byte[]? Decode(ReadOnlySpan<byte> part)
    {
        if (part.ContainsAnyExcept(Base64UrlAlphabet))
            return null;
        var bytes = new byte[Base64Url.GetMaxDecodedLength(part.Length)];
        return Base64Url.DecodeFromUtf8(part, bytes, out _, out var written) is OperationStatus.Done ? bytes[..written] : null;
    }

    private static T? Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> shape)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, shape);
        }
        catch (Exception refused) when (refused is JsonException or NotSupportedException) // the second for claims without a kind
        {
            return null;
        }
    }
}
