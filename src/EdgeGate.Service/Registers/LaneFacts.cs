using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Occupancy;

namespace EdgeGate.Service.Registers;

/// <summary>Which lists a lane's rules use.</summary>
/// <param name="Persons">Those that make a person known, the one that speaks first before the others.</param>
/// <param name="Plan">The one with the site's zones and hours; null when no rule asks for it.</param>
/// <param name="All">Every list, those included.</param>
internal sealed record LaneLists(IReadOnlyList<string> Persons, string? Plan, IReadOnlyList<string> All);

/// <summary>Looks up everything the rules ask for, before they are asked: rules have no list. Takes no lock, and waits for nothing but the disk where somebody on a long list has not been here for long.</summary>
internal sealed class LaneFacts(LaneLists lists, RegisterShelf shelf, PersonKeys persons, SiteOccupancy occupancy, PassageMemory passages)
{
    public AccessRequest Complete(AccessRequest request) =>
        Complete(request, PersonKey.TryParse(persons.KeyOf(request.Presentation.Credential), out var key) ? key : null);

    /// <param name="person">Whose request it is; null when nobody is identified.</param>
    public AccessRequest Complete(AccessRequest request, PersonKey? person)
    {
        var listings = new Listing[lists.All.Count];
        for (var i = 0; i < listings.Length; i++)
            listings[i] = shelf.Look(lists.All[i], person, request.At);
        return request with
        {
            Listings = listings,
            Person = SpeakingEntry(listings, request.At),
            Plan = lists.Plan is { } plan ? shelf.Find(plan)?.Plan : null,
            Occupancy = occupancy.Inside,
            LastPassage = person is { } known ? passages.Find(known) : null,
        };
    }

    /// <summary>Somebody may be on a list of last week's visitors and on one of today's: what counts now goes before what is over.</summary>
    private RegisterEntry? SpeakingEntry(Listing[] listings, ClockReading at)
    {
        RegisterEntry? first = null;
        foreach (var list in lists.Persons)
        {
            if (Array.Find(listings, listing => listing.List == list)?.Entry is not { } entry)
                continue;
            if (entry.Terms.Valid.Contains(at) is not false)
                return entry;
            first ??= entry;
        }
        return first;
    }
}
