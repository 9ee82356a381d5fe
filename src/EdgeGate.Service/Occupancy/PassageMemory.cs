using System.Collections.Concurrent;
using EdgeGate.Access;
using EdgeGate.Access.Registers;

namespace EdgeGate.Service.Occupancy;

/// <summary>Which way each person went last, at this gate and those it hears. Bounded: the oldest are forgotten first.</summary>
internal sealed class PassageMemory
{
    public const int Most = 50_000;

    private readonly ConcurrentDictionary<PersonKey, LastPassage> _last = new();
    private readonly Queue<(PersonKey Person, LastPassage Passage)> _order = new();
    private readonly Lock _noting = new();
    private volatile bool _isDeaf;

    /// <summary>While the other gates cannot be heard, nobody is held to what may be over: they may have left by one of them.</summary>
    public bool IsDeaf
    {
        get => _isDeaf;
        set => _isDeaf = value;
    }

    public LastPassage? Find(PersonKey person) => _isDeaf ? null : _last.GetValueOrDefault(person);

    /// <summary>What comes late does not replace what happened after it.</summary>
    public void Note(PersonKey person, LastPassage passage)
    {
        lock (_noting)
        {
            if (_last.TryGetValue(person, out var known) && known.At >= passage.At)
                return;
            _last[person] = passage;
            _order.Enqueue((person, passage));
            if (_order.Count <= Most)
                return;
            var (oldest, then) = _order.Dequeue();
            _last.TryRemove(KeyValuePair.Create(oldest, then)); // not when there is a newer one
        }
    }

    public void Forget()
    {
        lock (_noting)
        {
            _last.Clear();
            _order.Clear();
        }
    }
}
