using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeGate.HealthCodes.Providers;

/// <summary>Sends one request and says in words what went wrong. Follows nothing, keeps no cookies, reads no more than it may.</summary>
internal sealed class ProviderClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly int _maxReplyBytes;

    public ProviderClient(ProviderTls tls, int maxReplyBytes, TimeSpan budget)
    {
        _maxReplyBytes = maxReplyBytes;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null, // nothing about us that was not asked for
            AutomaticDecompression = DecompressionMethods.None, // a small reply that unpacks to a large one
            MaxResponseHeadersLength = 16, // KiB
            MaxConnectionsPerServer = 16,
            ConnectTimeout = budget,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // so that a new DNS entry is seen
            SslOptions = TlsOptions(tls),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // the caller's pipeline keeps the time, by the gate's clock
            MaxResponseContentBufferSize = maxReplyBytes,
        };
    }

    /// <returns>The body of a good reply, or a fault.</returns>
    /// <exception cref="OperationCanceledException">As asked.</exception>
    public async Task<(byte[] Body, ProviderReply? Fault)> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.SendAsync(message, cancellationToken);
            return response.IsSuccessStatusCode
                ? (await response.Content.ReadAsByteArrayAsync(cancellationToken), null)
                : ([], Refused(response.StatusCode));
        }
        catch (HttpRequestException error)
        {
            return ([], Broken(error));
        }
        catch (OperationCanceledException slow) when (!cancellationToken.IsCancellationRequested)
        {
            return ([], ProviderReply.Failed("no connection in time: " + slow.Message, mayPass: true));
        }
    }

    public void Dispose() => _http.Dispose();

    private static ProviderReply Refused(HttpStatusCode code) => (int)code switch
    {
        >= 300 and < 400 => ProviderReply.Failed($"answered {(int)code}, a redirect, which is never followed"),
        408 or >= 500 => ProviderReply.Failed($"answered {(int)code}", mayPass: true),
        _ => ProviderReply.Failed($"answered {(int)code}"),
    };

    private ProviderReply Broken(HttpRequestException error) => error.HttpRequestError switch
    {
        HttpRequestError.ConfigurationLimitExceeded => ProviderReply.Failed($"the reply is longer than {_maxReplyBytes} bytes, or its headers too long"),
        HttpRequestError.SecureConnectionError => ProviderReply.Failed("TLS failed: " + (error.InnerException ?? error).Message),
        _ => ProviderReply.Failed("the connection failed: " + error.GetBaseException().Message, mayPass: true),
    };

    private static SslClientAuthenticationOptions TlsOptions(ProviderTls tls)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck, // a list that cannot be fetched would stop the lane
            DisableCertificateDownloads = true, // nothing is fetched from an address in a stranger's certificate
        };
        if (tls.PinnedAuthorities is { } authorities)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }
        var options = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        if (tls.PinnedKeys.Count > 0)
            options.RemoteCertificateValidationCallback = (_, certificate, _, errors) => errors == SslPolicyErrors.None && certificate is X509Certificate2 leaf && tls.PinnedKeys.Contains(KeyPin(leaf));
        return options;
    }

    private static string KeyPin(X509Certificate2 certificate) => Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
}
