using EdgeGate.Devices.Captures;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Tests.Ports;
using EdgeGate.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Devices.Tests.Captures;

public sealed class TrafficTests
{
    [Fact]
    public void What_was_written_down_is_what_is_read() => Prop.ForAll<byte[], bool, ushort>((bytes, fromDevice, tenths) =>
    {
        var piece = new Traffic(TimeSpan.FromMilliseconds(tenths), fromDevice, [0, .. bytes]);
        var read = Assert.Single(Traffic.Parse([piece.ToString()]));
        return (read.At, read.FromDevice) == (piece.At, piece.FromDevice) && read.Bytes.AsSpan().SequenceEqual(piece.Bytes);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Remarks_and_meanings_are_passed_over() =>
        Assert.Equal(2, Traffic.Parse(["# a remark", "0.5 > A5 55 FA", "", "= 36.50", "  0.6001 <  5A5A"]).Count);

    [Theory]
    [InlineData("0.5 ! A5")]
    [InlineData("0.5 >")]
    [InlineData("0.5 > A")]
    [InlineData("0.5 > XY")]
    [InlineData("-1 > A5")]
    [InlineData("99999999999999 > A5")]
    [InlineData("soon > A5")]
    public void What_is_none_is_refused_with_its_line(string line) =>
        Assert.Equal($"line 2 is none of a capture: {line}", Assert.Throws<FormatException>(() => Traffic.Parse(["0.1 > A5", line])).Message);

    [Fact]
    public void Time_does_not_run_backwards() => Assert.Throws<FormatException>(() => Traffic.Parse(["0.5 > A5", "0.4 < A5"]));

    [Fact]
    public async Task Both_directions_are_recorded_in_order_with_their_times()
    {
        var time = new ManualTime();
        var seen = new List<Traffic>();
        var (host, device) = LoopbackLine.CreatePair();
        await using var line = new RecordedLine(host, seen.Add, time);

        time.Advance(TimeSpan.FromSeconds(1));
        await line.WriteAsync(new byte[] { 0xA5 }, CancellationToken.None);
        Assert.Equal([0xA5], await device.ReadBytesAsync(1));
        time.Advance(TimeSpan.FromSeconds(1));
        await device.WriteAsync(new byte[] { 0x5A, 0x5B }, CancellationToken.None);
        Assert.Equal([0x5A, 0x5B], await line.ReadBytesAsync(2));

        Assert.Equal(["   1.0000 > A5", "   2.0000 < 5A 5B"], seen.Select(piece => piece.ToString()));
    }

    [Fact]
    public async Task A_recorded_line_that_is_unplugged_is_lost_to_its_driver_too()
    {
        var (host, device) = LoopbackLine.CreatePair();
        await using var line = new RecordedLine(host, _ => { }, TimeProvider.System);
        device.Unplug();
        await Assert.ThrowsAsync<DeviceLineLostException>(() => line.Input.ReadToTheEndAsync().InTime());
    }
}
