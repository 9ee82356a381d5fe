namespace EdgeGate.Devices.Scanners;

/// <summary>Scanners repeat what is held before them: the same code again within the hold-off of its last sighting is the same presentation.</summary>
internal sealed class RepeatFilter(TimeSpan holdOff, TimeProvider time)
{
    private string? _last;
    private long _lastSeen;

    public bool IsRepeat(string text)
    {
        var repeated = string.Equals(text, _last, StringComparison.Ordinal) && time.GetElapsedTime(_lastSeen) < holdOff;
        (_last, _lastSeen) = (text, time.GetTimestamp());
        return repeated;
    }
}
