using System.Text.Json.Serialization;
using EdgeGate.Access;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost.Rounds;

/// <summary>The last time that something was done at a place.</summary>
internal sealed record RoundDone(string Place, RoundTask Task, string By, ClockReading At);

/// <summary>A task at a place, as guards see it.</summary>
/// <param name="Last">Null when it was never done.</param>
/// <param name="DueIn">Negative when overdue; null when nobody says how often, or it was never done.</param>
/// <param name="IsOverdue">Also when it should have been done and never was.</param>
internal sealed record RoundDuty(RoundPlaceSettings Place, RoundTask Task, RoundDone? Last, TimeSpan? DueIn, bool IsOverdue);

/// <summary>Rounds of the guards: who was where, did what, and what is overdue.</summary>
/// <param name="file">Need not exist; holds one line of each task at each place.</param>
internal sealed partial class RoundDesk(
    string site, IReadOnlyList<RoundPlaceSettings> places, string file, GuardRecords records, SentForms forms, GateClock clock, ILogger<RoundDesk> log)
{
    private readonly KeptList<RoundDone> _last = new(file, () => RoundFileShapes.Default.RoundDoneArray, log);

    /// <summary>What is overdue first, then in the order of the settings.</summary>
    public IReadOnlyList<RoundDuty> Duties
    {
        get
        {
            var (now, last) = (clock.Read(), _last.All);
            return
            [
                .. from place in places
                   from task in Enum.GetValues<RoundTask>()
                   let duty = DutyOf(place, task, last.FirstOrDefault(done => done.Place == place.Id && done.Task == task), now)
                   orderby duty.IsOverdue descending
                   select duty,
            ];
        }
    }

    /// <param name="written">A scanned code, or a place's id as it was typed.</param>
    /// <param name="note">What was found there, to be sealed; null for nothing.</param>
    public Task<DeskAnswer> DoneAsync(GuardSession session, string written, RoundTask task, string? note, Guid form, ToldLate? late) =>
        forms.OnceAsync(form, () => TakeAsync(session, written, task, note, form, late));

    private async Task<DeskAnswer> TakeAsync(GuardSession session, string written, RoundTask task, string? note, Guid form, ToldLate? late)
    {
        if (PlaceCode.PlaceIn(written, site) is not { } id || places.FirstOrDefault(known => known.Id == id) is not { } place)
            return new DeskAnswer.Refused("unknown-place");
        var now = clock.Read();
        var record = records.RoundAsync(now, new RoundRecord
        {
            Guard = session.Guard,
            Role = session.Role,
            Place = place.Id,
            Building = place.Building,
            Task = task,
            Form = form.ToString("N"),
            EnteredAt = late?.EnteredAt,
            Clock = ClockRecord.From(now),
            Sealed = records.Seal(note is null ? null : new SealedGuardWords { Note = note }),
        });
        if (!await GuardRecords.WasKeptAsync(record))
            return new DeskAnswer.NotRecorded();
        var done = new RoundDone(place.Id, task, session.Guard, now.WhenEntered(late));
        try
        {
            forms.Take(form);
            _last.Change(all => all.Any(other => IsSame(other, done) && now.Since(other.At) < now.Since(done.At))
                ? all // told late, and done again since
                : [done, .. all.Where(other => !IsSame(other, done) && places.Any(known => known.Id == other.Place))]);
        }
        catch (IOException unwritable)
        {
            LogNotKept(unwritable); // it is on record
        }
        return new DeskAnswer.Done();
    }

    private static bool IsSame(RoundDone one, RoundDone other) => one.Place == other.Place && one.Task == other.Task;

    private static RoundDuty DutyOf(RoundPlaceSettings place, RoundTask task, RoundDone? last, ClockReading now)
    {
        var every = task is RoundTask.Patrol ? place.PatrolEvery : place.DisinfectionEvery;
        var dueIn = last is null ? null : every - now.Since(last.At);
        return new RoundDuty(place, task, last, dueIn, IsOverdue: every is not null && dueIn is not { Ticks: > 0 });
    }

    [LoggerMessage(LogLevel.Error, "When a round was last done could not be kept; its record is whole")]
    private partial void LogNotKept(Exception cause);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RoundDone[]))]
internal sealed partial class RoundFileShapes : JsonSerializerContext;
