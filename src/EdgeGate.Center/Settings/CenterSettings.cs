namespace EdgeGate.Center.Settings;

/// <summary>center.json. Ranges and paths are checked by <see cref="CenterSettingsFile"/>, which lists every fault at once.</summary>
internal sealed record CenterSettings
{
    /// <summary>Names this process at the broker; different for each that shares the work.</summary>
    public string Instance { get; init; } = "center-1";
    public required DatabaseSettings Database { get; init; }
    public required BrokerSettings Broker { get; init; }

    /// <summary>Signs what gates are asked for; without it gaps close only when gates send again by themselves.</summary>
    public CommandKeySettings? CommandKey { get; init; }

    /// <summary>Signs what people tell gates on the pages. The file is closed with a passphrase, which they type each time.</summary>
    public CommandKeySettings? OperatorKey { get; init; }
    public IReadOnlyList<SiteSettings> Sites { get; init; } = [];

    /// <summary>The center's own secret for names, telephone numbers, temperatures and words in its database: 32 bytes in base64. Without it there are no person files and no residents' page, and lists keep masked names only.</summary>
    public string? DataKeyFile { get; init; }

    /// <summary>Private key (PEM, P-256) that signs passes; its public half is among healthCodes.passKeyFiles of the gates. Without it no passes are made here.</summary>
    public string? PassKeyFile { get; init; }
    public MeasureSettings Measures { get; init; } = new();
    public EnrolmentSettings? Enrolment { get; init; }
    public RetentionSettings Retention { get; init; } = new();
    public WebSettings Web { get; init; } = new();
}

internal sealed record DatabaseSettings
{
    /// <summary>A host name, or the directory of a socket.</summary>
    public string Host { get; init; } = "/var/run/postgresql";
    public int Port { get; init; } = 5432;
    public string Name { get; init; } = "edgegate";
    public string User { get; init; } = "edgegate";
    public string? PasswordFile { get; init; }

    /// <summary>Where the program may not change tables: false, and <c>edgegate-center migrate</c> is run by who may.</summary>
    public bool MigrateAtStart { get; init; } = true;
}

internal sealed record BrokerSettings
{
    public required string Host { get; init; }
    public int Port { get; init; } = 1883;
    public string? User { get; init; }
    public string? PasswordFile { get; init; }

    /// <summary>Other nodes of the same cluster, as host:port; tried in turn.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];

    /// <summary>Of a RabbitMQ cluster: records then come by AMQP from a replicated queue, and MQTT is for what goes to gates.</summary>
    public AmqpSettings? Amqp { get; init; }

    /// <summary>PEM of the authorities the broker's certificate may come from; naming it, or a client certificate, turns TLS on.</summary>
    public string? CaFile { get; init; }
    public string? ClientCertificateFile { get; init; }
    public string? ClientKeyFile { get; init; }
    public bool Tls { get; init; }

    /// <summary>Processes with the same group share the records; empty where the broker knows no shared subscriptions.</summary>
    public string ShareGroup { get; init; } = "edgegate-center";

    /// <summary>How many messages the broker may send before the first is committed: the largest batch, and the bound of memory.</summary>
    public int Window { get; init; } = 1000;
}

/// <summary>User, password, certificate and authorities are those of the broker, and TLS is used when it is there.</summary>
internal sealed record AmqpSettings
{
    /// <summary>As host:port; usually 5672, with TLS 5671.</summary>
    public required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>A quorum queue, declared when it is not there; the same for all processes that share the work.</summary>
    public string Queue { get; init; } = "edgegate-records";
    public string VirtualHost { get; init; } = "/";

    /// <summary>The name in the nodes' certificates, where they are not addressed by it.</summary>
    public string? ServerName { get; init; }
}

/// <param name="Id">By which gates know the public half.</param>
internal sealed record CommandKeySettings(string Id, string PrivateKeyFile);

/// <param name="SiteKeyFile">The secret that keys persons, as the gates of the site have it: 32 bytes in base64.</param>
internal sealed record SiteSettings(string Id, string SiteKeyFile);

internal sealed record RetentionSettings
{
    public int RecordDays { get; init; } = 180;
    public int SetAsideDays { get; init; } = 90;
    public int AuditDays { get; init; } = 1825;

    /// <summary>Proposals of person files that nobody took up, or that were turned down.</summary>
    public int ProposalDays { get; init; } = 7;

    /// <summary>Person files after their end, with all measures and events.</summary>
    public int FileDays { get; init; } = 30;

    /// <summary>Visitors, passes and announcements after their end.</summary>
    public int VisitorDays { get; init; } = 14;
}

internal sealed record MeasureSettings
{
    /// <summary>Times of day, by the center's clock, at which a measure of everybody under observation must be there.</summary>
    public IReadOnlyList<TimeOnly> By { get; init; } = [new(10, 0), new(20, 0)];
}

internal sealed record WebSettings
{
    /// <summary>Pages answer other machines by https only; /health and /metrics do not mind.</summary>
    public Uri Address { get; init; } = new("http://127.0.0.1:8090");

    /// <summary>PEM of the certificate for https, with those that lead to its authority, and of its key.</summary>
    public string? CertificateFile { get; init; }
    public string? CertificateKeyFile { get; init; }

    /// <summary>What browsers may call this machine, beside its own name and addresses.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}
