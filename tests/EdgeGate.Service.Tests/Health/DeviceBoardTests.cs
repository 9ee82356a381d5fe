using EdgeGate.Devices.Ports;
using EdgeGate.Service.Health;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Health;

public sealed class DeviceBoardTests
{
    private readonly ManualTime _time = new();
    private readonly ListLogger<DeviceBoard> _log = new();

    private static void Flicker(DeviceBoard board, int times)
    {
        for (var i = 0; i < times; i++)
        {
            board.Tell("contact-17", DeviceState.Doubtful, "what comes on its topic is no zigbee2mqtt message", reconnects: 0);
            board.Tell("contact-17", DeviceState.Connected, "the door is open", reconnects: 0);
        }
    }

    [Fact]
    public void A_device_that_flickers_fills_no_log_says_that_it_does_and_how_often_and_the_board_shows_the_last()
    {
        var board = new DeviceBoard(_time, _log);
        Flicker(board, times: 1000);
        Assert.Equal(21, _log.Lines.Count);
        Assert.Contains("only counted from now on", _log.Lines.Last(), StringComparison.Ordinal);
        Assert.Equal("the door is open", Assert.Single(board.Devices).Cause);

        _time.Advance(TimeSpan.FromMinutes(1));
        board.Tell("contact-17", DeviceState.Silent, "nothing was heard", reconnects: 0);

        Assert.Equal("Warning: Device contact-17 is Silent: nothing was heard; 1980 changes before it are not in this log", _log.Lines.Last().TrimEnd());
    }

    [Fact]
    public void Another_device_has_its_lines_all_the_same_and_every_change_is_told_to_whoever_listens()
    {
        var board = new DeviceBoard(_time, _log);
        var told = 0;
        board.Changed += _ => told++;
        Flicker(board, times: 100);

        board.Tell("reader", DeviceState.Absent, "unplugged", reconnects: 0);

        Assert.Equal("Warning: Device reader is Absent: unplugged", _log.Lines.Last().TrimEnd());
        Assert.Equal(201, told);
    }
}
