using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Devices.Scanners;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Ports.Identity;

/// <summary>Adapters in a made-up tree; what is opened is a line without a kernel.</summary>
public sealed class IdentifiedPortTests : IDisposable
{
    private readonly FakeUsbTree _tree = new();
    private readonly List<string> _opened = [];

    public void Dispose() => _tree.Dispose();

    private IdentifiedPort Port(string? path, UsbSelector? usb, IDeviceAdmission? admission = null) =>
        new(path, usb, new UsbTree(_tree.Root), Open, TimeProvider.System) { Admission = admission };

    private LoopbackPort Open(string node)
    {
        _opened.Add(node);
        return new LoopbackPort(node);
    }

    private async Task<string> OpenedAsync(IdentifiedPort port)
    {
        await using var line = await port.OpenAsync(CancellationToken.None).InTime();
        return Path.GetFileName(_opened[^1]);
    }

    private static async Task<DevicePortException> RefusedAsync(IdentifiedPort port) =>
        await Assert.ThrowsAsync<DevicePortException>(() => port.OpenAsync(CancellationToken.None).InTime());

    [Fact]
    public async Task A_tree_that_changes_while_it_is_read_is_a_device_that_is_away_and_not_the_end_of_the_gate()
    {
        var port = new IdentifiedPort(null, new UsbSelector(SerialNumber: "A1"), new UsbTree(_tree.Root), Open, TimeProvider.System)
        {
            Among = _ => throw new DirectoryNotFoundException("dev/input/by-id"),
        };
        Assert.Equal(DevicePortFault.Absent, (await RefusedAsync(port)).Fault);
    }

    [Fact]
    public async Task It_is_found_by_its_serial_number_under_whatever_name_it_comes_back()
    {
        var port = Port(path: null, new UsbSelector(SerialNumber: "A1"));
        _tree.Plug("ttyUSB0", "1", serial: "A1");
        Assert.Equal("ttyUSB0", await OpenedAsync(port));

        _tree.Unplug("ttyUSB0");
        _tree.Plug("ttyUSB0", "2", serial: "B2"); // another takes its name
        _tree.Plug("ttyUSB5", "3", serial: "A1");
        Assert.Equal("ttyUSB5", await OpenedAsync(port));
    }

    [Fact]
    public async Task Equal_adapters_without_serial_numbers_are_told_apart_by_where_they_are_plugged_in()
    {
        _tree.Plug("ttyUSB1", "1.1");
        _tree.Plug("ttyUSB0", "1.2");
        Assert.Equal("ttyUSB1", await OpenedAsync(Port(null, new UsbSelector("1a86", "7523", Place: "0000:00:14.0/1.1"))));
        Assert.Equal("ttyUSB0", await OpenedAsync(Port(null, new UsbSelector(Place: "0000:00:14.0/1.2:1.0"))));
    }

    [Fact]
    public async Task Several_that_fit_are_not_guessed_between()
    {
        _tree.Plug("ttyUSB0", "1");
        _tree.Plug("ttyUSB1", "2");
        var refused = await RefusedAsync(Port(null, new UsbSelector("1a86", "7523")));
        Assert.Equal(
            (DevicePortFault.Unusable, "USB 1a86:7523 fits 2 devices, at 0000:00:14.0/1:1.0 and 0000:00:14.0/2:1.0: add serialNumber or path to usb in gate.json"),
            (refused.Fault, refused.Message));
    }

    [Fact]
    public async Task One_that_is_not_plugged_in_is_absent()
    {
        _tree.Plug("ttyUSB0", "1", serial: "B2");
        var refused = await RefusedAsync(Port(null, new UsbSelector(SerialNumber: "A1")));
        Assert.Equal((DevicePortFault.Absent, "USB device, serial number A1 is not plugged in; see what is: edgegate devices list"), (refused.Fault, refused.Message));
        Assert.Empty(_opened);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_device_at_the_place_that_was_named_is_a_swap_and_is_not_opened(bool byName)
    {
        _tree.Plug("ttyUSB0", "1", vendor: "0403");
        var port = byName ? Port(_tree.Inside("dev/ttyUSB0"), new UsbSelector("1a86")) : Port(null, new UsbSelector("1a86", Place: "0000:00:14.0/1"));
        var refused = await RefusedAsync(port);
        Assert.Equal(DevicePortFault.Swapped, refused.Fault);
        Assert.Contains("ACME Adapter USB 0403:7523, no serial number, and not USB 1a86:any", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_opened);
    }

    [Fact]
    public async Task A_name_that_goes_through_links_leads_to_the_adapter_behind_it()
    {
        _tree.Plug("ttyUSB0", "1", serial: "A1");
        _tree.Link("dev/serial/by-id/usb-A1", _tree.Inside("dev/ttyUSB0"));
        _tree.Link("dev/reader", _tree.Inside("dev/serial/by-id/usb-A1"));
        var port = Port(_tree.Inside("dev/reader"), new UsbSelector(SerialNumber: "A1"));
        await OpenedAsync(port);
        Assert.Equal("A1", port.Found?.Usb?.SerialNumber);
    }

    [Fact]
    public async Task Whoever_is_not_admitted_is_not_even_opened()
    {
        _tree.Plug("ttyUSB0", "1", serial: "B2");
        await RefusedAsync(Port(_tree.Inside("dev/ttyUSB0"), usb: null, new NobodyPlugged()));
        Assert.Empty(_opened);
    }

    [Fact]
    public async Task What_is_replugged_while_it_is_opened_is_not_taken_for_what_was_there()
    {
        _tree.Plug("ttyUSB0", "1", serial: "A1");
        var port = new IdentifiedPort(
            _tree.Inside("dev/ttyUSB0"), usb: null, new UsbTree(_tree.Root),
            node =>
            {
                _tree.Unplug("ttyUSB0");
                _tree.Plug("ttyUSB0", "1", serial: "B2");
                return Open(node);
            },
            TimeProvider.System);
        Assert.Equal(DevicePortFault.Absent, (await RefusedAsync(port)).Fault);
    }

    [Fact]
    public Task A_card_module_says_its_number() => SaysAsync(
        IdentityQuestions.SamVModuleAsync, "card module 05.01-20200101-99999999-123456789",
        (line, stop) => new SimulatedSamV(line, SimulatedSamVTiming.Instant, TimeProvider.System).RunAsync(stop));

    [Fact]
    public Task A_scanner_module_says_its_version() => SaysAsync(
        IdentityQuestions.Gm65VersionAsync, "scanner module version 646912",
        (line, stop) =>
        {
            var module = new SimulatedGm65(line, TimeProvider.System);
            ((ReadOnlySpan<byte>)[0x64, 0x69, 0x12]).CopyTo(module.Zones[0xE1..]);
            return module.RunAsync(stop);
        });

    [Fact]
    public Task One_that_says_nothing_says_nothing() => SaysAsync(
        IdentityQuestions.SamVModuleAsync, null, (line, stop) => new SimulatedGm65(line, TimeProvider.System).RunAsync(stop));

    private static async Task SaysAsync(IdentityQuestion question, string? words, Func<IDeviceLine, CancellationToken, Task> device)
    {
        var (host, end) = LoopbackLine.CreatePair();
        using var stop = new CancellationTokenSource();
        var running = device(end, stop.Token);
        Assert.Equal(words, await question(host, TimeProvider.System, CancellationToken.None).InTime());
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private sealed class NobodyPlugged : IDeviceAdmission
    {
        public void Plugged(UsbDevice usb) => throw new DevicePortException(DevicePortFault.Swapped, "no");

        public void Answered(DeviceIdentity found) { }
    }
}
