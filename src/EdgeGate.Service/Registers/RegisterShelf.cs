using System.Collections.Concurrent;
using System.Collections.Frozen;
using EdgeGate.Access.Registers;

namespace EdgeGate.Service.Registers;

/// <summary>The registers in force. A lane reads without a lock and sees each list wholly before or wholly after a change.</summary>
internal sealed class RegisterShelf
{
    private readonly Lock _putting = new();
    private FrozenDictionary<string, Register> _registers = FrozenDictionary<string, Register>.Empty;

    /// <summary>Null when the list is missing.</summary>
    public Register? Find(string name) => Volatile.Read(ref _registers).GetValueOrDefault(name);

    /// <summary>Every list in force.</summary>
    public IReadOnlyCollection<Register> All => Volatile.Read(ref _registers).Values;

    /// <summary>What keeps a list from being as new as it could be, in words, by its name.</summary>
    public ConcurrentDictionary<string, string> Faults { get; } = new(StringComparer.Ordinal);

    public void Put(Register register)
    {
        lock (_putting)
        {
            var next = new Dictionary<string, Register>(_registers, StringComparer.Ordinal) { [register.Name] = register };
            Volatile.Write(ref _registers, next.ToFrozenDictionary(StringComparer.Ordinal));
        }
    }
}
