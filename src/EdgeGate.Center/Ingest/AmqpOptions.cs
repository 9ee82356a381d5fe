using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeGate.Center.Settings;
using EdgeGate.Mqtt;
using RabbitMQ.Client;

namespace EdgeGate.Center.Ingest;

/// <param name="Endpoints">The nodes; whichever answers.</param>
/// <param name="Window">How many may be under way unacknowledged: the largest batch, and the bound of memory.</param>
internal sealed record AmqpOptions(IConnectionFactory Factory, IReadOnlyList<AmqpTcpEndpoint> Endpoints, string Queue, ushort Window, string Instance)
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <param name="mqtt">User, certificate and authorities are the same.</param>
    public static AmqpOptions Of(CenterSettings settings, AmqpSettings amqp, MqttLinkOptions mqtt)
    {
        var factory = new ConnectionFactory
        {
            VirtualHost = amqp.VirtualHost,
            AutomaticRecoveryEnabled = false, // the service begins anew itself, with a queue that is certainly declared
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
            ContinuationTimeout = TimeSpan.FromSeconds(20),
        };
        if (mqtt.Credentials is { UserName: { } user })
            (factory.UserName, factory.Password) = (user, mqtt.Credentials.Password ?? "");
        var endpoints = amqp.Nodes.Select(node => MqttEndpoint.TryParse(node, out var at)
            ? new AmqpTcpEndpoint(at.Host, at.Port, TlsTo(amqp.ServerName ?? at.Host, mqtt))
            : throw new CenterSettingsException($"broker.amqp.nodes: {node}"));
        return new AmqpOptions(factory, [.. endpoints], amqp.Queue, (ushort)settings.Broker.Window, settings.Instance);
    }

    /// <param name="name">Must stand in the node's certificate.</param>
    private static SslOption TlsTo(string name, MqttLinkOptions mqtt) => mqtt.Tls is not { } tls ? new SslOption() : new SslOption(name, enabled: true)
    {
        Certs = mqtt.Credentials?.ClientCertificate is { } own ? [own] : null,
        CertificateValidationCallback = (_, certificate, presented, errors) => tls.PinnedAuthorities is not { } pinned
            ? errors is SslPolicyErrors.None
            : !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && certificate is X509Certificate2 shown && IsUnder(pinned, shown, presented?.ChainPolicy.ExtraStore),
    };

    /// <summary>Issued for a server by one of these; by certificates between that came with it.</summary>
    private static bool IsUnder(X509Certificate2Collection authorities, X509Certificate2 shown, X509Certificate2Collection? between)
    {
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } }; // a site's own authority rarely has a list to ask
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication); // gates have certificates of the same authority
        if (between is not null)
            chain.ChainPolicy.ExtraStore.AddRange(between);
        return chain.Build(shown);
    }
}
