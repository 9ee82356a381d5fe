using System.Collections.Concurrent;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Privacy;
using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Registers;
using EdgeGate.Mqtt;
using Npgsql;

namespace EdgeGate.Center.Registers;

/// <summary>
/// Keeps at the broker what stands in the database: hears which versions are announced there, and puts there what is newer, or was forgotten by a broker
/// that lost its memory. Several processes share it; who has the lock works.
/// </summary>
/// <param name="link">A link of its own, so that a list of a million persons does not hold up a receipt.</param>
internal sealed partial class RegisterPublisher(IMqttLink link, RegisterBook book, CommandSigner signer, NpgsqlDataSource database, TimeProvider time, ILogger<RegisterPublisher> log)
    : BackgroundService
{
    private const long LockKey = 0x4564_6765_4C69_7374; // "EdgeList"

    /// <summary>What the broker has kept comes within this after a login.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2), HearsWhatIsThere = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(string Site, string Name), RegisterAnnouncement?> _heard = new();
    private readonly CommandKeyRing _keys = new();
    private long _onlineSince = -1; // a timestamp; negative before the first login

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await BeginAsync(stoppingToken);
        using var looks = new PeriodicTimer(Look, time);
        while (await looks.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception notNow) when (notNow is NpgsqlException or TimeoutException or IOException or InvalidDataException)
            {
                LogPutOff(notNow);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await link.StopAsync(drain: TimeSpan.Zero, cancellationToken);
    }

    public override void Dispose()
    {
        _keys.Dispose();
        base.Dispose();
    }

    internal Task BeginAsync(CancellationToken cancellationToken)
    {
        _keys.Add(new CommandKey(signer.KeyId, signer.Key.ExportSubjectPublicKeyInfoPem()));
        link.Changed += change =>
        {
            if (change.Kind is not MqttLinkEventKind.Up)
                return;
            foreach (var list in _heard.Keys)
                _heard[list] = null; // of this broker, perhaps a new one, nothing is known yet
            Volatile.Write(ref _onlineSince, time.GetTimestamp());
        };
        return link.StartAsync(cancellationToken);
    }

    /// <summary>Publishes what is due now.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var lists = await book.ListAsync(cancellationToken);
        foreach (var list in lists.Where(list => _heard.TryAdd((list.Site, list.Name), null)))
            _ = link.SubscribeAsync(new SiteTopics(list.Site).Register(list.Name), (message, _) => HearAsync((list.Site, list.Name), message), cancellationToken); // asked again at every login
        var since = Volatile.Read(ref _onlineSince);
        if (link.State.Phase is not MqttLinkPhase.Online || since < 0 || time.GetElapsedTime(since) < HearsWhatIsThere)
            return;
        foreach (var list in lists.Where(list => list.Version > 0))
        {
            if (_heard[(list.Site, list.Name)]?.Version is { } heard && heard > list.Version)
                await book.OvertakeAsync(list.Site, list.Name, heard, Asker.Of("center", $"version {heard} is out, and here is {list.Version}", out _)!, cancellationToken);
            else if (_heard[(list.Site, list.Name)]?.Version == list.Version)
                await book.MarkAnnouncedAsync(list.Site, list.Name, list.Version, cancellationToken);
            else
                await PublishAsync(list, cancellationToken);
        }
    }

    private async Task PublishAsync(RegisterSummary list, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var alone = await AdvisoryLock.TryTakeAsync(connection, LockKey, cancellationToken);
        if (alone is null)
            return; // another process is at it: its announcement will be heard
        var files = await book.FilesAsync(list.Site, list.Name, cancellationToken);
        var announcement = RegisterAnnouncement.Of(list.Site, list.Name, files);
        foreach (var (topic, payload) in announcement.Publication(files.Select(file => file.Bytes), _heard[(list.Site, list.Name)], signer.KeyId, signer.Key))
            await link.RetainAsync(topic, payload, cancellationToken);
        _heard[(list.Site, list.Name)] = announcement;
        await book.MarkAnnouncedAsync(list.Site, list.Name, announcement.Version, cancellationToken);
        LogPublished(list.Site, list.Name, announcement.Version, files.Sum(file => (long)file.Bytes.Length));
    }

    private ValueTask HearAsync((string Site, string Name) list, MqttInbound message)
    {
        if (_keys.ReadRegister(message.Payload.Span, out _, out _) is { } announced && (announced.Site, announced.Name) == list)
            _heard[list] = announced; // one that this center did not sign is none: gates would refuse it too
        return ValueTask.CompletedTask;
    }

    [LoggerMessage(LogLevel.Information, "Register {Site}/{Name}: version {Version} is at the broker, {Bytes} bytes")]
    private partial void LogPublished(string site, string name, long version, long bytes);

    [LoggerMessage(LogLevel.Warning, "The registers could not be brought to the broker; tried again")]
    private partial void LogPutOff(Exception cause);
}
