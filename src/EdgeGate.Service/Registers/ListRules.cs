using EdgeGate.Access;
using EdgeGate.Access.Rules;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Registers;

/// <summary>From what gate.json says to the rules that ask lists, hours and numbers.</summary>
internal static class ListRules
{
    public static LaneLists ListsOf(GateSettings settings)
    {
        var rules = settings.Rules;
        var plan = rules.Schedule is not null || rules.ZoneRisk is not null || rules.PriorityList is not null ? settings.Registers.Plan : null;
        string?[] all =
        [
            .. settings.Registers.Persons, plan, rules.Quarantine?.List, rules.PriorityList,
            .. rules.WatchLists.Select(watch => watch.List), .. rules.ListAges.Select(age => age.List),
        ];
        return new LaneLists(settings.Registers.Persons, plan, [.. all.OfType<string>().Distinct(StringComparer.Ordinal)]);
    }

    public static IEnumerable<IAccessRule> Of(GateSettings settings)
    {
        var rules = settings.Rules;
        foreach (var rule in OfHealthAndSafety(rules))
            yield return rule;
        foreach (var rule in OfOrder(settings))
            yield return rules.PriorityList is { } list ? new PriorityRule(rule, list) : rule;
    }

    /// <summary>These hold for everybody.</summary>
    private static IEnumerable<IAccessRule> OfHealthAndSafety(RuleSettings rules)
    {
        if (rules.Quarantine is { } quarantine)
            yield return new QuarantineRule(quarantine.List, OutcomeOf(quarantine.WhenMissing));
        foreach (var watch in rules.WatchLists)
            yield return new WatchListRule(watch.List, OutcomeOf(watch.Answer), DirectionOf(watch.Direction), OutcomeOf(watch.WhenMissing));
        foreach (var tag in rules.Tags)
            yield return new TagRule(tag.Tag, OutcomeOf(tag.Answer), DirectionOf(tag.Direction));
        foreach (var home in rules.HomeRegions)
        {
            yield return new HomeRegionRule(new HomeRegionOptions
            {
                Flag = home.Flag,
                Regions = home.Regions,
                Outside = home.Outside,
                Severity = OutcomeOf(home.Answer),
                Direction = DirectionOf(home.Direction),
            });
        }
    }

    /// <summary>Who has priority is excepted from these.</summary>
    private static IEnumerable<IAccessRule> OfOrder(GateSettings settings)
    {
        var rules = settings.Rules;
        if (rules.Register is { } register)
        {
            yield return new RegisterRule(new RegisterOptions
            {
                Lists = settings.Registers.Persons,
                Gate = settings.Gate,
                Unknown = OutcomeOf(register.Unknown),
                Statuses = register.Statuses,
                WhenMissing = OutcomeOf(register.WhenMissing),
            });
        }
        if (rules.Schedule is { } schedule)
            yield return new ScheduleRule(OutcomeOf(schedule.WrongHour), OutcomeOf(schedule.WhenMissing));
        if (rules.ZoneRisk is { } zones)
        {
            yield return new ZoneRiskRule(new ZoneRiskOptions
            {
                Boundary = zones.Boundary is LaneBoundary.Home ? Boundary.Home : Boundary.Area,
                ExemptStatuses = zones.Exempt,
                Unknown = OutcomeOf(zones.Unknown),
                WhenMissing = OutcomeOf(zones.WhenMissing),
            });
        }
        if (rules.Occupancy is { } occupancy)
            yield return new OccupancyRule(occupancy.Most, OutcomeOf(occupancy.Answer), OutcomeOf(occupancy.WhenUnknown));
        if (rules.AntiPassback is { } passback)
            yield return new AntiPassbackRule(passback.Mode is AntiPassbackMode.Hard, passback.ForgetAfter);
        foreach (var age in rules.ListAges)
        {
            yield return new ListAgeRule(new ListAgeOptions
            {
                List = age.List,
                MaxAge = age.MaxAge,
                Answers = age.Answers.ToDictionary(answer => answer.Status, answer => OutcomeOf(answer.Answer), StringComparer.Ordinal),
                Otherwise = OutcomeOf(age.Otherwise),
            });
        }
    }

    private static Outcome OutcomeOf(ListAnswer answer) => answer switch
    {
        ListAnswer.Grant => Outcome.Granted,
        ListAnswer.Guard => Outcome.Guard,
        _ => Outcome.Denied,
    };

    private static Direction? DirectionOf(LaneDirection? direction) => direction switch
    {
        null => null,
        LaneDirection.Entry => Direction.Entry,
        _ => Direction.Exit,
    };
}
