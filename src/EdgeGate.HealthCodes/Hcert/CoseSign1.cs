using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
using EdgeGate.HealthCodes.Cbor;

namespace EdgeGate.HealthCodes.Hcert;

/// <summary>
/// A COSE_Sign1 object (RFC 9052, 4.2), taken apart and nothing judged yet. The tags 61 (CWT) and 18 (COSE_Sign1) may be
/// there, in this order, or not: some countries sign without.
/// </summary>
internal sealed record CoseSign1(ReadOnlyMemory<byte> Protected, CborValue.Map ProtectedHeader, CborValue.Map UnprotectedHeader, ReadOnlyMemory<byte> Payload, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Header labels of RFC 9052, 3.1.</summary>
    private const long AlgorithmLabel = 1;
    private const long CriticalLabel = 2;
    private const long KeyIdLabel = 4;

    private const CborTag CwtTag = (CborTag)61;
    private const CborTag Sign1Tag = (CborTag)18;
    private static readonly CborValue.Map EmptyHeader = new([]);

    /// <summary>
    /// The protected key id counts even when it is wrong and the other one right (healthcodes: container specification 3.3.2);
    /// null when there is none or it is no byte string.
    /// </summary>
    public ReadOnlyMemory<byte>? KeyId => Header(KeyIdLabel) is CborValue.Bytes { Value: var kid } ? kid : null;

    /// <summary>COSE algorithm number. May stand in the unprotected header: harmless, for the listed key fixes the algorithm.</summary>
    public long? Algorithm => Header(AlgorithmLabel) is CborValue.Integer { Value: var algorithm } ? algorithm : null;

    /// <summary>The signer demands that some header be understood; none such is.</summary>
    public bool HasCritical => Header(CriticalLabel) is not null;

    public static bool TryParse(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out CoseSign1? cose)
    {
        cose = null;
        try
        {
            var reader = new CborReader(encoded, CborConformanceMode.Strict);
            SkipTag(reader, CwtTag);
            SkipTag(reader, Sign1Tag);
            reader.ReadStartArray();
            var protectedBytes = reader.ReadByteString();
            if (CborValue.Read(reader) is not CborValue.Map unprotectedHeader)
                return false;
            var payload = reader.ReadByteString();
            var signature = reader.ReadByteString();
            reader.ReadEndArray();
            if (reader.BytesRemaining != 0 || !TryHeader(protectedBytes, out var protectedHeader))
                return false;
            cose = new CoseSign1(protectedBytes, protectedHeader, unprotectedHeader, payload, signature);
            return true;
        }
        catch (Exception malformed) when (CborValue.IsMalformed(malformed))
        {
            return false;
        }
    }

    /// <summary>The bytes that are signed: Sig_structure of RFC 9052, 4.4, with header and payload as they came.</summary>
    public byte[] SignatureInput() => SignatureInput(Protected.Span, Payload.Span);

    public static byte[] SignatureInput(ReadOnlySpan<byte> protectedHeader, ReadOnlySpan<byte> payload)
    {
        var writer = new CborWriter();
        writer.WriteStartArray(4);
        writer.WriteTextString("Signature1");
        writer.WriteByteString(protectedHeader);
        writer.WriteByteString([]);
        writer.WriteByteString(payload);
        writer.WriteEndArray();
        return writer.Encode();
    }

    private CborValue? Header(long label) => ProtectedHeader[label] ?? UnprotectedHeader[label];

    private static void SkipTag(CborReader reader, CborTag tag)
    {
        if (reader.PeekState() == CborReaderState.Tag && reader.PeekTag() == tag)
            reader.ReadTag();
    }

    /// <summary>An empty byte string stands for an empty map.</summary>
    private static bool TryHeader(byte[] encoded, [NotNullWhen(true)] out CborValue.Map? header)
    {
        header = EmptyHeader;
        if (encoded.Length == 0)
            return true;
        header = CborValue.TryDecode(encoded, out var value) ? value as CborValue.Map : null;
        return header is not null;
    }
}
