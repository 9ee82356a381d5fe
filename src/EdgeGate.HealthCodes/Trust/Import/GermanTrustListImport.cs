using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.HealthCodes.Trust.Import;

/// <summary>The German form: a signature in base64 (ECDSA P-256 over SHA-256, r and s or DER), then the JSON that is signed, with <c>certificates[]</c>.</summary>
public static class GermanTrustListImport
{
    /// <param name="list">UTF-8.</param>
    /// <param name="signer">Whose signature must hold.</param>
    /// <exception cref="FormatException">It is no such list, or the signature does not hold.</exception>
    public static TrustImport Read(ReadOnlyMemory<byte> list, ECDsa signer, string source, DateTimeOffset fetchedAt)
    {
        var start = list.Span.IndexOf((byte)'{');
        if (start <= 0)
            throw new FormatException("it is no list in the German form: there is no signature before the JSON");
        var signature = Convert.FromBase64String(System.Text.Encoding.ASCII.GetString(list.Span[..start]).Trim());
        var json = list[start..];
        if (!Holds(signer, json.Span, signature))
            throw new FormatException("the signature on it does not hold with this key");
        var import = new TrustImport();
        using var document = ForeignJson.Parse(json, "a list of certificates");
        foreach (var element in document.RootElement.Items("certificates"))
        {
            if (element.ValueKind != JsonValueKind.Object || element.Text("certificateType") is not (null or "DSC"))
                continue; // other kinds do not sign certificates of persons
            var fault = "no certificate in base64";
            if (element.TryGetProperty("rawData", out var raw) && raw.ValueKind == JsonValueKind.String && raw.TryGetBytesFromBase64(out var der)
                && CertificateImport.Entry(der, element.Text("country"), source, fetchedAt, out fault) is { } entry)
                import.Add(entry);
            else
                import.Notes.Add($"{DisplayText.Of(element.Text("country"))} {DisplayText.Of(element.Text("kid"))}: left out, {fault}");
        }
        return import;
    }

    private static bool Holds(ECDsa signer, ReadOnlySpan<byte> json, byte[] signature)
    {
        // Signed were the bytes as they came; a transfer may have added a line end.
        foreach (var signed in (ReadOnlySpan<Range>)[Range.All, Range.EndAt(json.TrimEnd("\r\n"u8).Length)])
        {
            if (signer.VerifyData(json[signed], signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                || signer.VerifyData(json[signed], signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))
                return true;
        }
        return false;
    }
}
