using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace EdgeGate.Mqtt.Transport;

/// <summary>Opens the byte stream to an endpoint: TCP, and TLS on top when asked for.</summary>
internal static class Dialer
{
    /// <exception cref="LinkDownException">Unreachable, or TLS failed.</exception>
    public static async Task<Stream> DialAsync(MqttEndpoint endpoint, MqttTls? tls, X509Certificate2? certificate, CancellationToken cancellationToken)
    {
        // NoDelay: we batch ourselves, and Nagle against delayed acks costs 40 ms a message.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
            var stream = new NetworkStream(socket, ownsSocket: true);
            if (tls is null)
                return stream;
            var secured = new SslStream(stream);
            await secured.AuthenticateAsClientAsync(ClientOptions(endpoint, tls, certificate), cancellationToken);
            return secured;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new LinkDownException(MqttLinkEventKind.Unreachable, $"{endpoint} cannot be reached: {error.Message}", inner: error);
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            socket.Dispose();
            throw new LinkDownException(
                MqttLinkEventKind.TlsFailed,
                $"TLS with {endpoint} failed: {error.Message} Check the pinned authority, the name in the server's certificate, and this machine's clock.",
                inner: error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SslClientAuthenticationOptions ClientOptions(MqttEndpoint endpoint, MqttTls tls, X509Certificate2? certificate)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = endpoint.Host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        if (certificate is not null)
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        if (tls.PinnedAuthorities is { } authorities)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck, // a site's own authority rarely has a list to ask
            };
            policy.CustomTrustStore.AddRange(authorities);
            options.CertificateChainPolicy = policy;
        }
        return options;
    }
}
