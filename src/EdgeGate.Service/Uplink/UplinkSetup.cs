using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeGate.Devices.Ports;
using EdgeGate.Messages;
using EdgeGate.Messages.Enrolment;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.Enrolment;
using EdgeGate.Service.Health;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Uplink;

internal static class UplinkSetup
{
    /// <summary>A password or certificate file that cannot be used leaves the gate without uplink, and says so: records wait in the journal.</summary>
    public static void AddUplink(this IServiceCollection services, GateSettings settings, BrokerSettings broker, GateKeys keys)
    {
        var topics = new GateTopics(settings.Site, settings.Gate);
        var status = new UplinkStatus();
        services.AddSingleton(status);
        MqttLinkOptions options;
        EnrolmentProof? proof;
        try
        {
            options = LinkOptionsOf(settings, broker, topics);
            proof = Proof(settings, broker.EnrolmentTicketFile, keys);
        }
        catch (BrokerFileException unusable)
        {
            status.Link = new MqttLinkState(MqttLinkPhase.Stopped, Cause: unusable.Message);
            return;
        }
        if (options.Faults() is [_, ..] faults)
        {
            status.Link = new MqttLinkState(MqttLinkPhase.Stopped, Cause: "broker: " + string.Join("; ", faults));
            return;
        }
        services.AddSingleton(topics).AddSingleton<ResendRequests>();
        services.AddSingleton(_ => new GateSignature(keys.SigningPem));
        services.AddSingleton(provider => GateSession.Begin(
            Path.Combine(settings.DataDirectory, "uplink-start"), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<GateSession>>()));
        services.AddSingleton(provider => Retained(
            settings, broker, topics, proof, provider.GetRequiredService<GateSession>(), provider.GetRequiredService<GateSignature>(), provider.GetRequiredService<DeviceBoard>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IMqttLink>(provider => new MqttLink(
            options with { Will = WillOf(settings.Gate, topics, provider.GetRequiredService<GateSession>()) }, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Receipts>(provider, broker.Receipts, broker.ReceiptWithin));
        services.AddHostedService<UplinkService>();
        services.AddSingleton<TallyService>().AddHostedService(provider => provider.GetRequiredService<TallyService>());
    }

    /// <summary>Without a will: that is for the gate's own link alone.</summary>
    /// <exception cref="BrokerFileException">A password or certificate file cannot be used.</exception>
    public static MqttLinkOptions LinkOptionsOf(GateSettings settings, BrokerSettings broker, GateTopics topics) => new()
    {
        Endpoints = [new MqttEndpoint(broker.Host, broker.Port), .. broker.Nodes.Select(NodeOf)],
        ClientId = broker.ClientId ?? $"{settings.Site}-{settings.Gate}", // two sites may call a gate the same at one broker
        Version = broker.Protocol switch
        {
            BrokerProtocol.V5 => MqttVersion.V5,
            BrokerProtocol.V311 => MqttVersion.V311,
            _ => MqttVersion.Auto,
        },
        Window = broker.Window,
        Tls = broker.Tls.Enabled ? new MqttTls { PinnedAuthorities = Authorities(broker.Tls.CaFile) } : null,
        Credentials = new MqttCredentials(broker.User, Password(broker.PasswordFile), Certificate(broker.Tls)),
    };

    /// <summary>Each login leaves its own: one that comes late, or a second time, says which login it ended.</summary>
    public static MqttWill WillOf(string gate, GateTopics topics, GateSession session) => new()
    {
        Topic = topics.State,
        Payload = login => State(new GateStateMessage { Gate = gate, Online = false, Session = session.Of(login) }),
        Retain = true,
        AlsoOnLeaving = true, // a gate that is switched off is as far away as one that died
    };

    /// <summary>The gate's own state, and each device's whenever it changes.</summary>
    private static RetainedOutbox Retained(
        GateSettings settings, BrokerSettings broker, GateTopics topics, EnrolmentProof? proof, GateSession session, GateSignature signature, DeviceBoard devices, TimeProvider time)
    {
        var outbox = new RetainedOutbox();
        var state = new GateStateMessage
        {
            Gate = settings.Gate,
            Online = true,
            Version = typeof(UplinkSetup).Assembly.GetName().Version?.ToString(3),
            SigningKey = signature.PublicKey,
            Enrolment = proof,
            Since = time.GetLocalNow(),
        };
        outbox.SetAtLogin(topics.State, login => State(state with { Session = session.Of(login) }));
        foreach (var (topic, config) in broker.HomeAssistant ? HomeAssistant.Discovery(settings, topics) : [])
            outbox.Set(topic, config);
        foreach (var device in devices.Devices)
            Show(device);
        devices.Changed += Show;
        return outbox;

        void Show(DeviceStatus device) => outbox.Set(
            topics.Device(device.DeviceId),
            JsonSerializer.SerializeToUtf8Bytes(
                new DeviceStateMessage(device.DeviceId, JsonNamingPolicy.KebabCaseLower.ConvertName(device.State.ToString()), device.State is DeviceState.Connected ? null : device.Cause, device.Since),
                RecordShapes.Default.DeviceStateMessage));
    }

    private static MqttEndpoint NodeOf(string node) => MqttEndpoint.TryParse(node, out var endpoint) ? endpoint : throw new FormatException($"broker.nodes: {node}"); // settings were checked

    private static byte[] State(GateStateMessage state) => JsonSerializer.SerializeToUtf8Bytes(state, RecordShapes.Default.GateStateMessage);

    private static string? Password(string? file) =>
        file is null ? null : Use(file, "broker.passwordFile", () => File.ReadAllText(file).TrimEnd('\r', '\n'));

    private static EnrolmentProof? Proof(GateSettings settings, string? file, GateKeys keys) => file is null ? null : Use(file, "broker.enrolmentTicketFile", () =>
    {
        using var signature = new GateSignature(keys.SigningPem);
        return EnrolmentTicketFile.ProofIn(file, settings.Site, settings.Gate, signature.PublicKey.Kid);
    });

    private static X509Certificate2Collection? Authorities(string? file) => file is null ? null : Use(file, "broker.tls.caFile", () =>
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("it holds no certificate in PEM form");
    });

    private static X509Certificate2? Certificate(BrokerTlsSettings tls) => tls.ClientCertificateFile is not { } file ? null : Use(
        file, "broker.tls.clientCertificateFile", () => X509Certificate2.CreateFromPemFile(file, tls.ClientKeyFile));

    private static T Use<T>(string file, string setting, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException or JsonException or FormatException)
        {
            throw new BrokerFileException($"{setting}: {file} cannot be used: {unusable.Message}", unusable);
        }
    }
}

internal sealed class BrokerFileException(string message, Exception inner) : Exception(message, inner);
