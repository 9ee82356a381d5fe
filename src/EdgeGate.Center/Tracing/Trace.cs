using EdgeGate.Access;

namespace EdgeGate.Center.Tracing;

/// <summary>Who was near one person in a period.</summary>
/// <param name="Person">The person's keys, one for each site that was searched: 32 bytes each.</param>
/// <param name="To">Exclusive.</param>
/// <param name="Within">How far apart in time two may stand at one lane and still be near.</param>
/// <param name="Degrees">1, or 2 for the contacts of contacts too.</param>
internal sealed record TraceQuestion(IReadOnlyList<byte[]> Person, DateTimeOffset From, DateTimeOffset To, TimeSpan Within, int Degrees)
{
    /// <summary>Two who pass one lane within this, more than once, go together.</summary>
    public static TimeSpan Together { get; } = TimeSpan.FromSeconds(30);
}

/// <param name="Taken">The portal opened for it.</param>
/// <param name="Clock">What the time is worth.</param>
/// <param name="Visits">The unit that announced whoever has this pass; null for everybody else.</param>
internal sealed record OwnPassage(DateTimeOffset At, string Site, string Gate, string Lane, Direction Direction, Outcome Outcome, bool Taken, ClockGrade Clock, string? Visits = null);

/// <summary>How somebody is close to the person asked about; the closest first.</summary>
internal enum Closeness
{
    Household,

    /// <summary>Came in by a pass that the other's household announced, or lives in the household that announced.</summary>
    Visit,

    /// <summary>At the same lane within half a minute, at two of the person's passages at least.</summary>
    Companion,
    SameLane,
    Stairwell,
    Building,
}

/// <summary>Somebody who was near, by the closest way.</summary>
/// <param name="Unit">Where the contact lives; of a visitor, whom the visit was to.</param>
/// <param name="Times">At how many of the person's passages, or at how many of the visitor's; 0 for those who only live near.</param>
/// <param name="Nearest">The smallest distance in time; null for those who only live near.</param>
/// <param name="First">The contact's first passage near the person.</param>
/// <param name="Through">Of the second degree: the contact of the first degree who was nearest.</param>
/// <param name="Clock">What the times of the best known meeting are worth, of the two the worse; null for those who only live near or visited.</param>
internal sealed record Contact(
    byte[] Person, string? MaskedName, string? Unit, int Degree, Closeness Closeness, int Times, TimeSpan? Nearest, DateTimeOffset? First, DateTimeOffset? Last, byte[]? Through,
    ClockGrade? Clock = null)
{
    /// <summary>In words.</summary>
    public string Reason => (Closeness, Degree) switch
    {
        (Closeness.Household, _) => "same household",
        (Closeness.Visit, _) => $"visit to {Unit}",
        (Closeness.Companion, 1) => $"went together {Times} times, nearest {Span(Nearest)}",
        (Closeness.SameLane, 1) => $"at the same lane {(Times == 1 ? "once" : $"{Times} times")}, nearest {Span(Nearest)}",
        (Closeness.Stairwell, _) => "same stairwell",
        (Closeness.Building, _) => "same building",
        _ => $"near a contact {(Times == 1 ? "once" : $"{Times} times")}, nearest {Span(Nearest)}",
    };

    private static string Span(TimeSpan? span) => span is not { } length ? "" : length < TimeSpan.FromMinutes(1) ? $"{length.TotalSeconds:0} s" : $"{length.TotalMinutes:0} min";
}

/// <param name="Person">Of the keys that were asked about those that lead to anything: enough to ask on.</param>
/// <param name="Contacts">The closest first.</param>
/// <param name="Unheard">Gates of the sites the person was at, by name, of which records are missing at the moment; some of them where there are many.</param>
internal sealed record Trace(IReadOnlyList<byte[]> Person, IReadOnlyList<OwnPassage> Passages, IReadOnlyList<Contact> Contacts, IReadOnlyList<string> Unheard);
