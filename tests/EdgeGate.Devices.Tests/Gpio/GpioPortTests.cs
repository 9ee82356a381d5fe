using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Tests.Gpio;

public class GpioPortTests
{
    [Fact]
    public async Task A_chip_that_is_not_there_is_absent()
    {
        var port = new GpioPort("no-such-chip", [new() { Line = "GPIO17" }], TimeProvider.System);
        var refused = await Assert.ThrowsAsync<DevicePortException>(async () => await port.OpenAsync(default));
        Assert.Equal(DevicePortFault.Absent, refused.Fault);
        Assert.Contains("no-such-chip", refused.Message, StringComparison.Ordinal);
    }
}
