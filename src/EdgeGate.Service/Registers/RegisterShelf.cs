using System.Collections.Concurrent;
using System.Collections.Frozen;
using EdgeGate.Access;
using EdgeGate.Access.Registers;

namespace EdgeGate.Service.Registers;

/// <summary>
/// The registers in force. A lane reads without a lock and sees each list wholly before or wholly after a change. What is put here belongs to the
/// shelf: the file of a list that was replaced is closed at once. Whoever is reading in it just then reads to the end, and whoever was about to asks the newer list.
/// </summary>
internal sealed class RegisterShelf
{
    private const string IsDamaged = "its file is damaged, and is made anew";

    private readonly Lock _putting = new();
    private readonly ConcurrentDictionary<string, (long Version, string Fault)> _withdrawn = new(StringComparer.Ordinal);
    private FrozenDictionary<string, Register> _registers = FrozenDictionary<string, Register>.Empty;

    /// <summary>Null when the list is missing. For what is in memory: version, age, plan; persons are asked for by the methods below.</summary>
    public Register? Find(string name) => Volatile.Read(ref _registers).GetValueOrDefault(name);

    /// <summary>Every list in force.</summary>
    public IReadOnlyCollection<Register> All => Volatile.Read(ref _registers).Values;

    /// <summary>What keeps a list from being as new as it could be, in words, by its name.</summary>
    public ConcurrentDictionary<string, string> Faults { get; } = new(StringComparer.Ordinal);

    /// <summary>Lists whose file turned out to be damaged while they were in force. They are missing until they are put here again.</summary>
    public ConcurrentQueue<(Register Register, Exception Cause)> Damaged { get; } = new();

    /// <summary>What a list says of a person at the moment of a request. That it is missing, too, when its file is damaged at the place that counts.</summary>
    public Listing Look(string name, PersonKey? person, ClockReading now) => Ask(name, register => register.Look(person, now)) ?? Listing.Missing(name) with { IsDamaged = Withdrawn(name) is not null };

    /// <summary>Null when the list is missing or damaged, or the person is not on it.</summary>
    public RegisterEntry? FindPerson(string name, PersonKey person) => Ask(name, register => register.Persons.Find(person));

    /// <returns>Null when it cannot be told: the list was in force, and is damaged. A list that never came has nobody on it.</returns>
    public bool? IsOn(string name, PersonKey person) => FindPerson(name, person) is not null ? true : Withdrawn(name) is null ? false : null;

    /// <summary>The version of a list that was in force until it turned out to be damaged, and is not made anew yet; else null.</summary>
    public long? Withdrawn(string name) => _withdrawn.TryGetValue(name, out var damage) ? damage.Version : null;

    /// <summary>Why a withdrawn list stays missing.</summary>
    public void KeepMissing(string name, long version, string why) => Faults[name] = (_withdrawn[name] = (version, why)).Fault;

    /// <summary>Nobody when the list is missing or damaged.</summary>
    /// <param name="most">No more than these are looked for.</param>
    public IReadOnlyList<RegisterEntry> Search(string name, PersonTest isMeant, Func<RegisterEntry, bool> counts, int most = int.MaxValue) =>
        Ask<RegisterEntry[]>(name, register => [.. register.Persons.Where(isMeant).Where(counts).Take(most)]) ?? [];

    public void Put(Register register)
    {
        Register? before;
        lock (_putting)
        {
            before = _registers.GetValueOrDefault(register.Name);
            var next = new Dictionary<string, Register>(_registers, StringComparer.Ordinal) { [register.Name] = register };
            Volatile.Write(ref _registers, next.ToFrozenDictionary(StringComparer.Ordinal));
            if (_withdrawn.TryRemove(register.Name, out var damage))
                Faults.TryRemove(KeyValuePair.Create(register.Name, damage.Fault));
        }
        if (before?.Persons is IDisposable file && !ReferenceEquals(file, register.Persons))
            file.Dispose();
    }

    private T? Ask<T>(string name, Func<Register, T?> question)
        where T : class
    {
        while (Find(name) is { } register)
        {
            try
            {
                return question(register);
            }
            catch (ObjectDisposedException) when (!ReferenceEquals(Find(name), register))
            {
                // It was replaced between the two: the newer one answers.
            }
            catch (Exception damaged) when (damaged is InvalidDataException or IOException)
            {
                Withdraw(register, damaged);
            }
        }
        return null;
    }

    private void Withdraw(Register register, Exception cause)
    {
        lock (_putting)
        {
            if (!ReferenceEquals(_registers.GetValueOrDefault(register.Name), register))
                return;
            _withdrawn[register.Name] = (register.Version, IsDamaged); // first, so that nobody finds a list that never was
            Volatile.Write(ref _registers, _registers.Where(other => other.Key != register.Name).ToFrozenDictionary(StringComparer.Ordinal));
        }
        Faults[register.Name] = IsDamaged;
        Damaged.Enqueue((register, cause));
    }
}
