using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace EdgeGate.Service.Settings;

internal sealed record RuleSettings
{
    [Description("Resident ID cards.")]
    public IdCardRuleSettings IdCard { get; init; } = new();

    [Count(0, 256), Description("Passes and access cards that are let in, by the beginning of their number.")]
    public IReadOnlyList<CredentialGroupSettings> CredentialGroups { get; init; } = [];

    [Description("Only registered persons pass; leave it out where nobody is registered.")]
    public RegisterRuleSettings? Register { get; init; }

    [Description("Who is under quarantine does not leave; leave it out where there is no such list.")]
    public QuarantineRuleSettings? Quarantine { get; init; }

    [Count(0, 32), Description("Lists of persons who are looked for, or were somewhere.")]
    public IReadOnlyList<WatchListSettings> WatchLists { get; init; } = [];

    [Count(0, 32), Description("Marks on persons that are flagged in the record, or need a look.")]
    public IReadOnlyList<TagRuleSettings> Tags { get; init; } = [];

    [Count(0, 32), Description("Persons flagged, or looked at, by the first digits of their ID number.")]
    public IReadOnlyList<HomeRegionRuleSettings> HomeRegions { get; init; } = [];

    [Description("Persons keep to their schedules and buildings to their slots, as the plan says.")]
    public ScheduleRuleSettings? Schedule { get; init; }

    [Description("Where the plan says high risk nobody leaves home, where medium nobody leaves the area.")]
    public ZoneRiskRuleSettings? ZoneRisk { get; init; }

    [Description("At most so many people inside.")]
    public OccupancyRuleSettings? Occupancy { get; init; }

    [Description("No second entry without an exit between.")]
    public AntiPassbackRuleSettings? AntiPassback { get; init; }

    [Count(0, 32), Description("How old lists may be, and what comes of it when they are older.")]
    public IReadOnlyList<ListAgeSettings> ListAges { get; init; } = [];

    [Id, Description("List of persons who must pass in their time, such as exam candidates: only health, quarantine, watch lists and the credential itself can hold them up.")]
    public string? PriorityList { get; init; }

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

    [Pattern(@"^[!-~]{1,64}$", "1 to 64 printable ASCII characters without spaces"), Description("What the credentials of the group begin with; or give a facility code.")]
    public string? Prefix { get; init; }

    [Range(0, 255), Description("Facility code of 26-bit cards, in place of a prefix.")]
    public int? Facility { get; init; }

    [Count(0, 64), Description("The gates where the group may pass; leave it out for all.")]
    public IReadOnlyList<string> Gates { get; init; } = [];

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
    [Range(35.0, 42.0), Description("From this temperature on, in degrees Celsius, nobody passes.")]
    public decimal MaxCelsius { get; init; } = 37.3m;

    [Range(20.0, 40.0), Description("A lower reading, in degrees Celsius, is no living person's: measure again.")]
    public decimal PlausibleFrom { get; init; } = 32.0m;

    [Range(38.0, 50.0), Description("A higher reading, in degrees Celsius, is no living person's: measure again.")]
    public decimal PlausibleTo { get; init; } = 43.0m;

    [Range(-40.0, 60.0), Description("Lowest surroundings, in degrees Celsius, in which the thermometer is believed.")]
    public decimal AmbientFrom { get; init; } = 10.0m;

    [Range(-40.0, 60.0), Description("Highest surroundings, in degrees Celsius, in which the thermometer is believed.")]
    public decimal AmbientTo { get; init; } = 40.0m;

    [Description("What a person gets who could not be measured, for example because the thermometer is broken.")]
    public MissingTemperature WhenMissing { get; init; } = MissingTemperature.Deny;
}
