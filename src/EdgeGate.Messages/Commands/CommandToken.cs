using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EdgeGate.Messages.Commands;

/// <summary>
/// A command on the wire: JWS compact serialization (RFC 7515 section 7.1), ES256 (RFC 7518 section 3.4), header
/// <c>{"alg":"ES256","kid":…,"typ":"edgegate-command"}</c>, payload a <see cref="GateCommand"/>.
/// </summary>
public static class CommandToken
{
    /// <summary>Enough for the settings of a gate; sealed it still fits a record of the journal.</summary>
    public const int LongestBytes = 32 * 1024;
    internal const string Algorithm = "ES256", Type = "edgegate-command";

    /// <param name="keyId">By which the gate knows the public half.</param>
    /// <param name="key">P-256, with its private half.</param>
    /// <exception cref="ArgumentException">A value is outside its limits: every gate would refuse it.</exception>
    public static string Sign(GateCommand command, string keyId, ECDsa key)
    {
        return command.Fault() is { } fault
            ? throw new ArgumentException(fault, nameof(command))
            : Sign(JsonSerializer.SerializeToUtf8Bytes(command, CommandShapes.Default.GateCommand), Type, keyId, key);
    }

    /// <exception cref="ArgumentException">It would be longer than gates take.</exception>
    internal static string Sign(byte[] claims, string type, string keyId, ECDsa key)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(new CommandHeader(Algorithm, keyId, type), CommandShapes.Default.CommandHeader);
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(claims)}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var token = $"{signed}.{Base64Url.EncodeToString(signature)}";
        return token.Length <= LongestBytes ? token : throw new ArgumentException($"the token is {token.Length} bytes long, {LongestBytes} at most are taken", nameof(claims));
    }
}
