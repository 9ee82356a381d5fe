using System.Collections.Concurrent;
using System.Security.Cryptography;
using EdgeGate.Access;
using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Registers;
using EdgeGate.Mqtt;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Registers;

/// <summary>
/// Brings the lists that the center keeps onto this gate's disk: hears their signed announcements over the gate's own link, and fetches the files
/// they name over a link of its own, so that a list of a million persons does not hold up a record. <see cref="RegisterService"/> brings into force
/// what is on disk.
/// </summary>
/// <param name="fetchingLink">A link with a session of its own that ends with it.</param>
internal sealed partial class CentralRegisters(
    RegisterSettings settings, SiteTopics topics, RegisterStore store, RegisterShelf shelf, CommandKeyRing keys, IMqttLink link, Func<IMqttLink> fetchingLink, GateClock clock,
    TimeProvider time, ILogger<CentralRegisters> log) : BackgroundService
{
    private static readonly TimeSpan PartWithin = TimeSpan.FromSeconds(30), FirstRetry = TimeSpan.FromSeconds(5), LastRetry = TimeSpan.FromMinutes(5);

    /// <summary>The newest announcement of each list that was not followed yet.</summary>
    private readonly ConcurrentDictionary<string, RegisterAnnouncement> _wanted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _faults = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _heard = new(0);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var name in settings.Central)
            _ = link.SubscribeAsync(topics.Register(name), (message, _) => HearAsync(name, message), CancellationToken.None); // answered by an event, and asked again at every login
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _heard.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var retry = FirstRetry;
        while (true)
        {
            if (_wanted.IsEmpty)
                await _heard.WaitAsync(stoppingToken);
            foreach (var (name, announced) in _wanted)
            {
                if (await FollowAsync(name, announced, stoppingToken))
                {
                    _wanted.TryRemove(KeyValuePair.Create(name, announced)); // not when there is a newer one
                    if (_faults.TryRemove(name, out var fault))
                        shelf.Faults.TryRemove(KeyValuePair.Create(name, fault)); // another's, such as of damage, is not over by this
                    retry = FirstRetry;
                }
            }
            if (_wanted.IsEmpty)
                continue;
            await Task.Delay(retry, time, stoppingToken);
            retry = retry * 2 < LastRetry ? retry * 2 : LastRetry;
        }
    }

    private ValueTask HearAsync(string name, MqttInbound message)
    {
        if (message.Payload.IsEmpty)
            return ValueTask.CompletedTask; // the announcement was taken back: what is in force stays
        var announced = keys.ReadRegister(message.Payload.Span, out var key, out var fault);
        if (announced is not null && Objection(name, announced, key!) is { } objection)
            (announced, fault) = (null, objection);
        if (announced is null)
        {
            var words = $"an announcement was refused: {fault}";
            if (_faults.GetValueOrDefault(name) != words)
                LogRefused(name, fault); // once, or whoever may publish there fills the log
            _faults[name] = words;
            if (shelf.Withdrawn(name) is null) // else whoever may publish there hides that the list is missing, and why
                shelf.Faults[name] = words;
            return ValueTask.CompletedTask;
        }
        _wanted[name] = announced;
        _heard.Release();
        return ValueTask.CompletedTask;
    }

    private string? Objection(string name, RegisterAnnouncement announced, CommandKey key)
    {
        if ((announced.Site, announced.Name) != (topics.Site, name))
            return "it is of another site or list";
        if (clock.Read() is { Grade: not ClockGrade.Unset, Wall: var now } && !key.IsInTime(DateOnly.FromDateTime(now.DateTime)))
            return $"its key {key.Id} does not hold today";
        return shelf.Find(name) is { Version: var ours } && announced.Version < ours
            ? $"it announces version {announced.Version}, and this gate has {ours}: lists never go back"
            : null;
    }

    /// <returns>False when it must be tried again.</returns>
    private async Task<bool> FollowAsync(string name, RegisterAnnouncement announced, CancellationToken stopping)
    {
        try
        {
            var version = store.NewestVersion(name, shelf.Find(name)?.Version);
            foreach (var file in announced.After(version).ToArray())
            {
                var arrived = await FetchAsync(name, file, stopping);
                using var _ = store.Lock();
                store.ApplyFile(name, version, arrived);
                version = file.Version;
                LogFetched(name, file.Version, file.Length);
            }
            return true;
        }
        catch (Exception notNow) when (notNow is IOException or UnauthorizedAccessException or InvalidDataException or TimeoutException)
        {
            LogNotFollowed(name, announced.Version, notNow.Message);
            shelf.Faults[name] = _faults[name] = $"version {announced.Version} could not be fetched: {notNow.Message}";
            store.ForgetArriving(name); // room for the journal until the next attempt
            return false;
        }
    }

    /// <summary>Onto the disk, part by part.</summary>
    /// <returns>Where it is: what was announced, and flushed.</returns>
    /// <exception cref="TimeoutException">A part did not come.</exception>
    /// <exception cref="InvalidDataException">The parts are not what was announced.</exception>
    private async Task<string> FetchAsync(string name, RegisterFile file, CancellationToken stopping)
    {
        var buffer = new byte[Math.Min(RegisterFile.PartLength, file.Length)];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var to = store.Receive(name);
        await using var fetching = fetchingLink();
        await fetching.StartAsync(stopping);
        for (var part = 0; part < file.Parts; part++)
        {
            var room = buffer.AsMemory(0, file.LengthOf(part));
            var arrived = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = fetching.SubscribeAsync(
                topics.RegisterPart(name, file, part),
                (message, _) =>
                {
                    if (arrived.Task.IsCompleted)
                        return ValueTask.CompletedTask; // the first counts: what a broker sends later must not change what is, or was, verified
                    var fits = message.Payload.Length == room.Length;
                    if (fits)
                        message.Payload.CopyTo(room);
                    arrived.TrySetResult(fits);
                    return ValueTask.CompletedTask;
                },
                stopping);
            try
            {
                if (!await arrived.Task.WaitAsync(PartWithin, time, stopping))
                    throw new InvalidDataException($"part {part} of version {file.Version} has not the announced length");
            }
            catch (TimeoutException late)
            {
                throw new TimeoutException($"part {part} of version {file.Version} is not at the broker, or did not come within {PartWithin.TotalSeconds:0} s", late);
            }
            hash.AppendData(room.Span);
            await to.WriteAsync(room, stopping);
            to.Flush(flushToDisk: true); // often: the journal would wait behind a large flush
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset()) == file.Sha256 ? to.Name : throw new InvalidDataException($"version {file.Version} is not what was announced: its hash is another");
    }

    [LoggerMessage(LogLevel.Information, "Register {Name}: version {Version} came from the center, {Bytes} bytes")]
    private partial void LogFetched(string name, long version, int bytes);

    [LoggerMessage(LogLevel.Warning, "Register {Name}: version {Version} of the center could not be fetched, it is tried again: {Cause}")]
    private partial void LogNotFollowed(string name, long version, string cause);

    [LoggerMessage(LogLevel.Warning, "Register {Name}: an announcement was refused: {Cause}")]
    private partial void LogRefused(string name, string cause);
}
