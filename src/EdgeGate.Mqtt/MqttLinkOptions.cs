using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EdgeGate.Mqtt;

/// <summary>The value is the protocol version byte of CONNECT.</summary>
public enum MqttVersion
{
    /// <summary>5 first; 3.1.1 when the server answers 132, return code 1, or just closes.</summary>
    Auto = 0,
    V311 = 4,
    V5 = 5,
}

/// <param name="Host">Name or address; with TLS also the name the certificate must carry.</param>
/// <param name="Port">1883 in the clear, 8883 with TLS, by custom.</param>
public sealed record MqttEndpoint(string Host, int Port)
{
    public override string ToString() => $"{Host}:{Port}";

    /// <param name="text">host:port; an IPv6 address in brackets.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out MqttEndpoint? endpoint)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.LastIndexOf(':');
        endpoint = colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
            && Uri.CheckHostName(text[..colon]) is not UriHostNameType.Unknown
            ? new MqttEndpoint(text[..colon].Trim('[', ']'), port) : null;
        return endpoint is not null;
    }
}

/// <summary>TLS 1.2 or 1.3.</summary>
public sealed record MqttTls
{
    /// <summary>When given, only a server certificate issued under one of these is accepted; otherwise the system's roots decide.</summary>
    public X509Certificate2Collection? PinnedAuthorities { get; init; }
}

/// <summary>How we prove who we are. The certificate carries its private key and may exist in memory only.</summary>
public sealed record MqttCredentials(string? UserName = null, string? Password = null, X509Certificate2? ClientCertificate = null)
{
    public static MqttCredentials None { get; } = new();
}

/// <summary>What the server publishes, at QoS 1, when we are gone.</summary>
public sealed record MqttWill
{
    public required string Topic { get; init; }

    /// <summary>Made anew for each login, from its number as in <see cref="MqttServerLimits.Login"/>: a will may come late, and whoever hears it can then tell which login is over.</summary>
    public Func<long, ReadOnlyMemory<byte>> Payload { get; init; } = _ => default;
    public bool Retain { get; init; }
    /// <summary>Whether it is published too when we leave in good order: MQTT 5 section 3.14.2.1, reason 4; in 3.1.1 by closing the connection without DISCONNECT, section 3.1.2.5.</summary>
    public bool AlsoOnLeaving { get; init; }
    /// <summary>MQTT 5: how long the server waits for us to come back first; whole seconds count.</summary>
    public TimeSpan Delay { get; init; }
    /// <summary>MQTT 5.</summary>
    public string? ContentType { get; init; }
    /// <summary>MQTT 5; from <see cref="MqttUserProperties.Encode"/>.</summary>
    public ReadOnlyMemory<byte> UserProperties { get; init; }
}

public sealed record MqttLinkOptions
{
    /// <summary>Packet ids above belong to SUBSCRIBE, those up to here to PUBLISH, so the two never meet.</summary>
    internal const int MaximumWindow = 60_000;

    /// <summary>Tried in turn; each is a way to the same logical server.</summary>
    public required IReadOnlyList<MqttEndpoint> Endpoints { get; init; }
    /// <summary>Must be unique among all clients of the server and stay the same over restarts.</summary>
    public required string ClientId { get; init; }
    public MqttVersion Version { get; init; } = MqttVersion.Auto;
    public MqttCredentials Credentials { get; init; } = MqttCredentials.None;
    /// <summary>Null: in the clear.</summary>
    public MqttTls? Tls { get; init; }
    public MqttWill? Will { get; init; }

    /// <summary>How long the server keeps our subscriptions and what waits for us. Zero: no session. MQTT 3.1.1 knows only yes and no.</summary>
    public TimeSpan SessionExpiry { get; init; } = TimeSpan.FromDays(1);
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>Messages given to the client and not yet acknowledged; the server's Receive Maximum may lower it.</summary>
    public int Window { get; init; } = 256;
    /// <summary>QoS 1 messages we let the server send before we have acknowledged one; also the length of the queue before the handlers.</summary>
    public int ReceiveMaximum { get; init; } = 64;
    /// <summary>Bytes, header included, both ways. A larger one from the server ends the link; a larger one of ours is refused with 149.</summary>
    public int MaximumPacketSize { get; init; } = 1024 * 1024;

    /// <summary>From the first SYN to CONNACK, TLS included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>A packet not answered for so long ends the link, even if the server still answers pings.</summary>
    public TimeSpan AckTimeout { get; init; } = TimeSpan.FromSeconds(20);
    public TimeSpan BackoffMinimum { get; init; } = TimeSpan.FromMilliseconds(250);
    public TimeSpan BackoffMaximum { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Every fault at once, in words; empty when the options can be used.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        Require(Endpoints.Count > 0, "at least one endpoint is needed");
        foreach (var endpoint in Endpoints)
            Require(endpoint is { Host.Length: > 0, Port: > 0 and <= ushort.MaxValue }, $"endpoint '{endpoint}' is not host:port");
        Require(ClientId.Length > 0 && FitsOnTheWire(ClientId), "the client id is empty or too long");
        Require(SessionExpiry >= TimeSpan.Zero && SessionExpiry.TotalSeconds < uint.MaxValue, "the session expiry is negative or too long");
        Require(KeepAlive.TotalSeconds is >= 1 and <= ushort.MaxValue, "the keep-alive must be 1 to 65535 seconds");
        Require(Window is >= 1 and <= MaximumWindow, $"the window must be 1 to {MaximumWindow}");
        Require(ReceiveMaximum is >= 1 and <= ushort.MaxValue, "the receive maximum must be 1 to 65535");
        Require(MaximumPacketSize >= 1024, "the maximum packet size must be at least 1024 bytes");
        Require(ConnectTimeout > TimeSpan.Zero && AckTimeout > TimeSpan.Zero, "time-outs must be positive");
        Require(BackoffMinimum > TimeSpan.Zero && BackoffMaximum >= BackoffMinimum, "the backoff must be positive, its maximum not below its minimum");
        Require(Credentials.ClientCertificate is null or { HasPrivateKey: true }, "the client certificate has no private key");
        Require(Credentials.ClientCertificate is null || Tls is not null, "a client certificate needs TLS");
        Require(FitsOnTheWire(Credentials.UserName) && FitsOnTheWire(Credentials.Password), "the user name or password is too long");
        Require(Credentials is not { UserName: null, Password: not null }, "a password needs a user name");
        Require(Will is null || TopicName.IsValid(Encoding.UTF8.GetBytes(Will.Topic)), "the will's topic is empty or has wildcards");
        Require(Will is null || Will.Payload(0).Length <= ushort.MaxValue, "the will's payload is longer than 65535 bytes");
        return faults;

        void Require(bool holds, string fault)
        {
            if (!holds)
                faults.Add(fault);
        }

        static bool FitsOnTheWire(string? text) => text is null || Encoding.UTF8.GetByteCount(text) <= ushort.MaxValue;
    }
}
