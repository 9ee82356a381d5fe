using EdgeGate.Access;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;

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
    public void A_mode_that_cannot_be_written_changes_nothing()
    {
        Directory.CreateDirectory(_directory["mode"]); // no file can take this name
        var mode = new LaneMode(_directory["other"], _log);
        mode.Set(PortalMode.EntryOnly);
        var unwritable = new LaneMode(_directory["mode"], _log);

        Assert.ThrowsAny<IOException>(() => unwritable.Set(PortalMode.Closed));

        Assert.Equal((PortalMode.EntryOnly, PortalMode.Normal), (mode.Current, unwritable.Current));
    }

    [Fact]
    public async Task A_closed_lane_invites_nobody_and_refuses_whom_it_would_let_pass()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        lane.Inputs.TimePassed();
        await lane.SeeAsync(KioskFace.Idle);

        lane.Mode.Set(PortalMode.Closed);
        lane.Inputs.TimePassed();
        await lane.SeeAsync(KioskFace.OutOfService);
        await lane.PresentAsync(People.Card());

        var decided = (await lane.RecordsAsync(1))[0].GetProperty("data");
        Assert.Equal("denied", decided.GetProperty("outcome").GetString());
        Assert.Equal("portal-closed", decided.GetProperty("reasons")[0].GetString());
        Assert.Empty(lane.Portal.Asked);
    }
}
