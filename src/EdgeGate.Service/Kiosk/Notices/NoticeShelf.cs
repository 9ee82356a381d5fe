using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Access;
using EdgeGate.Messages.Notices;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Kiosk.Notices;

/// <summary>
/// The operator's notices of this gate: those it was told alone, by command, and those of the whole site. They are on disk before they are on the
/// screen, so that a restart does not take them down, and each ends in its time.
/// </summary>
internal sealed partial class NoticeShelf
{
    /// <summary>Of this gate's own; the oldest makes room.</summary>
    public const int MostOwn = 4;

    private readonly string _file;
    private readonly Lanes _lanes;
    private readonly GateClock _clock;
    private readonly TimeProvider _time;
    private readonly Lock _changing = new();
    private KeptNotices _kept;

    /// <param name="file">May be missing. One that cannot be read is as good as none: the site's notices come again from the broker.</param>
    public NoticeShelf(string file, Lanes lanes, GateClock clock, TimeProvider time, ILogger<NoticeShelf> log)
    {
        (_file, _lanes, _clock, _time) = (file, lanes, clock, time);
        _kept = Read(file, log);
    }

    /// <summary>The site's notices that stand here; null before any came.</summary>
    public SiteNoticeSet? Standing(string site) => Volatile.Read(ref _kept) is { SiteIssuedAt: { } issued, Site: var notices } ? new SiteNoticeSet(site, issued, notices) : null;

    /// <summary>For this gate alone; the same words once more only stand longer.</summary>
    /// <exception cref="IOException">It cannot be kept; nothing has changed.</exception>
    public void Add(SiteNotice notice) => Change(kept => kept with
    {
        Own = [.. kept.Own.Where(other => other.Until > _clock.Read().Wall && (other.Zh, other.En) != (notice.Zh, notice.En)).TakeLast(MostOwn - 1), notice],
    });

    /// <exception cref="IOException">They cannot be kept; nothing has changed.</exception>
    public void Replace(SiteNoticeSet set) => Change(kept => kept with { SiteIssuedAt = set.IssuedAt, Site = set.Notices });

    /// <summary>Puts on every screen what still stands. Not before the clock is set: nobody knows then what is over.</summary>
    public void Post()
    {
        if (_clock.Read() is not { Grade: not ClockGrade.Unset, Wall: var now })
            return;
        using var one = _changing.EnterScope(); // or what stood before may be posted after what stands now
        var kept = _kept;
        // By the monotonic clock from here on, so that a notice ends in its time also when somebody sets the other one.
        var standing = kept.Site.Concat(kept.Own).Where(notice => notice.Until > now).Select(notice => new KioskNotice(
            new Bilingual(notice.Zh, notice.En), NoticeRank.Operator, _time.GetTimestamp() + (long)((notice.Until - now).TotalSeconds * _time.TimestampFrequency))).ToArray();
        foreach (var lane in _lanes.All)
            lane.Kiosk.Post(NoticeRank.Operator, standing);
    }

    private void Change(Func<KeptNotices, KeptNotices> next)
    {
        lock (_changing)
        {
            var changed = next(_kept);
            DurableFile.Write(_file, JsonSerializer.SerializeToUtf8Bytes(changed, KeptShapes.Default.KeptNotices));
            Volatile.Write(ref _kept, changed);
            Post();
        }
    }

    private static KeptNotices Read(string file, ILogger log)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), KeptShapes.Default.KeptNotices)! : new KeptNotices(null, [], []);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            LogUnreadable(log, file, unreadable);
            return new KeptNotices(null, [], []);
        }
    }

    [LoggerMessage(LogLevel.Error, "The notices that stood on the kiosk cannot be read from {File}")]
    private static partial void LogUnreadable(ILogger log, string file, Exception cause);
}

internal sealed record KeptNotices(DateTimeOffset? SiteIssuedAt, IReadOnlyList<SiteNotice> Site, IReadOnlyList<SiteNotice> Own);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(KeptNotices))]
internal sealed partial class KeptShapes : JsonSerializerContext;

/// <summary>Puts on the screens after a start what stood on them before it, as soon as the clock is set.</summary>
internal sealed class NoticeService(NoticeShelf shelf, GateClock clock, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (clock.Read().Grade is ClockGrade.Unset)
            await Task.Delay(LookEvery, time, stoppingToken);
        shelf.Post();
    }
}
