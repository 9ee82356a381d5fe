using System.Security.Cryptography;

namespace EdgeGate.Devices.Osdp;

/// <summary>
/// The panel's side of the four messages that begin a secure session: each side proves that it has the base key, by a
/// cryptogram over both sides' random numbers.
/// </summary>
/// <param name="key">The peripheral's own, or the one everybody knows in order to give it its own.</param>
/// <param name="random">8 bytes that were never used before.</param>
internal sealed class OsdpHandshake(OsdpKey key, byte[] random) : IDisposable
{
    private const int ClientIdLength = 8;
    private const byte Accepted = 0x01;

    private byte[] _panelCryptogram = [];

    public OsdpSecureChannel Channel { get; } = new(key, random);

    public bool WithInstallKey => key == OsdpKey.Install;

    public OsdpCommand Challenge { get; } = OsdpCommand.Challenge(random);

    /// <summary>Once the peripheral has proved itself.</summary>
    public OsdpCommand Cryptogram => OsdpCommand.Cryptogram(_panelCryptogram);

    private byte KeyKind => (byte)(WithInstallKey ? 0 : 1);

    public void Dispose() => Channel.Dispose();

    /// <summary>The security block of one of the two commands.</summary>
    public byte[] Block(OsdpCommandCode code) =>
        [(byte)(code == OsdpCommandCode.Challenge ? OsdpSecurity.Challenge : OsdpSecurity.ServerCryptogram), KeyKind];

    /// <summary>The peripheral's answer to the challenge.</summary>
    /// <returns>What is wrong with it, in words for an installer; null when the peripheral has the key.</returns>
    public string? TakeClientCryptogram(OsdpFrame reply)
    {
        if (reply.Security != OsdpSecurity.ClientCryptogram || reply.BlockData is not [var kind]
            || reply.Data.Length != ClientIdLength + OsdpSecureChannel.RandomLength + OsdpSecureChannel.CryptogramLength)
            return "the reader answers the challenge with something else";
        if (kind != KeyKind)
            return WithInstallKey ? "the reader has a key of its own already" : "the reader has no key of its own yet: it must be installed";
        var theirs = reply.Data.Slice(ClientIdLength, OsdpSecureChannel.RandomLength);
        if (!CryptographicOperations.FixedTimeEquals(Channel.PeripheralCryptogram(theirs), reply.Data[^OsdpSecureChannel.CryptogramLength..]))
            return "the reader has another key than the one set here";
        _panelCryptogram = Channel.PanelCryptogram(theirs);
        return null;
    }

    /// <summary>The peripheral's answer to our cryptogram. Its first MAC is known beforehand: another one means another peripheral.</summary>
    /// <returns>What is wrong with it; null when the session may begin.</returns>
    public string? TakeInitialMac(OsdpFrame reply)
    {
        if (reply.Security != OsdpSecurity.InitialMac || reply.BlockData is not [Accepted])
            return "the reader does not take this panel for its own: has it another key?";
        return CryptographicOperations.FixedTimeEquals(Channel.Begin(_panelCryptogram), reply.Data) ? null : "the reader begins the secure session wrongly";
    }
}
