namespace EdgeGate.Web;

/// <summary>
/// Makes guessing slow: after some wrong tries in a row each further one must wait, twice as long every time. A try counts as wrong from
/// its beginning until it turns out right, so that a thousand at once are not one.
/// </summary>
/// <param name="freeTries">Wrong ones before the first wait: cold fingers mistype.</param>
/// <param name="most">How many names are remembered; when all of them wait, a new name is refused.</param>
public sealed class LockOut(int freeTries, int most, TimeProvider time)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(30), LongestWait = TimeSpan.FromMinutes(15);

    /// <summary>Long enough that coming back later buys no more tries than waiting does.</summary>
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromHours(1);

    private sealed record Tries(int Wrong, long LastAt, TimeSpan Wait);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Tries> _names = new(StringComparer.Ordinal);

    /// <summary>How long this name must still wait; zero when it may try.</summary>
    public TimeSpan WaitOf(string name)
    {
        lock (_lock)
            return Left(_names.GetValueOrDefault(name));
    }

    /// <returns>False when it must wait; then nothing is counted, and the wait does not grow.</returns>
    public bool TryBegin(string name)
    {
        lock (_lock)
        {
            var known = _names.GetValueOrDefault(name);
            if (Left(known) > TimeSpan.Zero || (known is null && !MakeRoom()))
                return false;
            var wrong = known is not null && time.GetElapsedTime(known.LastAt) < ForgottenAfter + known.Wait ? known.Wrong + 1 : 1;
            _names[name] = new(wrong, time.GetTimestamp(), WaitAfter(wrong));
            return true;
        }
    }

    public void Succeeded(string name)
    {
        lock (_lock)
            _names.Remove(name);
    }

    private TimeSpan WaitAfter(int wrong) =>
        wrong < freeTries ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(LongestWait.Ticks, FirstWait.Ticks << Math.Min(wrong - freeTries, 10)));

    private TimeSpan Left(Tries? tries) =>
        tries is null || tries.Wait - time.GetElapsedTime(tries.LastAt) is not { Ticks: > 0 } left ? TimeSpan.Zero : left;

    /// <summary>Forgets whoever does not wait and has been quiet longest.</summary>
    private bool MakeRoom()
    {
        if (_names.Count < most)
            return true;
        var quiet = _names.Where(name => Left(name.Value) == TimeSpan.Zero).Select(name => (name.Key, name.Value.LastAt)).DefaultIfEmpty().MinBy(name => name.LastAt);
        return quiet.Key is not null && _names.Remove(quiet.Key);
    }
}
