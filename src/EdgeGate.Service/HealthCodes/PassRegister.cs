using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access.Registers;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Registers;

namespace EdgeGate.Service.HealthCodes;

/// <summary>What the gate knows of single passes: its lists say which were called back, its site secret gives the secrets of rotating codes.</summary>
internal sealed class PassRegister(RegisterShelf shelf, PersonKeys keys, byte[] siteSecret) : IPassRegister
{
    /// <summary>Passes that were issued, and those called back, each by the key of its id.</summary>
    public const string Issued = "passes", Revoked = "revoked-passes";

    public bool? IsRevoked(string passId) => PersonKey.TryParse(keys.KeyOf("code", passId), out var key) ? shelf.IsOn(Revoked, key) : false;

    /// <summary>Not told here: the lane counts uses, in one step with the grant (<see cref="PassUses"/>).</summary>
    public int UsesOf(string passId) => 0;

    /// <summary>Derived, so that every gate of the site has it and none has to be told.</summary>
    public byte[] TotpSecret(string name) => SecretOf(siteSecret, name);

    public static byte[] SecretOf(byte[] siteSecret, string name) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, siteSecret, 20, info: Encoding.UTF8.GetBytes($"rotating pass {name}"));
}
