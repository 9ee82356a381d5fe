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
/// is over, or came at another gate is not told any more.
/// </summary>
internal sealed class AnnouncedAtHome(RegisterShelf shelf, PersonKeys keys)
{
    /// <summary>The lists are bounded by the center; so is what guards are shown.</summary>
    public const int Most = 200;

    /// <param name="status"><see cref="Announcements.Visitor"/> or <see cref="Announcements.Delivery"/>.</param>
    /// <param name="ofUnit">Whose announcements are asked for; null for everybody's.</param>
    /// <returns>What comes first, first.</returns>
    public IReadOnlyList<Announced> Find(string status, ClockReading now, Func<string, bool>? ofUnit = null)
    {
        var announced = Entries(status, entry => !IsOver(entry.Terms.Valid, now) && !entry.Terms.Tags.Any(tag => tag.Name == Announcements.Noted)
            && ofUnit?.Invoke(entry.Unit) is not false && shelf.IsOn(PassRegister.Revoked, entry.Person) is false);
        return [.. announced.OrderBy(entry => entry.Terms.Valid.From).Take(Most).Select(Announcement)];
    }

    /// <summary>Also what was called off, is over or came at another gate, as long as the center has it on the list: for who tells late that it came.</summary>
    /// <returns>Null when no such thing was announced.</returns>
    public Announced? FindPast(string status, Guid id) =>
        Entries(status, entry => entry.Terms.Valid.Until is not null && Announcements.IdOf(keys, entry.Person) == id).Select(Announcement).FirstOrDefault();

    private IReadOnlyList<RegisterEntry> Entries(string status, Func<RegisterEntry, bool> isMeant) =>
        shelf.Search(PassRegister.Issued, (_, _, terms) => PersonTerms.StatusIn(terms).SequenceEqual(status), isMeant);

    private Announced Announcement(RegisterEntry entry) => new(
        Announcements.IdOf(keys, entry.Person), entry.MaskedName, entry.Unit, entry.Terms.Tags.Select(tag => tag.Name).FirstOrDefault(Announcements.DeliveryKinds.Contains), entry.Terms.Valid.From, entry.Terms.Valid.Until!.Value);

    /// <summary>Where the clock is not set nobody can tell, and it is shown. What has no end is nobody's announcement.</summary>
    private static bool IsOver(ValidPeriod valid, ClockReading now) => valid.Until is not { } until || (now.Grade is not ClockGrade.Unset && until <= now.Wall.DateTime);
}
