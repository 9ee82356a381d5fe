using EdgeGate.Messages.Records;

namespace EdgeGate.Service.Occupancy;

/// <summary>
/// How many people are inside the site: the sum over its gates of in minus out. Each gate's pair only grows, so what comes late or twice
/// changes nothing: of one epoch the larger numbers count, and a later epoch replaces an earlier one.
/// </summary>
internal sealed class SiteOccupancy(string ownGate)
{
    /// <summary>More gates than any site has; bounds what a stranger at the broker can make us hold.</summary>
    public const int MostGates = 256;

    /// <summary>More people than any gate counts in its life, and few enough that the sum over all gates is a number whatever they say.</summary>
    public const long MostCounted = 1_000_000_000_000;

    private readonly Lock _merging = new();
    private readonly Dictionary<string, OccupancyMessage> _gates = new(StringComparer.Ordinal);
    private OccupancyMessage? _own;
    private object? _inside;

    /// <summary>Raised on the thread that counts: do not block in it.</summary>
    public event Action<OccupancyMessage>? OwnChanged;

    /// <summary>Null until this gate has its own numbers together.</summary>
    public int? Inside => (int?)Volatile.Read(ref _inside);

    /// <summary>The same without the floor: more may have been seen to leave than to come.</summary>
    public long? Balance { get; private set; }

    /// <summary>Whether the counters of the other gates are in it. Not while the broker is away: then people come and go elsewhere unseen.</summary>
    public bool IsComplete { get; set; } = true;

    /// <summary>This gate's counters, from its journal.</summary>
    public OccupancyMessage? Own
    {
        get => Volatile.Read(ref _own);
        set
        {
            lock (_merging)
            {
                _own = value;
                Sum();
            }
            if (value is not null)
                OwnChanged?.Invoke(value);
        }
    }

    /// <returns>False when it said nothing new.</returns>
    public bool Hear(OccupancyMessage heard)
    {
        if (heard.Gate == ownGate || !CanBeOfPeople(heard))
            return false;
        lock (_merging)
        {
            var known = _gates.GetValueOrDefault(heard.Gate);
            if (known is null && _gates.Count == MostGates)
                return false;
            var merged = Merge(known, heard);
            if (merged == known)
                return false;
            _gates[heard.Gate] = merged;
            Sum();
            return true;
        }
    }

    /// <summary>Whether a gate can have counted this. Each gate's credentials may tell what they like of it, and what is retained comes again at every start.</summary>
    public static bool CanBeOfPeople(OccupancyMessage heard) => heard is { Epoch: > 0 and <= MostCounted, In: >= 0 and <= MostCounted, Out: >= 0 and <= MostCounted };

    internal static OccupancyMessage Merge(OccupancyMessage? known, OccupancyMessage heard) =>
        known is null || heard.Epoch > known.Epoch ? heard
        : heard.Epoch < known.Epoch ? known
        : known with { In = Math.Max(known.In, heard.In), Out = Math.Max(known.Out, heard.Out) };

    private void Sum()
    {
        if (_own is not { } own)
            return;
        Balance = own.In - own.Out + _gates.Values.Sum(gate => gate.In - gate.Out);
        Volatile.Write(ref _inside, (int)Math.Clamp(Balance.Value, 0, int.MaxValue));
    }
}
