using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Enrolment;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using EdgeGate.Messages.Enrolment;
using EdgeGate.Messages.Privacy;
using EdgeGate.Mqtt;
using Npgsql;

namespace EdgeGate.Center.Settings;

/// <summary>Reads center.json and the files it names. Every fault it can find is told at once, with the setting's name.</summary>
internal static class CenterSettingsFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        PropertyNameCaseInsensitive = false,
    };

    /// <exception cref="CenterSettingsException">The file cannot be used; the message lists all faults, one a line.</exception>
    public static CenterSettings Read(string file)
    {
        try
        {
            var settings = JsonSerializer.Deserialize<CenterSettings>(File.ReadAllText(file), Json)
                ?? throw new CenterSettingsException($"{file}: it is empty");
            var faults = Faults(settings).ToArray();
            return faults.Length == 0 ? settings : throw new CenterSettingsException(string.Join(Environment.NewLine, faults.Select(fault => $"{file}: {fault}")));
        }
        catch (JsonException wrong)
        {
            var where = wrong is { Path: { Length: > 1 } path } ? $"{path[2..]}: " : "";
            var line = wrong.LineNumber is { } number ? $" (line {number + 1})" : "";
            throw new CenterSettingsException($"{file}: {where}{Words(wrong)}{line}");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new CenterSettingsException($"cannot read the settings: {unreadable.Message}");
        }
    }

    public static NpgsqlDataSource OpenDatabase(DatabaseSettings settings)
    {
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = settings.Host,
            Port = settings.Port,
            Database = settings.Name,
            Username = settings.User,
            Password = settings.PasswordFile is { } file ? ReadSecret(file, "database.passwordFile") : null,
            ApplicationName = "edgegate-center",
            Timeout = 5,
            CommandTimeout = 60,
            MaxAutoPrepare = 40, // the same few statements in every batch
            // A machine that dies in the middle of a transaction would hold its gates' rows for hours: the server is told to notice.
            Options = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c idle_in_transaction_session_timeout=60s",
        };
        return NpgsqlDataSource.Create(text);
    }

    public static MqttLinkOptions LinkOptions(CenterSettings settings)
    {
        var broker = settings.Broker;
        return new MqttLinkOptions
        {
            Endpoints = [new MqttEndpoint(broker.Host, broker.Port), .. broker.Nodes.Select(node => MqttEndpoint.TryParse(node, out var other) ? other : throw new CenterSettingsException($"broker.nodes: {node}"))],
            ClientId = "edgegate-" + settings.Instance,
            // Of a shared subscription the session ends with the connection: the broker gives a dead process's share to the others at once. What was
            // under way to it comes again from the gates, which have no receipt for it.
            SessionExpiry = broker.ShareGroup.Length > 0 ? TimeSpan.Zero : TimeSpan.FromHours(1),
            ReceiveMaximum = broker.Window,
            Window = 1000,
            MaximumPacketSize = 128 * 1024, // times the window: what can lie in memory
            BackoffMaximum = TimeSpan.FromSeconds(5),
            Tls = UsesTls(broker)
                ? new MqttTls { PinnedAuthorities = broker.CaFile is { } ca ? Use(ca, "broker.caFile", Authorities) : null }
                : null,
            Credentials = new MqttCredentials(
                broker.User,
                broker.PasswordFile is { } password ? ReadSecret(password, "broker.passwordFile") : null,
                broker.ClientCertificateFile is { } certificate
                    ? Use(certificate, "broker.clientCertificateFile", file => X509Certificate2.CreateFromPemFile(file, broker.ClientKeyFile))
                    : null),
        };
    }

    private static bool UsesTls(BrokerSettings broker) => broker.Tls || broker.CaFile is not null || broker.ClientCertificateFile is not null;

    public static CommandSigner? ReadCommandKey(CenterSettings settings) =>
        settings.CommandKey is { } key ? new CommandSigner(key.Id, ReadPrivateKey(key.PrivateKeyFile, "commandKey.privateKeyFile")) : null;

    /// <summary>Null where the pages are for this machine only.</summary>
    public static X509Certificate2? ReadWebCertificate(WebSettings web) => web.CertificateFile is not { } file ? null
        : Use(file, "web.certificateFile", name => X509Certificate2.CreateFromPemFile(name, web.CertificateKeyFile));

    public static DataKey? ReadDataKey(CenterSettings settings) => settings.DataKeyFile is { } file ? new DataKey(ReadSecretBytes(file, "dataKeyFile")) : null;

    public static PassSigner? ReadPassKey(CenterSettings settings) => settings.PassKeyFile is { } file ? new PassSigner(ReadPrivateKey(file, "passKeyFile")) : null;

    public static PersonKeys ReadSiteKey(SiteSettings site) => new(ReadSiteSecret(site));

    /// <returns>Null where gates come in by password.</returns>
    public static GateAuthority? ReadGateAuthority(EnrolmentSettings settings, TimeProvider time) => settings.GateAuthorityFile is not { } certificate ? null
        : Use(certificate, "enrolment.gateAuthorityFile", file => GateAuthority.Read(file, settings.GateAuthorityKeyFile!, time));

    /// <summary>What every gate of the site is given alike; how this one comes in at the broker, and until when, is for the caller.</summary>
    /// <exception cref="CenterSettingsException">The site is not in the settings, or a key file cannot be used.</exception>
    public static EnrolmentBundle ReadBundle(CenterSettings settings, EnrolmentSettings enrolment, GateName gate)
    {
        var site = settings.Sites.FirstOrDefault(known => known.Id == gate.Site)
            ?? throw new CenterSettingsException($"sites: {gate.Site} is not in the settings, and a gate needs its site's key");
        using var signer = ReadCommandKey(settings)?.Key;
        using var passes = signer is null ? null : ReadPassKey(settings)?.Key; // its lists go out signed by the command key
        return new EnrolmentBundle
        {
            Site = gate.Site,
            Gate = gate.Gate,
            Expires = default,
            Broker = new BundleBroker(enrolment.Host, enrolment.Port, enrolment.CaFile is { } ca ? Use(ca, "enrolment.caFile", AuthoritiesPem) : null),
            SiteKey = Convert.ToBase64String(ReadSiteSecret(site)),
            EvidenceKeyPem = PublicKeyPem(enrolment.EvidencePublicKeyFile, "enrolment.evidencePublicKeyFile"),
            CommandKeys =
            [
                .. signer is null ? [] : new[] { new BundleKey(settings.CommandKey!.Id, signer.ExportSubjectPublicKeyInfoPem() + "\n") },
                .. enrolment.MoreKeys.Select(key => new BundleKey(key.Id, PublicKeyPem(key.PublicKeyFile, $"enrolment.moreKeys, {key.Id}"))),
            ],
            PassKeyPem = passes is null ? null : passes.ExportSubjectPublicKeyInfoPem() + "\n",
            Ticket = EnrolmentTicket.New(),
        };
    }

    private static byte[] ReadSiteSecret(SiteSettings site) => ReadSecretBytes(site.SiteKeyFile, $"the siteKeyFile of {site.Id}");

    /// <summary>Never a private key, whatever the file holds.</summary>
    private static string PublicKeyPem(string file, string setting) => Use(file, setting, name =>
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(name));
        return key.KeySize == 256 ? key.ExportSubjectPublicKeyInfoPem() + "\n" : throw new CryptographicException("it is no P-256 key");
    });

    private static string AuthoritiesPem(string file) => string.Concat(Authorities(file).Select(authority => authority.ExportCertificatePem() + "\n"));

    private static IEnumerable<string> Faults(CenterSettings settings)
    {
        if (!ListWord.IsValid(settings.Instance))
            yield return "instance must be 1 to 32 lower-case letters, digits or hyphens";
        if (settings.Database.Port is < 1 or > 65535)
            yield return $"database.port must be 1 to 65535, not {settings.Database.Port}";
        if (settings.Broker.Host.Length == 0 || settings.Broker.Host.Contains("://", StringComparison.Ordinal))
            yield return "broker.host must be a host name or address, without mqtt://";
        if (settings.Broker.Port is < 1 or > 65535)
            yield return $"broker.port must be 1 to 65535, not {settings.Broker.Port}";
        foreach (var node in settings.Broker.Nodes.Where(node => !MqttEndpoint.TryParse(node, out _)))
            yield return $"broker.nodes: \"{node}\" must be host:port";
        if (settings.Broker.Amqp is { Nodes.Count: 0 })
            yield return "broker.amqp.nodes must name one node at least, as host:port";
        foreach (var node in settings.Broker.Amqp?.Nodes.Where(node => !MqttEndpoint.TryParse(node, out _)) ?? [])
            yield return $"broker.amqp.nodes: \"{node}\" must be host:port";
        if (settings.Broker.Amqp?.ServerName is { } name && (Uri.CheckHostName(name) is UriHostNameType.Unknown || !UsesTls(settings.Broker)))
            yield return $"broker.amqp.serverName: \"{name}\" must be the name in the nodes' certificates, without a port, and needs TLS: name broker.caFile, or set broker.tls";
        if (settings.Broker.Window is < 1 or > 10_000)
            yield return $"broker.window must be 1 to 10000, not {settings.Broker.Window}";
        if (settings.Broker.ShareGroup.Length > 0 && !ListWord.IsValid(settings.Broker.ShareGroup))
            yield return "broker.shareGroup must be 1 to 32 lower-case letters, digits or hyphens, or empty";
        if ((settings.Broker.ClientCertificateFile is null) != (settings.Broker.ClientKeyFile is null))
            yield return "broker.clientCertificateFile and broker.clientKeyFile go together: one of them is missing";
        if (settings.Broker is { PasswordFile: not null, User: null })
            yield return "broker.passwordFile needs broker.user";
        if (settings.Retention.RecordDays is < 1 or > 3650)
            yield return $"retention.recordDays must be 1 to 3650, not {settings.Retention.RecordDays}";
        if (settings.Retention.SetAsideDays is < 1 or > 3650)
            yield return $"retention.setAsideDays must be 1 to 3650, not {settings.Retention.SetAsideDays}";
        if (settings.Retention.AuditDays < settings.Retention.RecordDays)
            yield return "retention.auditDays must not be less than retention.recordDays: who asked is kept as long as what was asked about";
        if (!settings.Web.Address.IsAbsoluteUri || settings.Web.Address.Scheme is not ("http" or "https"))
            yield return "web.address must be an address such as http://127.0.0.1:8090";
        if ((settings.Web.Address is { IsAbsoluteUri: true, Scheme: "https" }) != (settings.Web is { CertificateFile: not null, CertificateKeyFile: not null }))
            yield return "web.address with https, web.certificateFile and web.certificateKeyFile go together: one of them is missing";
        foreach (var (days, setting) in ((int, string)[])[(settings.Retention.ProposalDays, "proposalDays"), (settings.Retention.FileDays, "fileDays"), (settings.Retention.VisitorDays, "visitorDays")])
        {
            if (days is < 1 or > 3650)
                yield return $"retention.{setting} must be 1 to 3650, not {days}";
        }
        if (settings.Measures.By.Count is 0 or > 6 || settings.Measures.By.Zip(settings.Measures.By.Skip(1)).Any(pair => pair.First >= pair.Second))
            yield return "measures.by must be 1 to 6 times of day such as \"10:00\", the earlier ones first";
        foreach (var fault in settings.Enrolment is { } enrolment ? Faults(enrolment) : [])
            yield return fault;
        foreach (var twice in settings.Sites.CountBy(site => site.Id).Where(site => site.Value > 1))
            yield return $"sites: {twice.Key} stands there twice";
        foreach (var site in settings.Sites.Where(site => !ListWord.IsValid(site.Id)))
            yield return $"sites: the id \"{site.Id}\" must be 1 to 32 lower-case letters, digits or hyphens";
    }

    private static IEnumerable<string> Faults(EnrolmentSettings enrolment)
    {
        if (enrolment.Host.Length == 0 || enrolment.Host.Contains("://", StringComparison.Ordinal))
            yield return "enrolment.host must be a host name or address, without mqtt://";
        if (enrolment.Port is < 1 or > 65535)
            yield return $"enrolment.port must be 1 to 65535, not {enrolment.Port}";
        if ((enrolment.GateAuthorityFile is null) != (enrolment.GateAuthorityKeyFile is null))
            yield return "enrolment.gateAuthorityFile and enrolment.gateAuthorityKeyFile go together: one of them is missing";
        if (enrolment.BundleDays is < 1 or > 90)
            yield return $"enrolment.bundleDays must be 1 to 90, not {enrolment.BundleDays}";
        if (enrolment.CertificateDays is < 1 or > 3650)
            yield return $"enrolment.certificateDays must be 1 to 3650, not {enrolment.CertificateDays}";
        foreach (var key in enrolment.MoreKeys.Where(key => !ListWord.IsValid(key.Id)))
            yield return $"enrolment.moreKeys: the id \"{key.Id}\" must be 1 to 32 lower-case letters, digits or hyphens";
    }

    private static string Words(JsonException wrong) =>
        wrong.Message.Contains("could not be mapped", StringComparison.Ordinal) ? "is not a setting"
        : wrong.Message.Contains("missing required", StringComparison.Ordinal) ? wrong.Message[wrong.Message.IndexOf("missing required", StringComparison.Ordinal)..]
        : wrong.Message.Contains("could not be converted", StringComparison.Ordinal) ? "is not a value of this setting"
        : wrong.Message;

    private static X509Certificate2Collection Authorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("it holds no certificate in PEM form");
    }

    private static ECDsa ReadPrivateKey(string file, string setting) => Use(file, setting, name =>
    {
        var signing = ECDsa.Create();
        signing.ImportFromPem(File.ReadAllText(name));
        return signing.KeySize == 256 ? signing : throw new CryptographicException("it is no P-256 key");
    });

    private static byte[] ReadSecretBytes(string file, string setting) => Use(file, setting, name =>
        Convert.FromBase64String(File.ReadAllText(name).Trim()) is { Length: 32 } secret
            ? secret
            : throw new FormatException("wanted are 32 random bytes in base64 (openssl rand -base64 32)"));

    private static string ReadSecret(string file, string setting) => Use(file, setting, name => File.ReadAllText(name).TrimEnd('\r', '\n'));

    private static T Use<T>(string file, string setting, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or FormatException)
        {
            throw new CenterSettingsException($"{setting}: {file} cannot be used: {unusable.Message}");
        }
    }
}

internal sealed class CenterSettingsException(string message) : Exception(message);
