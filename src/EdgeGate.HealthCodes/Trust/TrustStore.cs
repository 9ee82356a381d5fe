using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.HealthCodes.Trust;

/// <summary>The trust list in use. Readers take <see cref="Current"/> once per code and never see half a change.</summary>
/// <param name="operatorKeys">Public keys whose signature makes a list believed.</param>
/// <param name="minimumVersion">No list below is taken, as after a restart: see <see cref="TrustListFile"/>.</param>
public sealed class TrustStore(IReadOnlyList<JsonWebKey> operatorKeys, long minimumVersion = 0)
{
    private readonly Lock _loading = new();
    private volatile TrustList? _current;
    private string? _currentText;

    /// <summary>Null until a list was loaded.</summary>
    public TrustList? Current => _current;

    /// <summary>Takes a signed list into use when it is genuine and not older than the one in use.</summary>
    public TrustLoad Load(string signedList)
    {
        lock (_loading)
        {
            var opened = TrustListSignature.Open(signedList, operatorKeys);
            if (opened is not TrustLoad.Accepted { List: var list })
                return opened;
            var least = Math.Max(minimumVersion, _current?.Version ?? 0);
            if (list.Version < least)
                return new TrustLoad.Refused($"it is version {list.Version}, and version {least} was in use already");
            if (list.Version == _current?.Version && signedList != _currentText)
                return new TrustLoad.Refused($"version {list.Version} is in use with another content: a new list needs a higher version");
            _currentText = signedList;
            _current = list;
            return opened;
        }
    }
}
