using System.Collections.Immutable;
using System.Text.Json.Serialization;
using EdgeGate.Access;
using EdgeGate.Service.Registers;

namespace EdgeGate.Service.GuardPost.Visitors;

internal enum VisitorState
{
    /// <summary>Announced by a household.</summary>
    Expected,

    /// <summary>A guard said who it is; no record tells yet that they went through. Whom the lane refuses stays here.</summary>
    AtLane,
    Inside,
    Left,
}

/// <summary>A visitor as the guards know one. No number and no whole name: those are sealed in the record.</summary>
/// <param name="Id">Made by the gate.</param>
/// <param name="Person">Keyed, as records have it; null for somebody announced, who has not come yet.</param>
/// <param name="Unit">Who is visited.</param>
/// <param name="Purpose">A word from <see cref="VisitorDesk.Purposes"/>.</param>
/// <param name="At">When the state was entered.</param>
/// <param name="Record">Sequence of the record that brought the state; a passage before it belongs to an earlier visit.</param>
internal sealed record Visitor(Guid Id, string? Person, string? MaskedName, string Unit, string Purpose, int Companions, VisitorState State, DateTimeOffset At, long Record = 0)
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
    public void Put(Visitor visitor) => _visitors.Change(all => With(all, visitor));

    /// <summary>Somebody went through a lane. Does nothing for who is no visitor, and for a record that was heard before.</summary>
    /// <param name="record">Sequence of the record that tells it.</param>
    /// <exception cref="IOException">It could not be written; the book stays as it was.</exception>
    public void Pass(string person, Direction direction, long record, DateTimeOffset at)
    {
        if (After(_visitors.All) is not null)
            _visitors.Change(all => After(all) is { } next ? With(all, next) : all);

        Visitor? After(ImmutableArray<Visitor> all) => all.FirstOrDefault(known => known.Person == person) is not { } visitor || record <= visitor.Record
            || (visitor.Record == 0 && at <= visitor.At) ? null // of an earlier version of this program: which record it was is not known
            : (visitor.State, direction) switch
            {
                (VisitorState.AtLane, Direction.Entry) => visitor with { State = VisitorState.Inside, At = at, Record = record },
                (VisitorState.AtLane or VisitorState.Inside, Direction.Exit) => visitor with { State = VisitorState.Left, At = at, Record = record },
                _ => null,
            };
    }

    private static ImmutableArray<Visitor> With(ImmutableArray<Visitor> all, Visitor visitor)
    {
        var others = all.Where(other => other.Id != visitor.Id && (visitor.Person is null || other.Person != visitor.Person)
            && (other.State is VisitorState.Inside || visitor.At - other.At < KeptFor)); // nobody inside is forgotten by a clock that was set
        ImmutableArray<Visitor> next = [visitor, .. others];
        if (next.Length <= Most)
            return next;
        var old = next.Skip(1).Reverse(); // who was put in last stays, or a guard's word would be lost
        return next.Remove(old.FirstOrDefault(other => other.State is VisitorState.Left) ?? old.FirstOrDefault(other => other.State is not VisitorState.Inside) ?? next[^1]);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Visitor[]))]
internal sealed partial class VisitorFileShapes : JsonSerializerContext;
