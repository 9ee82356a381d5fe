namespace EdgeGate.Access.Registers;

/// <summary>A named, versioned list of persons, or the site's plan. Immutable: a new version is a new register.</summary>
/// <param name="Version">Grows with every change, by one where the site itself keeps the list.</param>
/// <param name="IssuedAt">Wall time when this version was made; its age counts from here.</param>
public sealed record Register(string Name, long Version, DateTimeOffset IssuedAt, IPersonTable Persons, SitePlan? Plan = null)
{
    /// <summary>A version from further ahead than this is no sign of a fresh list but of a wrong clock.</summary>
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromMinutes(10);

    /// <summary>Null when it cannot be told: the clock is not set, or behind the one the list was made by.</summary>
    public TimeSpan? AgeAt(ClockReading now)
    {
        var age = now.Wall - IssuedAt;
        return now.Grade is ClockGrade.Unset || age < -ClocksDiffer ? null : age < TimeSpan.Zero ? TimeSpan.Zero : age;
    }

    /// <summary>What this list says of a person at the moment of a request.</summary>
    public Listing Look(PersonKey? person, ClockReading now) =>
        new(Name, Version, AgeAt(now), person is { } key ? Persons.Find(key) : null);
}

/// <summary>A list as a request found it.</summary>
/// <param name="Version">Null when the list is missing: nobody knows who is on it.</param>
/// <param name="Age">Null when the list is missing, or the clock cannot tell.</param>
/// <param name="Entry">Null when the person is not on it.</param>
public sealed record Listing(string List, long? Version, TimeSpan? Age, RegisterEntry? Entry)
{
    public static Listing Missing(string list) => new(list, null, null, null);

    public bool IsMissing => Version is null;

    /// <summary>It is missing because its file turned out to be damaged while it was in force.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>What somebody gets while a list is missing that may name him. Damage is no freedom: the place that nobody can read may be his.</summary>
    /// <param name="chosen">By the settings, for a list that never came.</param>
    public Outcome WhenMissing(Outcome chosen) => IsDamaged && chosen is Outcome.Granted ? Outcome.Guard : chosen;
}
