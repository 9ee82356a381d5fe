using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace EdgeGate.Service.Settings;

/// <summary>What a rule answers where its settings leave the choice.</summary>
internal enum ListAnswer
{
    Grant,
    Guard,
    Deny,
}

internal sealed record RegisterSettings
{
    [Count(0, 16), Description("The lists that make a person known here; where several have somebody, the first that is valid speaks.")]
    public IReadOnlyList<string> Persons { get; init; } = [];

    [Id, Description("The register that holds the site's zones, schedules, slots and holidays.")]
    public string Plan { get; init; } = "plan";

    [Count(0, 16), Description("Lists that the center keeps: they come over the broker, signed by one of commands.keys, and cannot be changed here.")]
    public IReadOnlyList<string> Central { get; init; } = [];
}

internal sealed record RegisterRuleSettings
{
    [Description("What a person gets whom no list knows; grant lets pass and flags.")]
    public ListAnswer Unknown { get; init; } = ListAnswer.Guard;

    [Count(0, 16), Description("Whom this lane is for, by status, such as teacher, pupil; leave it out for everybody registered.")]
    public IReadOnlyList<string> Statuses { get; init; } = [];

    [Description("What a person gets whom no list knows while one of the lists is missing.")]
    public ListAnswer WhenMissing { get; init; } = ListAnswer.Guard;
}

internal sealed record QuarantineRuleSettings
{
    [Id, Description("The list of those who stay at home: they may come in and not leave.")]
    public string List { get; init; } = "quarantine";

    [Description("What everybody who leaves gets while the list is missing.")]
    public ListAnswer WhenMissing { get; init; } = ListAnswer.Guard;
}

internal sealed record WatchListSettings
{
    [Id, Description("The list.")]
    public required string List { get; init; }

    [Description("What a person on it gets; grant lets pass and flags.")]
    public ListAnswer Answer { get; init; } = ListAnswer.Guard;

    [Description("Which way it concerns; leave it out for both.")]
    public LaneDirection? Direction { get; init; }

    [Description("What everybody gets while the list is missing.")]
    public ListAnswer WhenMissing { get; init; } = ListAnswer.Grant;
}

internal sealed record TagRuleSettings
{
    [Id, Description("The mark, as the lists give it to persons; also the flag in the record.")]
    public required string Tag { get; init; }

    [Description("What a person with it gets; grant only flags.")]
    public ListAnswer Answer { get; init; } = ListAnswer.Grant;

    [Description("Which way it concerns; leave it out for both.")]
    public LaneDirection? Direction { get; init; }
}

internal sealed record HomeRegionRuleSettings
{
    [Id, Description("The flag in the record, such as arrival-from-outside.")]
    public required string Flag { get; init; }

    [Count(1, 256), Description("Beginnings of region numbers (GB/T 2260), such as 42 for a province.")]
    public required IReadOnlyList<string> Regions { get; init; }

    [Description("True for everybody from elsewhere, false for everybody from there.")]
    public bool Outside { get; init; }

    [Description("What they get; grant only flags.")]
    public ListAnswer Answer { get; init; } = ListAnswer.Grant;

    [Description("Which way it concerns; leave it out for both.")]
    public LaneDirection? Direction { get; init; }
}

internal sealed record ScheduleRuleSettings
{
    [Description("What a person gets at the wrong hour.")]
    public ListAnswer WrongHour { get; init; } = ListAnswer.Deny;

    [Description("What a person gets while there is no plan, or it lacks the schedule.")]
    public ListAnswer WhenMissing { get; init; } = ListAnswer.Guard;
}

internal enum LaneBoundary
{
    Home,
    Area,
}

internal sealed record ZoneRiskRuleSettings
{
    [Description("What a person leaves who goes out here: home, at a building's door, or area.")]
    public required LaneBoundary Boundary { get; init; }

    [Count(0, 16), Description("By status, whose work takes them out whatever the risk, such as staff.")]
    public IReadOnlyList<string> Exempt { get; init; } = [];

    [Description("What a person gets who leaves and whose zone is not known.")]
    public ListAnswer Unknown { get; init; } = ListAnswer.Grant;

    [Description("What everybody who leaves gets while there is no plan.")]
    public ListAnswer WhenMissing { get; init; } = ListAnswer.Guard;
}

internal sealed record OccupancyRuleSettings
{
    [Range(1, 1_000_000), Description("How many people may be inside the site at a time.")]
    public required int Most { get; init; }

    [Description("What a person gets who would be one too many.")]
    public ListAnswer Answer { get; init; } = ListAnswer.Deny;

    [Description("What a person gets who enters while nobody knows how many are inside.")]
    public ListAnswer WhenUnknown { get; init; } = ListAnswer.Grant;
}

internal enum AntiPassbackMode
{
    Soft,
    Hard,
}

internal sealed record AntiPassbackRuleSettings
{
    [Description("What a second entry without an exit means: soft flags it, hard refuses it.")]
    public AntiPassbackMode Mode { get; init; } = AntiPassbackMode.Soft;

    [Duration("00:00:10", "7.00:00:00"), Description("After this time a passage counts no more.")]
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromHours(12);
}

internal sealed record ListAgeSettings
{
    [Id, Description("The list.")]
    public required string List { get; init; }

    [Duration("00:01:00", "366.00:00:00"), Description("How old its version may be.")]
    public required TimeSpan MaxAge { get; init; }

    [Count(0, 16), Description("What each class of person gets when it is older.")]
    public IReadOnlyList<ClassAnswerSettings> Answers { get; init; } = [];

    [Description("What the other classes get.")]
    public ListAnswer Otherwise { get; init; } = ListAnswer.Guard;
}

internal sealed record ClassAnswerSettings
{
    [Id, Description("The class, by status; unknown for those whom no list knows.")]
    public required string Status { get; init; }

    [Description("What it gets.")]
    public required ListAnswer Answer { get; init; }
}
