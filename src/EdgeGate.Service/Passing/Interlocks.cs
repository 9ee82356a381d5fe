using EdgeGate.Devices.Portals;

namespace EdgeGate.Service.Passing;

/// <summary>The gate's interlocks, each shared by the portals that name it.</summary>
internal sealed class Interlocks
{
    private readonly Dictionary<string, Interlock> _named = new(StringComparer.Ordinal);

    /// <param name="name">Null for a portal that stands alone.</param>
    public Interlock? Of(string? name)
    {
        if (name is null)
            return null;
        if (!_named.TryGetValue(name, out var interlock))
            _named[name] = interlock = new Interlock();
        return interlock;
    }
}
