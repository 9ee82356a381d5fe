namespace EdgeGate.Access;

/// <summary>A settled measurement: several readings in a row that agree.</summary>
/// <param name="Body">The estimate that is compared with the limit.</param>
/// <param name="Surface">What the thermometer saw.</param>
/// <param name="Ambient">Temperature around the sensor.</param>
/// <param name="Episode">
/// Numbers the unbroken stays of somebody in front of the thermometer. Everything measured within one stay is of the same
/// person, so an episode that has counted for one person can never count for another.
/// </param>
/// <param name="Began">When the stay began, in time since boot: who was in hand then is whom it is of.</param>
/// <param name="At">Time since boot.</param>
public sealed record TemperatureEvidence(Celsius Body, Celsius Surface, Celsius Ambient, long Episode, TimeSpan Began, TimeSpan At);

/// <summary>What a temperature must look like to be believed, and from where on it is a fever.</summary>
/// <remarks>Screening practice and the reasons for the ranges: protocols notes section 3.6; 37.3 °C is the usual line in China.</remarks>
public sealed record TemperatureLimits
{
    public Celsius Fever { get; init; } = new(3730);
    public Celsius PlausibleFrom { get; init; } = new(3200);
    public Celsius PlausibleTo { get; init; } = new(4300);
    public Celsius AmbientFrom { get; init; } = new(1000);
    public Celsius AmbientTo { get; init; } = new(4000);

    public bool Believes(TemperatureEvidence measured) =>
        measured.Surface >= PlausibleFrom && measured.Surface <= PlausibleTo
        && measured.Ambient >= AmbientFrom && measured.Ambient <= AmbientTo;
}
