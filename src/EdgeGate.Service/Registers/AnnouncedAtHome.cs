using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.HealthCodes;

namespace EdgeGate.Service.Registers;

/// <summary>Somebody or something that a household said will come.</summary>
/// <param name="Id">As guards' records call it.</param>
/// <param name="What">Of a delivery: a word of <see cref="Announcements.DeliveryKinds"/>; null when nothing is said.</param>
/// <param name="From">In the gate's local time, as <paramref name="Until"/>.</param>
internal sealed record Announced(Guid Id, string? MaskedName, string Unit, string? What, DateTime? From, DateTime Until);

/// <summary>
/// What households announced on the center's page, as the lists of passes in force have it: signed by the center, kept here, there also while the network is not. What was called off,
/// or is over, is not told any more.
/// </summary>
internal sealed class AnnouncedAtHome(RegisterShelf shelf, PersonKeys keys)
{
    /// <summary>The lists are bounded by the center; so is what guards are shown.</summary>
    public const int Most = 200;

    /// <param name="status"><see cref="Announcements.Visitor"/> or <see cref="Announcements.Delivery"/>.</param>
    /// <returns>What comes first, first.</returns>
    public IReadOnlyList<Announced> Find(string status, ClockReading now)
    {
        if (shelf.Find(PassRegister.Issued)?.Persons is not { } passes)
            return [];
        // Texts are few, rows may be many.
        var current = passes.Texts.Terms.Index().Where(terms => terms.Item.Status == status && !IsOver(terms.Item.Valid, now)).Select(terms => terms.Index).ToHashSet();
        if (current.Count == 0)
            return [];
        var revoked = shelf.Find(PassRegister.Revoked)?.Persons;
        return
        [
            .. passes.Rows.Where(row => current.Contains(row.Terms) && revoked?.Find(row.Key) is null)
                .Select(row => (row, Terms: passes.Texts.Terms[row.Terms])).OrderBy(item => item.Terms.Valid.From).Take(Most)
                .Select(item => new Announced(
                    Announcements.IdOf(keys, item.row.Key), passes.Texts.Names[item.row.Name], passes.Texts.Units[item.row.Unit], item.Terms.Tags is [var what, ..] ? what.Name : null,
                    item.Terms.Valid.From, item.Terms.Valid.Until!.Value)),
        ];
    }

    /// <summary>Where the clock is not set nobody can tell, and it is shown. What has no end is nobody's announcement.</summary>
    private static bool IsOver(ValidPeriod valid, ClockReading now) => valid.Until is not { } until || (now.Grade is not ClockGrade.Unset && until <= now.Wall.DateTime);
}
