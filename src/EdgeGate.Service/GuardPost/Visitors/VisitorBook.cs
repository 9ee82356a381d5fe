using System.Collections.Immutable;
using System.Text.Json.Serialization;
using EdgeGate.Service.Registers;

namespace EdgeGate.Service.GuardPost.Visitors;

internal enum VisitorState
{
    /// <summary>Announced by a household.</summary>
    Expected,
    Inside,
    Left,
}

/// <summary>A visitor as the guards know one. No number and no whole name: those are sealed in the record.</summary>
/// <param name="Id">Made by the gate.</param>
/// <param name="Person">Keyed, as records have it; null for somebody announced, who has not come yet.</param>
/// <param name="Unit">Who is visited.</param>
/// <param name="Purpose">A word from <see cref="VisitorDesk.Purposes"/>.</param>
/// <param name="At">When the state was entered.</param>
internal sealed record Visitor(Guid Id, string? Person, string? MaskedName, string Unit, string Purpose, int Companions, VisitorState State, DateTimeOffset At)
{
    /// <summary>What the household said on its page; null when it said nothing there.</summary>
    [JsonIgnore]
    public Announced? Announced { get; init; }
}

/// <summary>Who is announced, inside, and was here lately; through restarts and power cuts. Bounded: who left longest ago is forgotten first.</summary>
internal sealed class VisitorBook(string file, ILogger<VisitorBook> log)
{
    public const int Most = 500;

    /// <summary>Somebody who comes again after this is registered anew.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    private readonly KeptList<Visitor> _visitors = new(file, () => VisitorFileShapes.Default.VisitorArray, log);

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Visitor> All => _visitors.All;

    public Visitor? Find(Guid id) => All.FirstOrDefault(visitor => visitor.Id == id);

    /// <summary>Adds a visitor, or puts one in the place of the one with the same id, or of the same person.</summary>
    /// <exception cref="IOException">It could not be written; the book stays as it was.</exception>
    public void Put(Visitor visitor) => _visitors.Change(all =>
    {
        var others = all.Where(other => other.Id != visitor.Id && (visitor.Person is null || other.Person != visitor.Person) && visitor.At - other.At < KeptFor);
        ImmutableArray<Visitor> next = [visitor, .. others];
        return next.Length > Most ? next.Remove(next.LastOrDefault(other => other.State is VisitorState.Left) ?? next[^1]) : next;
    });
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Visitor[]))]
internal sealed partial class VisitorFileShapes : JsonSerializerContext;
