using System.Collections.Frozen;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost.Visitors;

/// <summary>What a guard types of somebody without card and phone.</summary>
/// <param name="Number">As typed; keyed before anything else happens to it.</param>
internal sealed record TypedPerson(CitizenNumber Number, string Name, string Unit, string Purpose, int Companions);

/// <summary>
/// Registers people for whom a guard vouches. They then stand at the lane like anybody else: the same rules, the same evidence, the
/// same records; only the credential is the guard's word.
/// </summary>
internal sealed partial class VisitorDesk(
    GuardDesk desk, VisitorBook book, AnnouncedAtHome announced, SentForms forms, RegisterShelf shelf, IReadOnlyList<string> personLists, PersonKeys persons, GateClock clock, ILogger<VisitorDesk> log)
{
    /// <summary>What records and settings call the reader by which a guard's word comes.</summary>
    public const string Reader = "guard-post";

    public const int MostFound = 20;

    public static FrozenSet<string> Purposes { get; } = FrozenSet.Create("visit", "delivery", "work", "other");

    /// <summary>Whom households announced on their page first: whoever of them shows a pass at the lane needs no guard.</summary>
    public IReadOnlyList<Visitor> Visitors
    {
        get
        {
            var known = book.All;
            var ids = known.Select(visitor => visitor.Id).ToHashSet();
            return [.. announced.Find(Announcements.Visitor, clock.Read()).Where(coming => !ids.Contains(coming.Id)).Select(ExpectedVisitor), .. known];
        }
    }

    /// <param name="lane">Where the person stands; null for what a phone tells late, when the person has passed long ago.</param>
    /// <param name="form">The phone's own id of the form.</param>
    public async Task<DeskAnswer> RegisterAsync(GuardSession session, Lane? lane, TypedPerson typed, Guid form, ToldLate? late)
    {
        var (person, name) = (persons.KeyOfIdNumber(typed.Number.Value), MaskedName.Of(typed.Name));
        long? record = null;
        var answer = await forms.OnceAsync(form, async () =>
        {
            record = await TryRegisterAsync(session, lane, typed, person, name, form, late);
            return record is null ? new DeskAnswer.NotRecorded() : new DeskAnswer.Done();
        });
        if (record is not null && lane is not null)
            await lane.Inputs.PresentAsync(Reader, new Credential.Statement(person, name, typed.Number.Region), CancellationToken.None, record); // on record: also when the phone has gone
        return answer;
    }

    /// <returns>The record's sequence; null when it could not be recorded.</returns>
    private async Task<long?> TryRegisterAsync(GuardSession session, Lane? lane, TypedPerson typed, string person, string? name, Guid form, ToldLate? late)
    {
        var action = new GuardAction(GuardActionKind.Vouch, lane?.Id, Reason: typed.Purpose, Words: new SealedGuardWords
        {
            Number = typed.Number.Value,
            Name = typed.Name,
            Unit = typed.Unit,
            Companions = typed.Companions,
        })
        { Person = person, MaskedName = name, Form = form.ToString("N"), EnteredAt = late?.EnteredAt };
        if (await desk.RecordAsync(session, action) is not { } record)
            return null;
        Keep(() => forms.Take(form));
        var state = lane is null ? VisitorState.Inside : VisitorState.AtLane; // told late, they passed long ago
        Keep(() => book.Put(new Visitor(Guid.NewGuid(), person, name, typed.Unit, typed.Purpose, typed.Companions, state, clock.Read().WhenEntered(late).Wall, record)));
        return record;
    }

    /// <summary>For somebody the gate knows: a resident found on a list, or a visitor of lately.</summary>
    public async Task<DeskAnswer> VouchAsync(GuardSession session, Lane lane, PersonKey key)
    {
        var person = key.ToString();
        var visitor = book.All.FirstOrDefault(known => known.Person == person);
        var resident = IsCalledBack(key) ? null : personLists.Select(list => shelf.FindPerson(list, key)).FirstOrDefault(entry => entry is not null);
        if (visitor is null && resident is null)
            return new DeskAnswer.Refused("unknown-person");
        var name = resident?.MaskedName ?? visitor?.MaskedName;
        if (await desk.RecordAsync(session, new GuardAction(GuardActionKind.Vouch, lane.Id) { Person = person, MaskedName = name }) is not { } record)
            return new DeskAnswer.NotRecorded();
        if (resident is null)
            Keep(() => book.Put(visitor! with { State = VisitorState.AtLane, At = clock.Read().Wall, Record = record }));
        await lane.Inputs.PresentAsync(Reader, new Credential.Statement(person, name, Region: null), CancellationToken.None, record);
        return new DeskAnswer.Done();
    }

    /// <summary>Opens once for a visitor whom the lane refuses. That they went through then is known of the passage, as of everybody whom a decision let pass.</summary>
    public async Task<DeskAnswer> LetInAsync(GuardSession session, Lane lane, Guid id, GuardAction opening) =>
        book.Find(id) is { Person: { } person, State: VisitorState.AtLane or VisitorState.Inside } visitor
            ? await desk.OpenOnceAsync(session, lane, opening with { Person = person, MaskedName = visitor.MaskedName })
            : new DeskAnswer.Refused("unknown-person");

    /// <summary>A household says that somebody will come.</summary>
    public Task<DeskAnswer> ExpectAsync(GuardSession session, string name, string unit, string purpose, Guid form) => forms.OnceAsync(form, async () =>
    {
        var action = new GuardAction(GuardActionKind.VisitorExpected, Reason: purpose, Words: new SealedGuardWords { Name = name, Unit = unit })
        {
            MaskedName = MaskedName.Of(name),
            Form = form.ToString("N"),
        };
        if (await desk.RecordAsync(session, action) is null)
            return new DeskAnswer.NotRecorded();
        if (!Keep(() => book.Put(new Visitor(Guid.NewGuid(), null, MaskedName.Of(name), unit, purpose, 0, VisitorState.Expected, clock.Read().Wall))))
            return new DeskAnswer.Refused("not-kept");
        Keep(() => forms.Take(form));
        return new DeskAnswer.Done();
    });

    /// <summary>Checked out, or announced and not come.</summary>
    public async Task<DeskAnswer> LeftAsync(GuardSession session, Guid id)
    {
        if (Visitors.FirstOrDefault(known => known.Id == id) is not { State: not VisitorState.Left } visitor)
            return new DeskAnswer.Done(); // somebody else was quicker
        if (await desk.RecordAsync(session, new GuardAction(GuardActionKind.VisitorLeft) { Person = visitor.Person, MaskedName = visitor.MaskedName }) is not { } record)
            return new DeskAnswer.NotRecorded();
        return Keep(() => book.Put(visitor with { State = VisitorState.Left, At = clock.Read().Wall, Record = record })) ? new DeskAnswer.Done() : new DeskAnswer.Refused("not-kept");
    }

    /// <summary>Residents by the beginning of the unit, or by the first character of the name, which is all of it that lists have.</summary>
    public IReadOnlyList<RegisterEntry> Find(string written)
    {
        var found = personLists.SelectMany(list => shelf.Search(list, IsMeant, entry => !IsCalledBack(entry.Person), MostFound));
        return [.. found.DistinctBy(entry => entry.Person).Take(MostFound)];

        bool IsMeant(ReadOnlySpan<char> name, ReadOnlySpan<char> unit, ReadOnlySpan<char> terms) =>
            unit.StartsWith(written, StringComparison.OrdinalIgnoreCase) || (name.Length > 0 && written.StartsWith(name[0]) && !char.IsAsciiDigit(written[0]));
    }

    /// <summary>A pass: it stays on the list of those that were issued, which may be one of the lists of persons.</summary>
    private bool IsCalledBack(PersonKey person) => shelf.IsOn(PassRegister.Revoked, person) is not false;

    private Visitor ExpectedVisitor(Announced coming) => new(coming.Id, null, coming.MaskedName, coming.Unit, "visit", 0, VisitorState.Expected, clock.Read().Wall) { Announced = coming };

    /// <summary>What is on record is done, also when a convenience of the guards cannot be kept.</summary>
    private bool Keep(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (IOException unwritable)
        {
            LogNotKept(unwritable);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Error, "What guards know of visitors could not be kept")]
    private partial void LogNotKept(Exception cause);
}
