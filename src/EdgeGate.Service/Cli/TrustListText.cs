using System.Security.Cryptography.X509Certificates;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.Service.Cli;

/// <summary>Entries of a trust list for people.</summary>
internal static class TrustListText
{
    /// <summary>All lines about a key identifier or an issuer's address; none when it is not on the list.</summary>
    public static IEnumerable<string> Of(TrustListDocument document, string wanted)
    {
        foreach (var signer in document.Signers.Where(signer => signer.Kid.Equals(wanted, StringComparison.OrdinalIgnoreCase)))
        {
            yield return $"signer {signer.Kid}, {signer.Country ?? "country not stated"}";
            yield return $"  may sign   {signer.Kinds}";
            yield return $"  source     {signer.Source}, fetched {signer.FetchedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC";
            if (signer.Certificate is null)
            {
                yield return "  key        without certificate: no times limit it";
                continue;
            }
            using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(signer.Certificate));
            yield return $"  subject    {certificate.Subject}";
            yield return $"  issuer     {certificate.Issuer}";
            yield return $"  valid      {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}";
        }
        foreach (var issuer in document.CardIssuers.Where(issuer => issuer.Issuer == wanted || issuer.Keys.Any(key => key.KeyId == wanted)))
        {
            yield return $"card issuer {issuer.Issuer}";
            yield return $"  source     {issuer.Source}, fetched {issuer.FetchedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC";
            foreach (var key in issuer.Keys)
                yield return $"  key        {key.KeyId}, {issuer.Revoked.Where(revoked => revoked.Kid == key.KeyId).Sum(revoked => revoked.Rids.Count)} cards revoked";
        }
    }
}
