using System.Diagnostics;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Native;

namespace EdgeGate.Devices.Tests.Ports;

public sealed class PortFaultsTests
{
    [Theory]
    [InlineData(2, DevicePortFault.Absent)]
    [InlineData(5, DevicePortFault.Absent)]
    [InlineData(6, DevicePortFault.Absent)]
    [InlineData(19, DevicePortFault.Absent)]
    [InlineData(1, DevicePortFault.NotPermitted)]
    [InlineData(13, DevicePortFault.NotPermitted)]
    [InlineData(11, DevicePortFault.HeldByAnother)]
    [InlineData(16, DevicePortFault.HeldByAnother)]
    [InlineData(21, DevicePortFault.NotASerialLine)]
    [InlineData(25, DevicePortFault.NotASerialLine)]
    [InlineData(24, DevicePortFault.Unusable)]
    public void Each_error_of_the_kernel_has_its_fault_and_names_the_port(int errno, DevicePortFault fault)
    {
        var explained = new PortFaults("/dev/ttyUSB7").Explain((Errno)errno);
        Assert.Equal(fault, explained.Fault);
        Assert.Contains("/dev/ttyUSB7", explained.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_permission_names_the_group_to_join()
    {
        // No serial line, but on every Debian it belongs to a group that is named like it.
        var explained = new PortFaults("/etc/shadow").Explain(Errno.AccessDenied);
        Assert.Contains($"sudo usermod -aG shadow {Environment.UserName}", explained.Message, StringComparison.Ordinal);
    }

    [Fact]
    public Task The_program_that_has_the_port_open_is_named() => NamesHolderAsync("sleep", "stop it or set another port");

    [Fact]
    public Task ModemManager_is_named_with_what_keeps_it_away() => NamesHolderAsync("ModemManager", "keep it away with a udev rule (ENV{ID_MM_DEVICE_IGNORE}=\"1\") or remove it");

    private static async Task NamesHolderAsync(string program, string remedy)
    {
        await using var device = PseudoTerminal.Open();
        var folder = Directory.CreateTempSubdirectory("edgegate-holder-");
        var copy = Path.Combine(folder.FullName, program);
        File.Copy("/bin/sleep", copy);
        var hold = new ProcessStartInfo("sh", ["-c", $"exec {copy} 100 <> {device.HostPath}"]) { UseShellExecute = false };
        using var holder = Process.Start(hold)!;
        try
        {
            await Patience.Until(() => PortHolder.Find(device.HostPath) == new PortHolder(holder.Id, program));
            Assert.Contains(
                $"{device.HostPath} is held by {program} (process {holder.Id}): {remedy}", new PortFaults(device.HostPath).Explain(Errno.Busy).Message, StringComparison.Ordinal);
        }
        finally
        {
            holder.Kill();
            await holder.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }
}
