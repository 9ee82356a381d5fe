using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Messages.Records;

namespace EdgeGate.Service.GuardPost.Guards;

/// <summary>One guard signed in on one phone.</summary>
internal sealed class GuardSession(Guard guard, string formToken, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly TokenBucket _requests = new(capacity: 40, refill: TimeSpan.FromMilliseconds(250), time);

    public string Guard => guard.Id;
    public GuardRole Role => guard.Role;

    /// <summary>Comes back in a header with everything that changes something: no other site's page can read it.</summary>
    public string FormToken => formToken;

    internal Guid Issue => guard.Issue;
    internal long SignedInAt { get; } = time.GetTimestamp();
    internal long ActedAt { get; set; } = time.GetTimestamp();
    internal bool IsClosed { get; set; }

    /// <summary>More than fingers can do, less than a script would like.</summary>
    public bool MayAskNow()
    {
        lock (_lock)
            return _requests.TryTake();
    }
}

/// <summary>
/// Who is signed in. In memory only: after a restart guards sign in again, and no session can be stolen from the disk. Bounded: who
/// signs in on a further phone is signed out on the one used longest ago.
/// </summary>
internal sealed class GuardSessions(GuardBook book, TimeProvider time)
{
    public const int MostOfOne = 4, MostOfAll = 64;

    /// <summary>A phone left on the table is nobody's after this. What only watches does not count as use.</summary>
    public static readonly TimeSpan IdleFor = TimeSpan.FromMinutes(30);

    /// <summary>A shift.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromHours(12);

    private readonly Lock _lock = new();

    /// <summary>By the hash of the cookie: a look-up by the cookie itself would tell by its time how much of a guess was right.</summary>
    private readonly Dictionary<string, GuardSession> _sessions = new(StringComparer.Ordinal);

    /// <summary>Always a new one, whatever cookie the phone had: nobody can plant a session on somebody else.</summary>
    /// <returns>The session, and its cookie, which is kept nowhere else.</returns>
    public (GuardSession Session, string Cookie) Open(Guard guard)
    {
        var cookie = RandomText();
        var session = new GuardSession(guard, RandomText(), time);
        lock (_lock)
        {
            Forget(_sessions.Where(open => !IsAlive(open.Value)));
            Forget(_sessions.Where(open => open.Value.Guard == guard.Id).OrderByDescending(open => open.Value.ActedAt).Skip(MostOfOne - 1));
            Forget(_sessions.OrderByDescending(open => open.Value.ActedAt).Skip(MostOfAll - 1));
            _sessions[HashOf(cookie)] = session;
        }
        return (session, cookie);
    }

    /// <summary>Null when the session is over, or was never one.</summary>
    public GuardSession? Find(string? cookie)
    {
        if (cookie is not { Length: 43 })
            return null;
        lock (_lock)
        {
            if (!_sessions.TryGetValue(HashOf(cookie), out var session))
                return null;
            if (IsAlive(session))
                return session;
            _sessions.Remove(HashOf(cookie));
            return null;
        }
    }

    /// <summary>The guard did something, and did not only look.</summary>
    public void Touch(GuardSession session)
    {
        lock (_lock)
            session.ActedAt = time.GetTimestamp();
    }

    /// <summary>Asked again by whoever keeps a stream open.</summary>
    public bool IsAlive(GuardSession session) =>
        !session.IsClosed && time.GetElapsedTime(session.ActedAt) < IdleFor && time.GetElapsedTime(session.SignedInAt) < LongestLife
        && book.TryFind(session.Guard, out var guard) && guard.Issue == session.Issue;

    public void Close(GuardSession session)
    {
        lock (_lock)
        {
            session.IsClosed = true; // a stream of it ends at its next look
            Forget(_sessions.Where(open => ReferenceEquals(open.Value, session)));
        }
    }

    /// <summary>Accounts signed in now, each once.</summary>
    public IReadOnlyList<string> OnDuty
    {
        get
        {
            lock (_lock)
                return [.. _sessions.Values.Where(IsAlive).Select(session => session.Guard).Distinct().Order(StringComparer.Ordinal)];
        }
    }

    private void Forget(IEnumerable<KeyValuePair<string, GuardSession>> sessions)
    {
        foreach (var (name, _) in sessions.ToArray())
            _sessions.Remove(name);
    }

    private static string RandomText() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static string HashOf(string cookie) => Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(cookie)));
}
