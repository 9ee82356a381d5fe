namespace EdgeGate.Devices.Portals;

/// <summary>
/// Portals of which only one may be open, as the two doors of an air lock. A portal counts as open from its grant until it is
/// locked and its door, where that is watched, is closed.
/// </summary>
public sealed class Interlock
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    /// <returns>Null when the portal may open, and counts as open from now on; else the one that is open.</returns>
    public string? TryOpen(string portal)
    {
        lock (_lock)
        {
            if (_open.FirstOrDefault(open => open != portal) is { } other)
                return other;
            _open.Add(portal);
            return null;
        }
    }

    /// <summary>What is so, asked or not: a fire, a forced door.</summary>
    public void Report(string portal, bool isOpen)
    {
        lock (_lock)
        {
            if (isOpen)
                _open.Add(portal);
            else
                _open.Remove(portal);
        }
    }
}
