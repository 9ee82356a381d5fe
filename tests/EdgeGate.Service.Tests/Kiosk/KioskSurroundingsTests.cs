using System.Globalization;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.Health;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Kiosk.Voice;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Kiosk;

/// <summary>What stands in the corner of a screen, and when it is dark or silent.</summary>
public sealed class KioskSurroundingsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTime _time = At("12:00"); // a Monday
    private readonly RegisterShelf _shelf = new();
    private readonly SiteOccupancy _occupancy = new("gate-1");
    private readonly UplinkStatus _uplink = new();
    private bool _synchronised = true;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Signs_say_in_words_what_is_well_and_what_is_not()
    {
        Assert.Equal(["clock", "devices", "link"], Corner().Signs.Select(sign => sign.Name));
        Assert.Equal([true, true, false], Corner().Signs.Select(sign => sign.Well));

        _synchronised = false;
        _uplink.Link = new MqttLinkState(MqttLinkPhase.Online);

        Assert.Equal(["Clock not checked", "Devices well", "Online"], Corner().Signs.Select(sign => sign.Words.En));
    }

    [Fact]
    public void A_clock_that_is_not_set_is_said_and_no_hours_are_gone_by()
    {
        var settings = WithKiosk(new KioskSettings { Night = AllDay });

        var corner = Corner(settings, new ManualTime(DateTimeOffset.UnixEpoch));

        Assert.Equal("时间未设置", corner.Signs[0].Words.Zh);
        Assert.False(corner.Night);
    }

    [Fact]
    public void How_many_are_inside_is_told_where_somebody_counts_who_leaves_or_a_limit_is_set()
    {
        _occupancy.Own = new OccupancyMessage("gate-1", 1, In: 30, Out: 18);
        Assert.Null(Corner().Inside);

        var limited = Settings with { Rules = Settings.Rules with { Occupancy = new OccupancyRuleSettings { Most = 30 } } };
        Assert.Equal(new Bilingual("在场 12/30 人", "12 of 30 inside"), Corner(limited).Inside);
        var exit = Settings with { Lanes = [.. Settings.Lanes, Settings.Lanes[0] with { Id = "lane-2", Direction = LaneDirection.Exit }] };
        Assert.Equal("12 inside", Corner(exit).Inside?.En);
    }

    [Theory]
    [InlineData("23:00", true), InlineData("05:29", true), InlineData("05:30", false), InlineData("12:00", false), InlineData("22:30", true)]
    public void The_night_goes_over_midnight(string at, bool night)
    {
        var settings = WithKiosk(new KioskSettings { Night = new HoursSettings { From = new(22, 30), To = new(5, 30) } });

        Assert.Equal(night, Corner(settings, At(at)).Night);
    }

    [Theory]
    [InlineData("12:00", 70), InlineData("23:00", 15)]
    public void Quiet_hours_lower_the_voice(string at, int volume)
    {
        var voice = new VoiceSettings { Quiet = new HoursSettings { From = new(22, 0), To = new(7, 0) }, QuietVolume = 15 };
        var files = new VoiceFiles(_directory["voice"]);
        Assert.Equal(0, Corner(WithKiosk(new KioskSettings { Voice = voice }), At(at), files).Volume); // not made yet

        foreach (var file in files.All)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "RIFF");
        }
        Assert.Equal(volume, Corner(WithKiosk(new KioskSettings { Voice = voice }), At(at), files).Volume);
    }

    [Fact]
    public void Hours_of_the_day_are_those_in_which_the_lane_is_not_closed()
    {
        var settings = Settings with { Lanes = [Settings.Lanes[0] with { Modes = [Mode(PortalMode.Closed, "night"), Mode(PortalMode.Free, "school-run")] }] };
        Assert.Null(Corner(settings).Hours); // no plan: nobody knows

        Plan(new Schedule("night", [new([DayOfWeek.Monday], new(22, 0), new(6, 30)), new([DayOfWeek.Monday], new(12, 0), new(13, 0))]), new Schedule("school-run", [new(null, new(7, 0), new(8, 0))]));

        Assert.Equal("Open today 00:00–12:00, 13:00–22:00", Corner(settings).Hours?.En);
        Assert.Equal("今日开放 06:30–24:00", Corner(settings, At("09:00", day: 3)).Hours?.Zh); // Tuesday, after Monday's night

        Plan(new Schedule("night", [new()]));
        Assert.Equal("Closed today", Corner(settings).Hours?.En);
        Plan(new Schedule("night", [new([DayOfWeek.Sunday])]));
        Assert.Null(Corner(settings).Hours); // open all day: nothing to say
    }

    private static GateSettings Settings { get; } = SmallSettings.IsValid(SmallSettings.Parse(SmallSettings.Text)).Settings;

    private static HoursSettings AllDay { get; } = new() { From = new(0, 0), To = new(23, 59) };

    private static GateSettings WithKiosk(KioskSettings kiosk) => Settings with { Web = Settings.Web with { Kiosk = kiosk } };

    private static LaneModeSettings Mode(PortalMode mode, string schedule) => new() { Mode = mode, Schedule = schedule };

    /// <summary>By the calendar of wherever the test runs.</summary>
    private static ManualTime At(string time, int day = 2) => new(new DateTimeOffset(new DateTime(new DateOnly(2026, 3, day), TimeOnly.Parse(time, CultureInfo.InvariantCulture), DateTimeKind.Local)));

    private void Plan(params Schedule[] schedules) =>
        _shelf.Put(new Register(Settings.Registers.Plan, 1, _time.GetUtcNow(), PersonTable.Empty, new SitePlan { Schedules = schedules }));

    private KioskCorner Corner(GateSettings? settings = null, ManualTime? time = null, VoiceFiles? voice = null)
    {
        settings ??= Settings;
        var clock = new GateClock(time ?? _time, Guid.Empty, () => _synchronised);
        var surroundings = new KioskSurroundings(settings, clock, new DeviceBoard(_time, new ListLogger<DeviceBoard>()), _occupancy, new OpeningHours(settings, _shelf), _uplink, voice);
        return surroundings.Of(settings.Lanes[0].Id);
    }
}
