using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Registers;

/// <summary>Counts down on every kiosk while a list is about to be older than its rule allows, and says so when it is: in time for somebody to act.</summary>
internal sealed class ListAgeNotices(IReadOnlyList<ListAgeSettings> rules, RegisterShelf shelf, Lanes lanes, GateClock clock, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30), LongestWarning = TimeSpan.FromHours(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var looks = new PeriodicTimer(LookEvery, time);
        do
        {
            if (Words() is not { } words)
                continue;
            var notice = new KioskNotice(words, NoticeRank.ListAge, time.GetTimestamp() + (long)(2 * LookEvery.TotalSeconds * time.TimestampFrequency));
            foreach (var lane in lanes.All)
                lane.Kiosk.Post(notice);
        }
        while (await looks.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Of the list that is the oldest for its rule; null while all have time.</summary>
    internal Bilingual? Words()
    {
        TimeSpan? least = null;
        foreach (var rule in rules)
        {
            var left = rule.MaxAge - (shelf.Find(rule.List)?.AgeAt(clock.Read()) ?? TimeSpan.MaxValue);
            if (left <= Shorter(LongestWarning, rule.MaxAge / 4) && !(left >= least))
                least = left;
        }
        return least switch
        {
            null => null,
            { Ticks: <= 0 } => new Bilingual("名单已过期，请联系管理员", "List out of date, call the office"),
            { TotalMinutes: var minutes } => new Bilingual($"名单 {Math.Ceiling(minutes):0} 分钟后过期", $"List expires in {Math.Ceiling(minutes):0} min"),
        };
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
