using System.Collections.Concurrent;
using EdgeGate.Access;
using EdgeGate.Access.Registers;

namespace EdgeGate.Service.Occupancy;

/// <summary>Which way each person went last through this gate. Bounded: the oldest are forgotten first.</summary>
internal sealed class PassageMemory
{
    public const int Most = 50_000;

    private readonly ConcurrentDictionary<PersonKey, LastPassage> _last = new();
    private readonly Queue<(PersonKey Person, LastPassage Passage)> _order = new();

    public LastPassage? Find(PersonKey person) => _last.GetValueOrDefault(person);

    /// <summary>Called by one thread only.</summary>
    public void Note(PersonKey person, LastPassage passage)
    {
        _last[person] = passage;
        _order.Enqueue((person, passage));
        while (_order.Count > Most)
            _last.TryRemove(KeyValuePair.Create(_order.Peek().Person, _order.Dequeue().Passage)); // not when there is a newer one
    }
}
