using EdgeGate.Access.Registers;

namespace EdgeGate.Access;

/// <summary>Which way through the portal the lane leads.</summary>
public enum Direction
{
    Entry,
    Exit,
}

/// <summary>The question put to the rules. Everything a rule needs is in here: rules have no clock, no list and no device.</summary>
/// <param name="At">When the evidence was complete, with the local offset, so that dates and times of day are the gate's.</param>
/// <param name="Temperature">Null when none was measured within the window.</param>
/// <param name="Superseded">Somebody else showed a credential before this person's evidence was complete.</param>
public sealed record AccessRequest(
    Presentation Presentation,
    Direction Direction,
    TemperatureEvidence? Temperature,
    ClockReading At,
    bool Superseded = false)
{
    /// <summary>Null when none was shown, or nothing was known about it in time.</summary>
    public HealthCodeEvidence? HealthCode { get; init; }

    /// <summary>Sequences of the guards' records that brought the credential and the health code; empty when no guard did.</summary>
    public IReadOnlyList<long> GuardActions { get; init; } = [];

    /// <summary>The portal's mode at that moment.</summary>
    public PortalMode Mode { get; init; }

    /// <summary>Every list that the lane's rules use, as it was at that moment.</summary>
    public IReadOnlyList<Listing> Listings { get; init; } = [];

    /// <summary>The entry that makes the person known here; null for a stranger, and while nobody can be looked up.</summary>
    public RegisterEntry? Person { get; init; }

    /// <summary>The site's zones and hours; null when there is no plan.</summary>
    public SitePlan? Plan { get; init; }

    /// <summary>How many people are inside the site; null while that is not known.</summary>
    public int? Occupancy { get; init; }

    /// <summary>The way this person went last through a gate that this one hears of; null when it knows of none.</summary>
    public LastPassage? LastPassage { get; init; }

    /// <summary>Where the ID number was first given out, six digits of GB/T 2260; null without such a number. Computed, never stored.</summary>
    public string? HomeRegion => Presentation.Credential switch
    {
        Credential.IdCard { HasCitizenNumber: true } card when CitizenNumber.TryParse(card.Number, out var number) => number.Region,
        Credential.Statement statement => statement.Region,
        _ => null,
    };

    public Listing On(string list) => Listings.FirstOrDefault(listing => listing.List == list) ?? Listing.Missing(list);

    /// <summary>Whether any list gives the person this mark for now. A mark, or an entry, whose time cannot be judged does not count.</summary>
    public bool HasTag(string tag)
    {
        foreach (var listing in Listings)
        {
            if (listing.Entry is not { } entry || entry.Terms.Valid.Contains(At) is not true)
                continue;
            foreach (var mark in entry.Terms.Tags)
            {
                if (mark.Name == tag && mark.Valid.Contains(At) is true)
                    return true;
            }
        }
        return false;
    }
}

/// <summary>A passage that was taken.</summary>
public sealed record LastPassage(Direction Direction, DateTimeOffset At);
