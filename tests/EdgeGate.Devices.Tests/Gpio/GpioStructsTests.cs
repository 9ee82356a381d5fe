using System.Runtime.InteropServices;
using EdgeGate.Devices.Gpio;

namespace EdgeGate.Devices.Tests.Gpio;

/// <summary>Offsets as in linux/gpio.h; whether the kernel agrees is tried in the virtual machine, hardware/bench.</summary>
public class GpioStructsTests
{
    [Fact]
    public void A_request_says_each_lines_number_flags_debounce_and_first_level()
    {
        var request = new byte[GpioStructs.RequestSize];
        Assert.True(GpioStructs.TryWriteRequest(request, "edgegate",
        [
            (17, new() { Line = "relay", IsOutput = true, IsActiveAtFirst = true, IsActiveLow = true }),
            (22, new() { Line = "door", Bias = GpioBias.PullUp, Debounce = TimeSpan.FromMilliseconds(20) }),
            (23, new() { Line = "beam", Bias = GpioBias.PullUp, Debounce = TimeSpan.FromMilliseconds(20) }),
        ]));
        Assert.Equal([17, 22, 23, 0], MemoryMarshal.Cast<byte, uint>(request.AsSpan(0, 16)).ToArray());
        Assert.Equal("edgegate\0"u8.ToArray(), request[256..265]);
        Assert.Equal(3u, UInt32(560));
        Assert.Equal(512u, UInt32(564)); // events the kernel keeps
        Assert.Equal(4u, UInt32(288 + 8)); // attributes
        Assert.Equal((1u, 0x8ul | 0x2, 0b001ul), Attribute(0));
        Assert.Equal((1u, 0x4ul | 0x10 | 0x20 | 0x100, 0b110ul), Attribute(1));
        Assert.Equal((3u, 20_000ul, 0b110ul), Attribute(2));
        Assert.Equal((2u, 0b001ul, 0b001ul), Attribute(3));

        uint UInt32(int at) => MemoryMarshal.Read<uint>(request.AsSpan(at));
        (uint, ulong, ulong) Attribute(int i)
        {
            var attribute = request.AsSpan(288 + 32 + 24 * i);
            return (MemoryMarshal.Read<uint>(attribute), MemoryMarshal.Read<ulong>(attribute[8..]), MemoryMarshal.Read<ulong>(attribute[16..]));
        }
    }

    [Fact]
    public void Of_an_input_that_is_looked_at_only_when_it_becomes_active_one_edge_is_asked_for()
    {
        var request = new byte[GpioStructs.RequestSize];
        Assert.True(GpioStructs.TryWriteRequest(request, "edgegate", [(5, new() { Line = "d0", IsActiveLow = true, IsEdgeOnlyWhenActive = true })]));
        Assert.Equal(0x4ul | 0x2 | 0x10, MemoryMarshal.Read<ulong>(request.AsSpan(288 + 32 + 8)));
    }

    [Fact]
    public void More_ways_than_a_request_can_say_are_refused() => Assert.False(GpioStructs.TryWriteRequest(
        new byte[GpioStructs.RequestSize], "edgegate",
        [.. Enumerable.Range(1, 12).Select(i => (i, new GpioLineRequest { Line = "input", Debounce = TimeSpan.FromMilliseconds(i) }))]));

    [Fact]
    public void An_event_says_when_which_line_and_how_many_before()
    {
        var bytes = new byte[GpioStructs.EventSize];
        MemoryMarshal.Write(bytes, 1_234_567_890_100ul);
        MemoryMarshal.Write(bytes.AsSpan(8), 2u);
        MemoryMarshal.Write(bytes.AsSpan(12), 22u);
        MemoryMarshal.Write(bytes.AsSpan(20), 5u);
        Assert.Equal((TimeSpan.FromTicks(12_345_678_901), false, 22, 5u), GpioStructs.ReadEvent(bytes));
    }
}
