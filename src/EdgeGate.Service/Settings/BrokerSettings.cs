using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace EdgeGate.Service.Settings;

internal enum BrokerProtocol
{
    Auto,
    V5,
    V311,
}

internal enum ReceiptsFrom
{
    Broker,
    Center,
}

internal sealed record BrokerSettings
{
    [Pattern("^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$|^[0-9A-Fa-f:.]{2,45}$", "a host name or IP address, without mqtt:// and without a port")]
    [Description("Host name or IP address of the broker.")]
    public required string Host { get; init; }

    [Range(1, 65535), Description("TCP port of the broker; with TLS usually 8883.")]
    public int Port { get; init; } = 1883;

    [Count(0, 8), Description("The other nodes of a broker cluster, each as host:port; tried in turn.")]
    public IReadOnlyList<string> Nodes { get; init; } = [];

    [Description("Encryption of the link.")]
    public BrokerTlsSettings Tls { get; init; } = new();

    [Pattern("^[ -~]{1,256}$", "1 to 256 printable ASCII characters"), Description("Name the gate logs in with.")]
    public string? User { get; init; }

    [SecretFile, Description("File with the password and nothing else; passwords have no place in settings.")]
    public string? PasswordFile { get; init; }

    [SecretFile, Description("Lets the center believe this gate's signing key, once; \"edgegate enroll\" writes it, and the first start puts a proof in its place.")]
    public string? EnrolmentTicketFile { get; init; }

    [Description("Whether Home Assistant is told how to show this gate, on its discovery topics; nothing about persons.")]
    public bool HomeAssistant { get; init; }

    [Pattern("^[0-9A-Za-z_-]{1,64}$", "1 to 64 letters, digits, hyphens or underscores")]
    [Description("MQTT client id, unique at the broker; site and gate, joined by a hyphen, when left out.")]
    public string? ClientId { get; init; }

    [Description("MQTT version; auto tries 5 first, then 3.1.1.")]
    public BrokerProtocol Protocol { get; init; } = BrokerProtocol.Auto;

    [Description("Whose word makes a record deletable. broker is safe only with a replicated queue: a mosquitto that is killed forgets what it acknowledged.")]
    public ReceiptsFrom Receipts { get; init; } = ReceiptsFrom.Broker;

    [Duration("00:00:05", "01:00:00"), Description("How long the center may take to confirm what the broker has; then it is sent again.")]
    public TimeSpan ReceiptWithin { get; init; } = TimeSpan.FromMinutes(1);

    [Range(1, 10_000), Description("How many records may be under way without acknowledgement.")]
    public int Window { get; init; } = 256;
}

internal sealed record BrokerTlsSettings
{
    [Description("Whether the link is encrypted.")]
    public bool Enabled { get; init; }

    [AbsolutePath, Description("Certificate (PEM) of the authority that signed the broker's; the system's authorities when left out.")]
    public string? CaFile { get; init; }

    [AbsolutePath, Description("Certificate (PEM) the gate shows to the broker.")]
    public string? ClientCertificateFile { get; init; }

    [SecretFile, Description("Private key (PEM) of that certificate.")]
    public string? ClientKeyFile { get; init; }
}
