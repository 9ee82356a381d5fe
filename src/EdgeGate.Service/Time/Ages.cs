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

    /// <summary>The moment a phone tells late. Its clock may be anywhere: a time that cannot be is taken for now.</summary>
    public static ClockReading WhenEntered(this ClockReading now, DateTimeOffset? told) =>
        told is { } entered && now.Wall - entered is var ago && ago >= TimeSpan.Zero && ago < LongestAway
            ? now with { Wall = entered, SinceBoot = now.SinceBoot - ago }
            : now;
}
