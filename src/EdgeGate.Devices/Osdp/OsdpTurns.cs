namespace EdgeGate.Devices.Osdp;

/// <summary>Whose turn it is on a line: who is due longest, but after one that did not answer, one that does.</summary>
internal sealed class OsdpTurns(IReadOnlyList<OsdpSession> sessions)
{
    private OsdpSession? _last;

    /// <summary>Until somebody is due; on a line without anybody a while.</summary>
    public TimeSpan DueIn => sessions.Select(session => session.DueIn).DefaultIfEmpty(OsdpPace.LongestBackOff).Min();

    /// <returns>Null when nobody is due.</returns>
    public OsdpSession? Next()
    {
        var due = sessions.Where(session => session.DueIn <= TimeSpan.Zero).OrderBy(session => session.DueIn).ToList();
        _last = (_last is { Answers: false } ? due.Find(session => session.Answers) : null) ?? due.FirstOrDefault();
        return _last;
    }
}
