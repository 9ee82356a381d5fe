using EdgeGate.Access;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Service.Tests.Passing;

public sealed class LaneModeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ListLogger<LaneMode> _log = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_mode_is_read_back_from_disk()
    {
        new LaneMode(_directory["mode"], _log).Set(PortalMode.ExitOnly);

        Assert.Equal(PortalMode.ExitOnly, new LaneMode(_directory["mode"], _log).Current);
        Assert.Empty(_log.Lines);
    }

    [Theory, InlineData(""), InlineData("shut"), InlineData("\0\0\0\0")]
    public void A_mode_that_cannot_be_read_is_normal_and_said(string written)
    {
        Assert.Equal(PortalMode.Normal, new LaneMode(_directory.Write("mode", written), _log).Current);
        Assert.Contains("cannot be read", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void What_somebody_set_goes_before_the_hours_until_it_is_taken_back_also_after_a_restart()
    {
        var byHours = PortalMode.Closed;
        var mode = new LaneMode(_directory["mode"], _log, () => byHours);
        Assert.Equal(PortalMode.Closed, mode.Current);

        mode.Set(PortalMode.EntryOnly);
        Assert.Equal(PortalMode.EntryOnly, new LaneMode(_directory["mode"], _log, () => byHours).Current);

        mode.Set(null);
        Assert.Equal(PortalMode.Closed, new LaneMode(_directory["mode"], _log, () => byHours).Current);
        byHours = PortalMode.Normal;
        Assert.Equal(PortalMode.Normal, mode.Current);
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData("2022-03-01T23:30", PortalMode.Closed), InlineData("2022-03-01T12:00", PortalMode.Normal), InlineData("2022-03-01T07:30", PortalMode.EntryOnly)]
    public void A_lane_is_closed_at_night_and_for_entry_only_in_the_morning(string at, PortalMode expected)
    {
        var lane = Settings.SmallSettings.IsValid(Settings.SmallSettings.Parse(Settings.SmallSettings.With("\"direction\": \"entry\"", """
            "direction": "entry", "modes": [{ "mode": "closed", "schedule": "night" }, { "mode": "entry-only", "schedule": "morning" }]
            """))).Settings;
        var time = new EdgeGate.Testing.ManualTime();
        time.StepWallClock(DateTimeOffset.Parse(at + ":00+00:00", System.Globalization.CultureInfo.InvariantCulture));
        var shelf = new Service.Registers.RegisterShelf();
        using var services = new ServiceCollection().AddSingleton(shelf).AddSingleton(new Service.Time.GateClock(time, Guid.Empty, () => true)).BuildServiceProvider();
        var hours = LaneSetup.HoursOf(lane, lane.Lanes[0], services);

        Assert.Equal(PortalMode.Normal, hours()); // no plan yet
        shelf.Put(new Access.Registers.Register("plan", 1, time.GetUtcNow(), Access.Registers.PersonTable.Empty, new Access.Registers.SitePlan
        {
            Schedules = [new("night", [new(From: new(22, 0), To: new(6, 0))]), new("morning", [new(From: new(6, 0), To: new(9, 0))])],
        }));
        Assert.Equal(expected, hours());
    }

    [Fact]
    public void A_mode_that_cannot_be_written_changes_nothing()
    {
        Directory.CreateDirectory(_directory["mode"]); // no file can take this name
        var mode = new LaneMode(_directory["other"], _log);
        mode.Set(PortalMode.EntryOnly);
        var unwritable = new LaneMode(_directory["mode"], _log);

        Assert.ThrowsAny<IOException>(() => unwritable.Set(PortalMode.Closed));

        Assert.Equal((PortalMode.EntryOnly, PortalMode.Normal), (mode.Current, unwritable.Current));
    }

    [Theory]
    [InlineData(PortalMode.Normal, nameof(LaneStanding.Open)), InlineData(PortalMode.EntryOnly, nameof(LaneStanding.Open)), InlineData(PortalMode.ExitOnly, nameof(LaneStanding.Closed))]
    [InlineData(PortalMode.Closed, nameof(LaneStanding.Closed)), InlineData(PortalMode.Free, nameof(LaneStanding.Open))] // free only when the portal is held
    public async Task A_way_in_stands_as_its_mode_says(PortalMode mode, string standing)
    {
        await using var lane = await LaneUnderTest.StartAsync();

        lane.Mode.Set(mode);

        Assert.Equal(standing, lane.Lane.Standing.ToString());
    }

    [Fact]
    public async Task A_closed_lane_invites_nobody_and_refuses_whom_it_would_let_pass()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        lane.Inputs.TimePassed();
        await lane.SeeAsync(KioskFace.Idle);

        lane.Mode.Set(PortalMode.Closed);
        lane.Inputs.TimePassed();
        await lane.SeeAsync(KioskFace.Closed);
        await lane.PresentAsync(People.Card());

        var decided = (await lane.RecordsAsync(1))[0].GetProperty("data");
        Assert.Equal("denied", decided.GetProperty("outcome").GetString());
        Assert.Equal("portal-closed", decided.GetProperty("reasons")[0].GetString());
        Assert.Empty(lane.Portal.Asked);
    }

    [Fact]
    public async Task Of_two_who_set_it_at_once_disk_and_lane_keep_the_same_one()
    {
        var mode = new LaneMode(_directory["mode"], _log);
        for (var round = 0; round < 50; round++)
        {
            using var start = new Barrier(2);
            await Task.WhenAll(SetAsync(PortalMode.Closed), SetAsync(PortalMode.EntryOnly)).InTime();
            Assert.Equal(mode.Current, new LaneMode(_directory["mode"], _log).Current);

            Task SetAsync(PortalMode to) => Task.Run(async () =>
            {
                start.SignalAndWait();
                using (await mode.TakeTurnAsync())
                    mode.Set(to);
            });
        }
    }
}
