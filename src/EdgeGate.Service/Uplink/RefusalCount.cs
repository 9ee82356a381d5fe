namespace EdgeGate.Service.Uplink;

/// <summary>
/// Tells a poisonous record from a broker in trouble, where the broker's reason does not say which it is: a record is poison when it was
/// refused again and again while others were taken in between.
/// </summary>
internal sealed class RefusalCount
{
    private const int Patience = 5;

    /// <summary>More suspects than this are no suspects: everything is refused.</summary>
    private const int MostSuspects = 64;

    private readonly Dictionary<long, Suspect> _suspects = [];
    private long _accepted;

    public void Accepted(long row)
    {
        _accepted++;
        _suspects.Remove(row);
    }

    /// <returns>True when the record itself must be the cause.</returns>
    public bool Refused(long row)
    {
        if (_suspects.Count >= MostSuspects)
            _suspects.Clear();
        if (!_suspects.TryGetValue(row, out var suspect))
            suspect = new Suspect(Times: 1, AcceptedBefore: _accepted);
        else if (_accepted > suspect.AcceptedBefore)
            suspect = new Suspect(suspect.Times + 1, _accepted);
        _suspects[row] = suspect;
        if (suspect.Times < Patience)
            return false;
        _suspects.Remove(row);
        return true;
    }

    /// <param name="AcceptedBefore">How many records had been taken when it was last refused.</param>
    private readonly record struct Suspect(int Times, long AcceptedBefore);
}
