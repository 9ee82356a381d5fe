using EdgeGate.Access.Registers;
using EdgeGate.Access.Rules;
using static EdgeGate.Access.Tests.Registers.TestRequests;

namespace EdgeGate.Access.Tests.Registers;

/// <summary>What estates, schools and clinics decide at their gates, each as one example.</summary>
public sealed class ListRuleTests
{
    private static readonly RegisterRule Register = new(new RegisterOptions { Lists = ["residents"], Gate = "gate-1" });
    private static readonly QuarantineRule Quarantine = new("quarantine", whenMissing: Outcome.Guard);

    [Fact]
    public void A_resident_comes_and_goes() => Assert.Equal(
        (null, null), (Register.Check(Entering().Known()), Register.Check(Leaving().Known())));

    [Theory, InlineData(Outcome.Guard), InlineData(Outcome.Denied)]
    public void A_stranger_gets_what_the_settings_say(Outcome unknown) => Assert.Equal(
        new Objection(DenyReason.NotRegistered, unknown),
        new RegisterRule(new RegisterOptions { Lists = ["residents"], Gate = "gate-1", Unknown = unknown }).Check(Entering().Listed("residents", null)));

    [Fact]
    public void Where_strangers_may_pass_they_are_flagged()
    {
        var rule = new RegisterRule(new RegisterOptions { Lists = ["residents"], Gate = "gate-1", Unknown = Outcome.Granted });
        Assert.Null(rule.Check(Entering().Listed("residents", null)));
        Assert.Equal("not-registered", rule.Flag(Entering().Listed("residents", null)));
    }

    [Fact]
    public void While_the_register_is_missing_nobody_is_called_a_stranger() =>
        Assert.Equal(new Objection(DenyReason.ListMissing, Outcome.Guard), Register.Check(Entering()));

    [Theory]
    [InlineData("2022-02-28T18:00", null)]
    [InlineData("2022-02-28T17:59", DenyReason.RegistrationNotValid)]
    [InlineData("2022-03-01T12:00", null)]
    [InlineData("2022-03-02T18:00", DenyReason.RegistrationNotValid)]
    public void A_visitor_announced_by_a_resident_passes_on_the_announced_days(string at, DenyReason? expected)
    {
        var visitor = Entry("visitor;2022-02-28T18:00..2022-03-02T18:00;;;");
        Assert.Equal(expected, Register.Check(Entering(new DateTimeOffset(DateTime.Parse(at), TimeSpan.FromHours(8))).Known(visitor))?.Reason);
    }

    [Fact]
    public void A_delivery_waits_at_the_handover_area_and_passes_no_other_gate()
    {
        var delivery = Entry("delivery;;;handover;");
        Assert.Equal(DenyReason.Unauthorized, Register.Check(Entering().Known(delivery))?.Reason);
        Assert.Null(new RegisterRule(new RegisterOptions { Lists = ["residents"], Gate = "handover" }).Check(Entering().Known(delivery)));
    }

    [Theory, InlineData("teacher", null), InlineData("pupil", null), InlineData("infirm", null), InlineData("visitor", DenyReason.Unauthorized)]
    public void The_green_lane_is_for_teachers_pupils_and_the_infirm(string status, DenyReason? expected)
    {
        var green = new RegisterRule(new RegisterOptions { Lists = ["residents"], Gate = "gate-1", Statuses = ["teacher", "pupil", "infirm"] });
        Assert.Equal(expected, green.Check(Entering().Known(Entry(status + ";;;;")))?.Reason);
    }

    [Fact]
    public void A_person_under_home_quarantine_who_tries_to_leave_is_denied_with_an_alarm()
    {
        var request = Leaving().Listed("quarantine", Entry(";2022-02-25T00:00..2022-03-11T00:00;;;"));
        Assert.Equal(new Objection(DenyReason.UnderQuarantine, Outcome.Denied), Quarantine.Check(request));
        Assert.Equal("alarm-quarantine-exit", Quarantine.Flag(request));
    }

    [Fact]
    public void Who_is_under_quarantine_may_come_home()
    {
        var request = Entering().Listed("quarantine", Entry());
        Assert.Null(Quarantine.Check(request));
        Assert.Equal("under-quarantine", Quarantine.Flag(request));
    }

    [Theory, InlineData("2022-03-11", null), InlineData("2022-03-10", DenyReason.UnderQuarantine)]
    public void Quarantine_ends_by_itself_on_its_day(string day, DenyReason? expected) => Assert.Equal(
        expected,
        Quarantine.Check(Leaving(new DateTimeOffset(DateTime.Parse(day), TimeSpan.FromHours(8))).Listed("quarantine", Entry(";2022-02-25T00:00..2022-03-11T00:00;;;")))?.Reason);

    [Theory, InlineData("2022-03-01T13:00", null, "approved-exit"), InlineData("2022-03-01T11:00", DenyReason.UnderQuarantine, "alarm-quarantine-exit")]
    public void An_emergency_exit_approved_by_a_superior_holds_until_its_time(string until, DenyReason? expected, string flag)
    {
        var request = Leaving().Known(Entry($"resident;;;;exit-approved@..{until}")).Listed("quarantine", Entry());
        Assert.Equal(expected, Quarantine.Check(request)?.Reason);
        Assert.Equal(flag, Quarantine.Flag(request));
    }

    [Fact]
    public void Without_the_quarantine_list_whoever_leaves_is_looked_at_and_whoever_comes_is_not()
    {
        Assert.Equal(new Objection(DenyReason.ListMissing, Outcome.Guard), Quarantine.Check(Leaving()));
        Assert.Null(Quarantine.Check(Entering()));
    }

    [Fact]
    public void With_an_unset_clock_the_end_of_a_quarantine_is_for_a_person_to_judge() => Assert.Equal(
        new Objection(DenyReason.ClockNotSet, Outcome.Guard),
        Quarantine.Check(Leaving(grade: ClockGrade.Unset).Listed("quarantine", Entry(";..2022-03-11T00:00;;;"))));

    [Fact]
    public void Whoever_visited_a_place_after_a_date_is_looked_at_as_the_center_lists_them()
    {
        var rule = new WatchListRule("market-visitors", Outcome.Guard, direction: null, whenMissing: Outcome.Granted);
        Assert.Equal(new Objection(DenyReason.WatchListed, Outcome.Guard), rule.Check(Entering().Listed("market-visitors", Entry())));
        Assert.Equal("watch-list-market-visitors", rule.Flag(Entering().Listed("market-visitors", Entry())));
        Assert.Null(rule.Check(Entering().Listed("market-visitors", null)));
        Assert.Null(rule.Check(Entering())); // the list is missing, and the settings let pass
        Assert.Equal(DenyReason.ListMissing, new WatchListRule("market-visitors", Outcome.Guard, null, whenMissing: Outcome.Denied).Check(Entering())?.Reason);
        var damaged = Entering() with { Listings = [Listing.Missing("market-visitors") with { IsDamaged = true }] };
        Assert.Equal(Outcome.Guard, rule.Check(damaged)?.Severity); // it was in force, and the place that cannot be read may be his
    }

    [Theory, InlineData("medicine@2022-03-01T00:00..2022-03-03T00:00", "medicine"), InlineData("medicine@..2022-03-01T00:00", null), InlineData("", null)]
    public void People_going_out_for_medicine_are_put_on_their_own_list(string tag, string? flag)
    {
        var rule = new TagRule("medicine", Outcome.Granted, Direction.Exit);
        var request = Leaving().Known(Entry("resident;;;;" + tag));
        Assert.Equal((flag, null), (rule.Flag(request), rule.Check(request)));
        Assert.Null(rule.Flag(Entering().Known(Entry("resident;;;;" + tag))));
    }

    [Fact]
    public void Arrivals_from_a_named_area_are_looked_at()
    {
        var rule = new TagRule("from-high-risk-area", Outcome.Guard, Direction.Entry);
        Assert.Equal(DenyReason.NeedsRegistration, rule.Check(Entering().Known(Entry("visitor;;;;from-high-risk-area")))?.Reason);
    }

    [Theory, InlineData("010102190001010010", null), InlineData("020102190001010010", "arrival-from-outside"), InlineData(Number, null)]
    public void Arrivals_from_outside_the_province_are_flagged_by_the_region_of_their_number(string number, string? flag)
    {
        var rule = new HomeRegionRule(new HomeRegionOptions { Flag = "arrival-from-outside", Regions = ["01"], Outside = true });
        var request = Entering().Showing(new Credential.IdCard(number, "测试一", null, null, LongTerm: true));
        Assert.Equal((flag, null), (rule.Flag(request), rule.Check(request)));
        Assert.Null(rule.Flag(Leaving().Showing(request.Presentation.Credential)));
        Assert.Null(rule.Flag(Entering().Showing(new Credential.Code("PASS-1"))));
    }

    [Fact]
    public void Arrivals_from_a_named_city_can_be_held_for_a_look()
    {
        var rule = new HomeRegionRule(new HomeRegionOptions { Flag = "arrival-from-city", Regions = ["0101", "0102"], Severity = Outcome.Guard });
        Assert.Equal(new Objection(DenyReason.NeedsRegistration, Outcome.Guard), rule.Check(Entering().Showing(new Credential.IdCard("010102190001010010", "测试一", null, null, true))));
    }

    [Theory]
    [InlineData(RiskLevel.High, Boundary.Home, DenyReason.ZoneClosed)]
    [InlineData(RiskLevel.High, Boundary.Area, DenyReason.ZoneClosed)]
    [InlineData(RiskLevel.Medium, Boundary.Home, null)]
    [InlineData(RiskLevel.Medium, Boundary.Area, DenyReason.ZoneClosed)]
    [InlineData(RiskLevel.Low, Boundary.Area, null)]
    public void In_a_high_risk_zone_nobody_leaves_home_in_a_medium_one_nobody_leaves_the_area(RiskLevel risk, Boundary boundary, DenyReason? expected)
    {
        var plan = new SitePlan { Zones = [new("estate", RiskLevel.Low, [""]), new("east", risk, ["3-"])] };
        var rule = new ZoneRiskRule(new ZoneRiskOptions { Boundary = boundary, ExemptStatuses = ["staff"] });

        Assert.Equal(expected, rule.Check(Leaving().Known() with { Plan = plan })?.Reason);
        Assert.Null(rule.Check(Entering().Known() with { Plan = plan }));
        Assert.Null(rule.Check(Leaving().Known(Entry(unit: "1-1-101")) with { Plan = plan }));
        Assert.Null(rule.Check(Leaving().Known(Entry("staff;;;;")) with { Plan = plan }));
        Assert.Null(rule.Check(Leaving().Known(Entry("resident;;;;exit-approved")) with { Plan = plan }));
    }

    [Fact]
    public void Without_a_plan_whoever_leaves_a_zone_is_looked_at() => Assert.Equal(
        new Objection(DenyReason.ListMissing, Outcome.Guard), new ZoneRiskRule(new ZoneRiskOptions { Boundary = Boundary.Area }).Check(Leaving().Known()));

    [Theory]
    [InlineData("1-2-301", "2022-03-01T09:30", null)]
    [InlineData("1-2-301", "2022-03-01T11:00", DenyReason.NotPermittedAtThisTime)]
    [InlineData("1-2-301", "2022-03-02T09:30", DenyReason.NotPermittedAtThisTime)] // a Wednesday
    [InlineData("2-1-101", "2022-03-02T09:30", null)]
    [InlineData("9-1-101", "2022-03-02T03:00", null)] // a building without a slot
    public void Slots_for_fetching_goods_are_staggered_by_building(string unit, string at, DenyReason? expected)
    {
        var plan = new SitePlan
        {
            Schedules = [new("odd", [new([DayOfWeek.Tuesday], new(9, 0), new(11, 0))]), new("even", [new([DayOfWeek.Wednesday], new(9, 0), new(11, 0))])],
            Slots = [new(["1-"], "odd"), new(["2-"], "even")],
        };
        var when = new DateTimeOffset(DateTime.Parse(at), TimeSpan.FromHours(8));
        Assert.Equal(expected, new ScheduleRule(Outcome.Denied, Outcome.Guard).Check(Leaving(when).Known(Entry(unit: unit)) with { Plan = plan })?.Reason);
        Assert.Null(new ScheduleRule(Outcome.Denied, Outcome.Guard).Check(Entering(when).Known(Entry(unit: unit)) with { Plan = plan }));
    }

    [Theory, InlineData("2022-03-01T23:30", null), InlineData("2022-03-02T05:59", null), InlineData("2022-03-02T06:00", DenyReason.NotPermittedAtThisTime), InlineData("2022-03-06T23:30", DenyReason.NotPermittedAtThisTime)]
    public void Staff_on_shift_pass_in_the_hours_of_their_shift_over_midnight(string at, DenyReason? expected)
    {
        var plan = new SitePlan { Schedules = [new("night", [new([DayOfWeek.Tuesday], new(22, 0), new(6, 0))])] };
        var when = new DateTimeOffset(DateTime.Parse(at), TimeSpan.FromHours(8));
        Assert.Equal(expected, new ScheduleRule(Outcome.Denied, Outcome.Guard).Check(Entering(when).Known(Entry("staff;;night;;")) with { Plan = plan })?.Reason);
    }

    [Fact]
    public void On_a_holiday_only_the_hours_for_holidays_hold()
    {
        var plan = new SitePlan { Schedules = [new("hours", [new(From: new(8, 0), To: new(18, 0)), new(From: new(10, 0), To: new(12, 0), OnHolidays: true)])], Holidays = [new(2022, 3, 1)] };
        Assert.False(plan.IsOpen("hours", new(2022, 3, 1, 9, 0, 0)));
        Assert.True(plan.IsOpen("hours", new(2022, 3, 1, 10, 0, 0)));
        Assert.True(plan.IsOpen("hours", new(2022, 3, 2, 9, 0, 0)));
        Assert.Null(plan.IsOpen("nothing", new(2022, 3, 2)));
    }

    [Fact]
    public void The_main_gate_without_hours_is_open_for_24_hours() =>
        Assert.Null(new ScheduleRule(Outcome.Denied, Outcome.Guard).Check(Leaving(Noon.AddHours(15)).Known() with { Plan = new SitePlan() }));

    [Theory, InlineData(29, null), InlineData(30, DenyReason.MaxOccupancyReached), InlineData(null, null)]
    public void At_most_30_people_are_at_the_sampling_point(int? inside, DenyReason? expected)
    {
        var rule = new OccupancyRule(30, Outcome.Denied, whenUnknown: Outcome.Granted);
        Assert.Equal(expected, rule.Check(Entering() with { Occupancy = inside })?.Reason);
        Assert.Null(rule.Check(Leaving() with { Occupancy = inside }));
    }

    [Fact]
    public void Where_nobody_knows_how_many_are_inside_the_settings_say_what_that_means() => Assert.Equal(
        new Objection(DenyReason.OccupancyUnknown, Outcome.Guard), new OccupancyRule(30, Outcome.Denied, whenUnknown: Outcome.Guard).Check(Entering()));

    [Theory, InlineData("resident", null), InlineData("visitor", DenyReason.ListTooOld), InlineData(null, DenyReason.ListTooOld)]
    public void A_list_too_old_means_what_is_stated_for_each_class_of_person(string? status, DenyReason? expected)
    {
        var rule = new ListAgeRule(new ListAgeOptions
        {
            List = "residents",
            MaxAge = TimeSpan.FromDays(1),
            Answers = new Dictionary<string, Outcome> { ["resident"] = Outcome.Granted, ["visitor"] = Outcome.Guard, [ListAgeRule.Stranger] = Outcome.Denied },
        });
        var entry = status is null ? null : Entry(status + ";;;;");
        var request = Entering().Listed("residents", entry, age: TimeSpan.FromDays(2)) with { Person = entry };

        Assert.Equal(expected, rule.Check(request)?.Reason);
        Assert.Equal("list-too-old-residents", rule.Flag(request));
        Assert.Null(rule.Check(Entering().Listed("residents", entry, age: TimeSpan.FromHours(23)) with { Person = entry }));
    }

    [Fact]
    public void An_age_that_the_clock_cannot_tell_counts_as_too_old()
    {
        var made = new Register("residents", 1, Noon, PersonTable.Empty);
        Assert.Null(made.AgeAt(Clock(Noon.AddDays(-1)))); // the clock is behind the list
        Assert.Null(made.AgeAt(Clock(grade: ClockGrade.Unset)));
        Assert.Equal(TimeSpan.Zero, made.AgeAt(Clock(Noon.AddMinutes(-5))));
        var rule = new ListAgeRule(new ListAgeOptions { List = "residents", MaxAge = TimeSpan.FromDays(1) });
        Assert.Equal(DenyReason.ListTooOld, rule.Check(Entering() with { Listings = [made.Look(Key(1), Clock(Noon.AddDays(-1)))] })?.Reason);
    }

    [Theory, InlineData("2022-03-01T08:00", null, "priority-exam"), InlineData("2022-03-01T12:00", DenyReason.MaxOccupancyReached, "max-occupancy")]
    public void Exam_candidates_must_always_pass_in_their_time_window(string at, DenyReason? expected, string flag)
    {
        var rule = new PriorityRule(new OccupancyRule(0, Outcome.Denied, Outcome.Granted), "exam");
        var when = new DateTimeOffset(DateTime.Parse(at), TimeSpan.FromHours(8));
        var candidate = Entering(when).Listed("exam", Entry(";2022-03-01T07:00..2022-03-01T09:00;;;")) with { Occupancy = 5 };

        Assert.Equal((expected, flag), (rule.Check(candidate)?.Reason, rule.Flag(candidate)));
        Assert.Equal(DenyReason.MaxOccupancyReached, rule.Check(Entering(when) with { Occupancy = 5 })?.Reason);
    }

    [Theory]
    [InlineData("12345678", null)] // facility 123, card 45678
    [InlineData("123,45678", null)]
    [InlineData("0008106606", null)] // the same bits as one number: 123 × 65536 + 45678
    [InlineData("12445678", DenyReason.CredentialNotFound)]
    [InlineData("12399999", DenyReason.CredentialNotFound)] // no such card number
    [InlineData("STAFF-1", DenyReason.Unauthorized)] // a group of another gate
    public void Cards_are_managed_by_facility_code_or_prefix_gate_and_time_the_first_group_that_has_them(string code, DenyReason? expected)
    {
        var rule = new CredentialGroupRule([new("company", "", Facility: 123), new("staff", "STAFF-") { Gates = ["gate-2"] }, new("all", "STAFF")], "gate-1");
        Assert.Equal(expected, rule.Check(Entering().Showing(new Credential.Code(code)))?.Reason);
    }

    [Fact]
    public void A_registered_card_needs_no_group_where_the_register_is_asked()
    {
        var card = Entering().Known().Showing(new Credential.Code("0F00BA12"));
        Assert.Null(new CredentialGroupRule([], registeredNeedsNone: true).Check(card));
        Assert.Equal(DenyReason.CredentialNotFound, new CredentialGroupRule([]).Check(card)?.Reason);
        Assert.Equal(DenyReason.CredentialNotFound, new CredentialGroupRule([], registeredNeedsNone: true).Check(card with { Person = null })?.Reason);
    }

    [Fact]
    public void A_flag_alone_leaves_the_passage_granted_and_stands_in_the_decision()
    {
        var decision = new AccessPolicy([new TagRule("medicine", Outcome.Granted, null), Register]).Decide(Leaving().Known(Entry("resident;;;;medicine")));
        Assert.Equal((Outcome.Granted, "medicine"), (decision.Outcome, Assert.Single(decision.Flags)));
    }
}
