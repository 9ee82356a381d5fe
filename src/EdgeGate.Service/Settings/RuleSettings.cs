using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace EdgeGate.Service.Settings;

internal sealed record RuleSettings
{
    [Description("Resident ID cards.")]
    public IdCardRuleSettings IdCard { get; init; } = new();

    [MaxLength(256), Description("Passes and access cards that are let in, by the beginning of their number.")]
    public IReadOnlyList<CredentialGroupSettings> CredentialGroups { get; init; } = [];

    [Description("Asked where the lane's evidence includes temperature.")]
    public TemperatureRuleSettings Temperature { get; init; } = new();

    [Description("Asked where the lane's evidence includes health-code.")]
    public HealthCodeRuleSettings HealthCode { get; init; } = new();
}

internal sealed record IdCardRuleSettings
{
    [Description("Whether a valid resident ID card lets its holder in.")]
    public bool Enabled { get; init; } = true;
}

internal sealed record CredentialGroupSettings
{
    [Id, Description("Short name of the group, for records and lists.")]
    public required string Name { get; init; }

    [Pattern(@"^[!-~]{1,64}$", "1 to 64 printable ASCII characters without spaces"), Description("What the credentials of the group begin with.")]
    public required string Prefix { get; init; }

    [Description("From what time of day the group may pass; later than \"to\" means over midnight.")]
    public TimeOnly? From { get; init; }

    [Description("Until what time of day the group may pass.")]
    public TimeOnly? To { get; init; }
}

internal enum MissingTemperature
{
    Deny,
    Guard,
    Grant,
}

internal sealed record TemperatureRuleSettings
{
    [Range(typeof(decimal), "35", "42"), Description("From this temperature on, in degrees Celsius, nobody passes.")]
    public decimal MaxCelsius { get; init; } = 37.3m;

    [Range(typeof(decimal), "20", "40"), Description("A lower reading, in degrees Celsius, is no living person's: measure again.")]
    public decimal PlausibleFrom { get; init; } = 32.0m;

    [Range(typeof(decimal), "38", "50"), Description("A higher reading, in degrees Celsius, is no living person's: measure again.")]
    public decimal PlausibleTo { get; init; } = 43.0m;

    [Range(typeof(decimal), "-40", "60"), Description("Lowest surroundings, in degrees Celsius, in which the thermometer is believed.")]
    public decimal AmbientFrom { get; init; } = 10.0m;

    [Range(typeof(decimal), "-40", "60"), Description("Highest surroundings, in degrees Celsius, in which the thermometer is believed.")]
    public decimal AmbientTo { get; init; } = 40.0m;

    [Description("What a person gets who could not be measured, for example because the thermometer is broken.")]
    public MissingTemperature WhenMissing { get; init; } = MissingTemperature.Deny;
}
