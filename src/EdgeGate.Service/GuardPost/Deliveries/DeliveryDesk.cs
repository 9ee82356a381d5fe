using EdgeGate.Access;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost.Deliveries;

/// <summary>What a guard enters of a delivery.</summary>
/// <param name="Phone">The courier's: 5 to 20 digits; null when none was given.</param>
/// <param name="IsHere">False when a household only announced it.</param>
internal sealed record EnteredDelivery(Guid Id, string Building, string Unit, string? Phone, bool IsHere);

/// <summary>
/// The hand-over area: what comes is put on the shelf of its building, disinfected, stands for a while and is collected. Each step is a record.
/// </summary>
/// <param name="settings">Null where there is no hand-over area.</param>
internal sealed partial class DeliveryDesk(
    DeliverySettings? settings, string file, AnnouncedAtHome announced, GuardRecords records, SentForms forms, GateClock clock, ILogger<DeliveryDesk> log) : IDisposable
{
    public const int Most = 500;

    /// <summary>What was collected is shown this long: somebody may come and ask.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(3);

    private readonly KeptList<Delivery> _deliveries = new(file, () => DeliveryFileShapes.Default.DeliveryArray, log);
    private readonly SemaphoreSlim _oneAtATime = new(1); // two guards must not take one slot, nor one delivery twice

    public IReadOnlyList<ShelfSettings> Shelves => settings?.Shelves ?? [];

    /// <summary>What is open, what changed last first; then what households announced and nobody has touched yet; then what is over.</summary>
    public IReadOnlyList<Delivery> All
    {
        get
        {
            var kept = _deliveries.All;
            return [.. kept.Where(delivery => !delivery.IsOver), .. Expected(kept), .. kept.Where(delivery => delivery.IsOver)];
        }
    }

    /// <summary>How long it must still stand; null unless it is disinfected.</summary>
    public TimeSpan? StandsFor(Delivery delivery)
    {
        if (delivery.State is not DeliveryState.Disinfected)
            return null;
        var left = (settings?.Standing ?? TimeSpan.Zero) - clock.Read().Since(delivery.At);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    public Task<DeskAnswer> EnterAsync(GuardSession session, EnteredDelivery entered, Guid form, ToldLate? late) => OneAtATimeAsync(form, async () =>
    {
        if (_deliveries.All.Any(known => known.Id == entered.Id))
            return new DeskAnswer.Done(); // the form makes the id: it was kept, and only not as taken
        if (Shelves.FirstOrDefault(shelf => shelf.Building == entered.Building) is not { } shelf || All.Any(known => known.Id == entered.Id))
            return new DeskAnswer.Refused("bad-form");
        if (_deliveries.All.Count(known => !known.IsOver) >= Most || (entered.IsHere && late is null && FreeSlot(shelf) is null)) // told late, it stands somewhere already
            return new DeskAnswer.Refused("no-slot");
        var slot = entered.IsHere ? FreeSlot(shelf) : null;
        var delivery = new Delivery(
            entered.Id, entered.Building, entered.Unit, slot, entered.Phone is { } phone ? MaskedPhone.Of(phone) : null,
            entered.IsHere ? DeliveryState.Arrived : DeliveryState.Announced, session.Guard, clock.Read().WhenEntered(late));
        return await TakeAsync(session, delivery, new SealedGuardWords { Unit = entered.Unit, Phone = entered.Phone }, form, late);
    });

    /// <summary>The next step of a delivery. Whoever comes second, after another guard did it, is told that it is done.</summary>
    public Task<DeskAnswer> StepAsync(GuardSession session, Guid id, DeliveryState to, Guid form, ToldLate? late) => OneAtATimeAsync(form, async () =>
    {
        if ((All.FirstOrDefault(known => known.Id == id) ?? (late is null ? null : ExpectedOnce(id))) is not { } delivery)
            return new DeskAnswer.Refused("unknown-delivery");
        if (delivery.State == to)
            return new DeskAnswer.Done();
        if (!MayFollow(delivery.State, to))
            return new DeskAnswer.Refused("bad-form");
        var slot = delivery.Slot;
        if (to is DeliveryState.Arrived && (slot = Shelves.FirstOrDefault(shelf => shelf.Building == delivery.Building) is { } shelf ? FreeSlot(shelf) : null) is null && late is null)
            return new DeskAnswer.Refused("no-slot");
        if (to is DeliveryState.Collected && late is null && StandsFor(delivery) > TimeSpan.Zero) // told late, it is gone already
            return new DeskAnswer.Refused("not-ready");
        var changed = delivery with
        {
            State = to,
            Slot = to is DeliveryState.Collected or DeliveryState.Withdrawn ? null : slot,
            By = session.Guard,
            At = AfterItsLastStep(delivery, clock.Read(), late),
        };
        // Of what came from a list nothing is on record yet that tells whose it is.
        var words = delivery is { State: DeliveryState.Announced, Announced: not null } ? new SealedGuardWords { Unit = delivery.Unit } : null;
        return await TakeAsync(session, changed, words, form, late);
    });

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>No step was done before the one that it follows, whatever a phone says. A household's word is no step.</summary>
    private static ClockReading AfterItsLastStep(Delivery delivery, ClockReading now, ToldLate? late)
    {
        if (delivery.By.Length == 0)
            return now.WhenEntered(late);
        var (told, last) = (now.Since(now.WhenEntered(late)), now.Since(delivery.At));
        return now.Before(told < last ? told : last);
    }

    private IEnumerable<Delivery> Expected(IReadOnlyCollection<Delivery> kept)
    {
        if (Shelves.Count == 0)
            return [];
        var (now, known) = (clock.Read(), kept.Select(delivery => delivery.Id).ToHashSet());
        return announced.Find(Announcements.Delivery, now, ofUnit: unit => ShelfOf(unit) is not null).Where(coming => !known.Contains(coming.Id)).Select(coming => ExpectedDelivery(coming, now)); // others' shelves are at other gates
    }

    /// <summary>What came while the phone had no network was expected then, whatever its household or the clock made of it since.</summary>
    private Delivery? ExpectedOnce(Guid id) =>
        announced.FindPast(Announcements.Delivery, id) is { } came && ShelfOf(came.Unit) is not null ? ExpectedDelivery(came, clock.Read()) : null;

    private Delivery ExpectedDelivery(Announced coming, ClockReading now) => new(coming.Id, ShelfOf(coming.Unit)!.Building, coming.Unit, null, null, DeliveryState.Announced, By: "", now, coming);

    private ShelfSettings? ShelfOf(string unit) =>
        Shelves.Where(shelf => unit == shelf.Building || unit.StartsWith(shelf.Building + '-', StringComparison.Ordinal)).MaxBy(shelf => shelf.Building.Length);

    private static bool MayFollow(DeliveryState from, DeliveryState to) => (from, to) is
        (DeliveryState.Announced, DeliveryState.Arrived or DeliveryState.Withdrawn) or
        (DeliveryState.Arrived, DeliveryState.Disinfected or DeliveryState.Withdrawn) or
        (DeliveryState.Disinfected, DeliveryState.Collected or DeliveryState.Withdrawn);

    private int? FreeSlot(ShelfSettings shelf)
    {
        var taken = All.Where(delivery => delivery.Building == shelf.Building).Select(delivery => delivery.Slot).ToHashSet();
        return Enumerable.Range(1, shelf.Slots).Cast<int?>().FirstOrDefault(slot => !taken.Contains(slot));
    }

    private async Task<DeskAnswer> OneAtATimeAsync(Guid form, Func<Task<DeskAnswer>> change)
    {
        await _oneAtATime.WaitAsync(CancellationToken.None);
        try
        {
            return forms.IsTaken(form) ? new DeskAnswer.Done() : await change();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<DeskAnswer> TakeAsync(GuardSession session, Delivery delivery, SealedGuardWords? words, Guid form, ToldLate? late)
    {
        var now = clock.Read();
        var record = records.DeliveryAsync(now, new DeliveryRecord
        {
            Guard = session.Guard,
            Role = session.Role,
            Delivery = delivery.Id,
            Building = delivery.Building,
            Slot = delivery.Slot,
            State = delivery.State,
            ReadyAt = delivery.State is DeliveryState.Disinfected ? delivery.At.Wall + (settings?.Standing ?? TimeSpan.Zero) : null,
            Form = form.ToString("N"),
            EnteredAt = late?.EnteredAt,
            Clock = ClockRecord.From(now),
            Sealed = records.Seal(words),
        });
        if (!await GuardRecords.WasKeptAsync(record))
            return new DeskAnswer.NotRecorded();
        try
        {
            _deliveries.Change(all => Kept([delivery, .. all.Where(other => other.Id != delivery.Id)], now));
            forms.Take(form);
            return new DeskAnswer.Done();
        }
        catch (IOException unwritable)
        {
            LogNotKept(unwritable);
            return new DeskAnswer.Refused("not-kept");
        }
    }

    private static IEnumerable<Delivery> Kept(IEnumerable<Delivery> all, ClockReading now) =>
        all.Where(delivery => !delivery.IsOver || now.Since(delivery.At) < KeptFor || now.Wall.DateTime < delivery.Announced?.Until) // or it would be expected again
            .OrderBy(delivery => delivery.IsOver).Take(Most);

    [LoggerMessage(LogLevel.Error, "What guards know of deliveries could not be kept; the record is whole")]
    private partial void LogNotKept(Exception cause);
}
