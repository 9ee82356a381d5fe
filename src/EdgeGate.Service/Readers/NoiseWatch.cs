using EdgeGate.Devices.Framing;

namespace EdgeGate.Service.Readers;

/// <summary>Tells a line that brings nothing but noise, as at a wrong speed, from one that is disturbed now and then.</summary>
/// <param name="faults">Of the line; counted by its driver.</param>
internal sealed class NoiseWatch(FrameFaultCounts faults)
{
    /// <summary>So many damaged pieces in a row, and nothing sound between them, are no chance.</summary>
    private const int NoChance = 5;

    private long _understood;
    private volatile bool _told;

    public bool IsAllThereIs(out long damaged)
    {
        damaged = faults.Total - Interlocked.Read(ref _understood);
        return _told |= damaged >= NoChance;
    }

    /// <summary>Something sound has come.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Understood()
    {
        Interlocked.Exchange(ref _understood, faults.Total);
        var news = _told;
        _told = false;
        return news;
    }
}
