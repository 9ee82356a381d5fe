using EdgeGate.Devices.I2c;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Tests.I2c;

/// <summary>What an installer reads. The transfers themselves are tried on a kernel's bus: hardware/bench.</summary>
public class I2cPortTests
{
    [Fact]
    public async Task A_bus_that_is_not_there_says_how_to_switch_it_on()
    {
        var refused = await Assert.ThrowsAsync<DevicePortException>(async () => await new I2cPort("/dev/i2c-250", 0x5A, 0x06).OpenAsync(default));
        Assert.Equal(DevicePortFault.Absent, refused.Fault);
        Assert.Contains("i2c_arm=on", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_else_is_no_bus()
    {
        var refused = await Assert.ThrowsAsync<DevicePortException>(async () => await new I2cPort("/dev/null", 0x5A, 0x06).OpenAsync(default));
        Assert.Equal(DevicePortFault.SettingsRefused, refused.Fault);
    }

    [Fact]
    public void An_address_that_nobody_answers_at_says_what_to_check_and_how_to_see_who_does()
    {
        var port = new I2cPort("/dev/i2c-1", 0x5A, 0x06);
        Assert.Null(port.FaultOf(I2cAnswer.Done));
        var fault = port.FaultOf(I2cAnswer.NoAnswer);
        Assert.Equal(
            (DevicePortFault.Absent, "nothing answers at /dev/i2c-1 address 5A: check supply, SDA, SCL and the address (i2cdetect -y 1 shows who answers)"),
            (fault!.Fault, fault.Message));
    }
}
