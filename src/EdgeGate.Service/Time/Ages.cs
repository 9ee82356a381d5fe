using EdgeGate.Access;

namespace EdgeGate.Service.Time;

internal static class Ages
{
    /// <summary>A phone that says it was without network for longer has a wrong clock.</summary>
    private static readonly TimeSpan LongestAway = TimeSpan.FromDays(2);

    /// <summary>
    /// How long ago something was at least. Within one run of the machine the monotonic clock says so; before it, the wall clock where both
    /// readings knew the time, and never less than the machine has been running.
    /// </summary>
    public static TimeSpan Since(this ClockReading now, ClockReading then)
    {
        if (now.BootId == then.BootId)
            return now.SinceBoot - then.SinceBoot;
        var byWall = now.Grade is ClockGrade.Unset || then.Grade is ClockGrade.Unset ? TimeSpan.Zero : now.Wall - then.Wall;
        return byWall > now.SinceBoot ? byWall : now.SinceBoot;
    }

    /// <summary>The moment a phone tells of late, by this gate's clock, whether or not that was ever set. An age that cannot be is taken for none.</summary>
    public static ClockReading WhenEntered(this ClockReading now, ToldLate? late) =>
        late?.Ago is { } ago && ago >= TimeSpan.Zero && ago < LongestAway ? now.Before(ago) : now;

    /// <summary>The same clock some time ago.</summary>
    public static ClockReading Before(this ClockReading now, TimeSpan ago) => now with { Wall = now.Wall - ago, SinceBoot = now.SinceBoot - ago };
}

/// <summary>
/// What a phone says of a form that it could not send at once. Both moments are by its own clock, so that it does not matter how far that clock
/// is off: only the time between them is believed.
/// </summary>
/// <param name="SentAt">Null from a page that is older than this.</param>
internal sealed record ToldLate(DateTimeOffset EnteredAt, DateTimeOffset? SentAt)
{
    public TimeSpan? Ago => SentAt - EnteredAt;

    /// <param name="enteredAt">Null in a form that was sent at once.</param>
    public static ToldLate? Of(DateTimeOffset? enteredAt, DateTimeOffset? sentAt) => enteredAt is { } entered ? new(entered, sentAt) : null;
}
