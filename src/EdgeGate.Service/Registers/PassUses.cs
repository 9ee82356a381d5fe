using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Privacy;

namespace EdgeGate.Service.Registers;

/// <summary>
/// How often passes that are good for so many uses were used, here and at the gates that are heard. Taking a use is one step, so that two copies of a pass
/// at two lanes cannot both be the last one. What is taken counts for good when its passage is on record; what did not come about is given back.
/// </summary>
internal sealed class PassUses(PersonKeys keys)
{
    /// <summary>More than a site hands out in the life of a pass; beyond, the oldest are forgotten, and those passes are good once more.</summary>
    public const int Most = 50_000;

    private sealed record Use(int Counted, int Taken);

    private readonly Lock _lock = new();
    private readonly Dictionary<PersonKey, Use> _uses = [];
    private readonly Queue<PersonKey> _order = new();
    private volatile bool _isCounted;

    /// <summary>Whether the uses of before the start are known: until then no counted pass lets anybody in.</summary>
    public bool IsCounted
    {
        get => _isCounted;
        set => _isCounted = value;
    }

    /// <summary>Called for a request that every rule grants.</summary>
    /// <returns>What speaks against it after all; null when it may go on, and a use of its pass, if it counts any, is taken.</returns>
    public Objection? TryTake(AccessRequest request)
    {
        if (request.Presentation.Credential is not Credential.Pass { Uses: { } limit } pass)
            return null;
        if (!IsCounted)
            return new Objection(DenyReason.CredentialUnverified, Outcome.Guard);
        lock (_lock)
        {
            var (key, use) = Find(pass);
            if (use.Counted + use.Taken >= limit)
                return new Objection(DenyReason.CredentialUsedUp, Outcome.Denied);
            Put(key, use with { Taken = use.Taken + 1 });
            return null;
        }
    }

    /// <summary>For a grant of a guard, who may look past the limit: its passage settles what was taken for it, and nobody else's.</summary>
    public void Take(AccessRequest request)
    {
        if (request.Presentation.Credential is not Credential.Pass { Uses: not null } pass)
            return;
        lock (_lock)
        {
            var (key, use) = Find(pass);
            Put(key, use with { Taken = use.Taken + 1 });
        }
    }

    /// <summary>Nobody passed, and that could not be recorded: no record will settle it.</summary>
    public void GiveBack(AccessRequest request)
    {
        if (request.Presentation.Credential is not Credential.Pass { Uses: not null } pass)
            return;
        lock (_lock)
        {
            var (key, use) = Find(pass);
            Put(key, use with { Taken = Math.Max(0, use.Taken - 1) });
        }
    }

    /// <summary>This gate's journal says what came of a grant.</summary>
    public void Settle(PersonKey pass, bool used)
    {
        lock (_lock)
        {
            var use = _uses.GetValueOrDefault(pass, new Use(0, 0));
            Put(pass, new Use(use.Counted + (used ? 1 : 0), Math.Max(0, use.Taken - 1)));
        }
    }

    /// <summary>Another gate of the site has let it in.</summary>
    public void CountElsewhere(PersonKey pass)
    {
        lock (_lock)
        {
            var use = _uses.GetValueOrDefault(pass, new Use(0, 0));
            Put(pass, use with { Counted = use.Counted + 1 });
        }
    }

    /// <summary>For the checkpoint: what is counted for good.</summary>
    public IReadOnlyDictionary<string, int> Counted
    {
        get
        {
            lock (_lock)
                return _uses.Where(use => use.Value.Counted > 0).ToDictionary(use => use.Key.ToString(), use => use.Value.Counted, StringComparer.Ordinal);
        }
    }

    /// <summary>What a checkpoint holds, before anything is counted.</summary>
    public void Restore(IReadOnlyDictionary<string, int> counted)
    {
        lock (_lock)
        {
            foreach (var (text, count) in counted)
            {
                if (PersonKey.TryParse(text, out var key))
                    Put(key, new Use(count, 0));
            }
        }
    }

    private (PersonKey Key, Use Use) Find(Credential.Pass pass)
    {
        var key = PersonKey.TryParse(keys.KeyOf(pass), out var parsed) ? parsed : default;
        return (key, _uses.GetValueOrDefault(key, new Use(0, 0)));
    }

    private void Put(PersonKey key, Use use)
    {
        if (!_uses.ContainsKey(key))
        {
            _order.Enqueue(key);
            if (_order.Count > Most)
                _uses.Remove(_order.Dequeue());
        }
        _uses[key] = use;
    }
}
