using System.Security.Cryptography;

namespace EdgeGate.Devices.Osdp;

/// <summary>
/// The secure channel of OSDP v2 (IEC 60839-11-5, annex D), either end of it. Keys of its own for each session come from
/// the base key and the panel's random number; every message carries a MAC that depends on the one before it, in the other
/// direction, so that none can be repeated, left out or put elsewhere.
/// </summary>
internal sealed class OsdpSecureChannel : IDisposable
{
    public const int RandomLength = 8, CryptogramLength = 16;

    private const int Block = 16;
    private const byte EndOfData = 0x80;

    private readonly Aes _encryption, _mac1, _mac2;
    private readonly byte[] _panelRandom;

    /// <summary>The MACs, whole, of the last command and the last reply: each side's next one starts from the other's.</summary>
    private byte[] _commandMac = new byte[Block], _replyMac = new byte[Block];

    /// <param name="panelRandom">8 bytes.</param>
    public OsdpSecureChannel(OsdpKey baseKey, ReadOnlySpan<byte> panelRandom)
    {
        _panelRandom = panelRandom[..RandomLength].ToArray();
        using var master = NewAes(baseKey.Bytes.ToArray());
        _encryption = SessionKey(master, 0x82);
        _mac1 = SessionKey(master, 0x01);
        _mac2 = SessionKey(master, 0x02);
    }

    public void Dispose()
    {
        _encryption.Dispose();
        _mac1.Dispose();
        _mac2.Dispose();
    }

    /// <summary>Proves to the panel that the peripheral has the key.</summary>
    public byte[] PeripheralCryptogram(ReadOnlySpan<byte> peripheralRandom) => Encrypt(_encryption, [.. _panelRandom, .. peripheralRandom]);

    /// <summary>Proves to the peripheral that the panel has the key.</summary>
    public byte[] PanelCryptogram(ReadOnlySpan<byte> peripheralRandom) => Encrypt(_encryption, [.. peripheralRandom, .. _panelRandom]);

    /// <summary>Begins the chain of MACs.</summary>
    /// <returns>The first of them, which the peripheral sends.</returns>
    public byte[] Begin(byte[] panelCryptogram)
    {
        _replyMac = Encrypt(_mac2, Encrypt(_mac1, panelCryptogram));
        return [.. _replyMac];
    }

    /// <summary>A command or reply of the session; data are encrypted.</summary>
    public OsdpFrame Seal(OsdpHeader header, byte code, ReadOnlySpan<byte> data)
    {
        var type = (header.IsReply, data.IsEmpty) switch
        {
            (false, true) => OsdpSecurity.CommandWithMac,
            (true, true) => OsdpSecurity.ReplyWithMac,
            (false, false) => OsdpSecurity.EncryptedCommand,
            (true, false) => OsdpSecurity.EncryptedReply,
        };
        byte[] mac = [];
        var sent = data.IsEmpty ? [] : _encryption.EncryptCbc(Padded(data), StartOfData(header.IsReply), PaddingMode.None);
        var frame = OsdpFrame.Create(header, [(byte)type], code, sent, authenticated => mac = Mac(authenticated, header.IsReply));
        Advance(header.IsReply, mac);
        return frame;
    }

    /// <summary>Checks a message of the other side and takes its data out.</summary>
    /// <returns>False when it is not the other side's next message; the chain stays where it was.</returns>
    public bool TryOpen(OsdpFrame frame, out byte[] data)
    {
        data = [];
        var isReply = frame.Header.IsReply;
        var (plain, encrypted) = isReply
            ? (OsdpSecurity.ReplyWithMac, OsdpSecurity.EncryptedReply)
            : (OsdpSecurity.CommandWithMac, OsdpSecurity.EncryptedCommand);
        if (frame.Security != plain && frame.Security != encrypted)
            return false;
        var mac = Mac(frame.Authenticated, isReply);
        if (!CryptographicOperations.FixedTimeEquals(mac.AsSpan(0, OsdpFrame.MacLength), frame.Mac))
            return false;
        if (frame.Security == plain)
            data = frame.Data.ToArray();
        else if (!TryDecrypt(frame.Data, StartOfData(isReply), out data))
            return false;
        Advance(isReply, mac);
        return true;
    }

    private bool TryDecrypt(ReadOnlySpan<byte> encrypted, byte[] start, out byte[] data)
    {
        data = [];
        if (encrypted.IsEmpty || encrypted.Length % Block != 0)
            return false;
        var padded = _encryption.DecryptCbc(encrypted, start, PaddingMode.None);
        var end = padded.AsSpan().TrimEnd((byte)0).Length - 1;
        if (end < 0 || padded[end] != EndOfData)
            return false;
        data = padded[..end];
        return true;
    }

    /// <summary>CBC over the message, the last block with a key of its own; padded only where a block is not full.</summary>
    private byte[] Mac(ReadOnlySpan<byte> message, bool isReply)
    {
        var padded = message.Length % Block == 0 ? message.ToArray() : Padded(message);
        var chained = isReply ? _commandMac : _replyMac;
        if (padded.Length > Block)
            chained = _mac1.EncryptCbc(padded.AsSpan(..^Block), chained, PaddingMode.None)[^Block..];
        return _mac2.EncryptCbc(padded.AsSpan(^Block..), chained, PaddingMode.None);
    }

    private void Advance(bool isReply, byte[] mac)
    {
        if (isReply)
            _replyMac = mac;
        else
            _commandMac = mac;
    }

    private byte[] StartOfData(bool isReply) => [.. (isReply ? _commandMac : _replyMac).Select(value => (byte)~value)];

    private static byte[] Padded(ReadOnlySpan<byte> data)
    {
        var padded = new byte[(data.Length / Block + 1) * Block];
        data.CopyTo(padded);
        padded[data.Length] = EndOfData;
        return padded;
    }

    private Aes SessionKey(Aes master, byte purpose)
    {
        var seed = new byte[Block];
        (seed[0], seed[1]) = (0x01, purpose);
        _panelRandom.AsSpan(..6).CopyTo(seed.AsSpan(2));
        return NewAes(Encrypt(master, seed));
    }

    private static Aes NewAes(byte[] key)
    {
        var aes = Aes.Create();
        aes.Key = key;
        CryptographicOperations.ZeroMemory(key);
        return aes;
    }

    // A block by itself: there is nothing to chain.
    private static byte[] Encrypt(Aes aes, byte[] block) => aes.EncryptEcb(block, PaddingMode.None);
}
