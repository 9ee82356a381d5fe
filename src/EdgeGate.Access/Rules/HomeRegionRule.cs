namespace EdgeGate.Access.Rules;

/// <summary>
/// Where the first digits of the ID number (GB/T 2260) say that somebody comes from. They tell where the number was given out and not
/// where the person was yesterday, so the most this rule asks for is a look.
/// </summary>
public sealed record HomeRegionOptions
{
    /// <summary>The mark in the record, for example <c>arrival-from-outside</c>.</summary>
    public required string Flag { get; init; }

    /// <summary>Beginnings of region numbers, such as <c>42</c> for a province or <c>4201</c> for a city.</summary>
    public required IReadOnlyList<string> Regions { get; init; }

    /// <summary>True: concerns everybody from elsewhere. False: everybody from there.</summary>
    public bool Outside { get; init; }

    /// <summary>What they get; <see cref="Outcome.Granted"/> only flags.</summary>
    public Outcome Severity { get; init; }

    /// <summary>Null for both ways.</summary>
    public Direction? Direction { get; init; } = Access.Direction.Entry;
}

/// <inheritdoc cref="HomeRegionOptions"/>
public sealed class HomeRegionRule(HomeRegionOptions options) : IAccessRule
{
    public string Name => "home-region/" + options.Flag;

    public Objection? Check(AccessRequest request) =>
        options.Severity is not Outcome.Granted && Concerns(request) ? new Objection(DenyReason.NeedsRegistration, options.Severity) : null;

    public string? Flag(AccessRequest request) => Concerns(request) ? options.Flag : null;

    /// <summary>Foreigners' numbers begin with 9 and name no region of birth; they concern nobody.</summary>
    private bool Concerns(AccessRequest request) =>
        (options.Direction is null || options.Direction == request.Direction)
        && request.HomeRegion is { } region && region[0] != '9'
        && options.Regions.Any(beginning => region.StartsWith(beginning, StringComparison.Ordinal)) != options.Outside;
}
