using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Messages.Commands;
using EdgeGate.Service.Hardware;

namespace EdgeGate.Service.Tests.Hardware;

public sealed class DeviceIdentitiesTests : IDisposable
{
    private static readonly UsbDevice First = new("1a86", "7523", "A1", "0000:00:14.0/1:1.0"), Second = First with { SerialNumber = "B2" };

    private readonly TemporaryDirectory _directory = new();
    private readonly ListLogger<DeviceIdentities> _log = new();
    private IdentityFiles Files => new(_directory.Root, "reader");

    public void Dispose() => _directory.Dispose();

    /// <summary>As after a start: nothing is known but what is on disk.</summary>
    private IDeviceAdmission AfterAStart() => new DeviceIdentities(_directory.Root, _log).Of("reader");

    private static DevicePortException Refused(Action admit) => Assert.Throws<DevicePortException>(admit);

    private static void Admit(IDeviceAdmission admission, UsbDevice usb, string? answer = null)
    {
        admission.Plugged(usb);
        admission.Answered(new DeviceIdentity(usb, answer));
    }

    [Fact]
    public void Who_was_seen_first_is_who_belongs_there_also_after_a_restart()
    {
        Admit(AfterAStart(), First, "module 1");
        Admit(AfterAStart(), First, "module 1");
        var swapped = Refused(() => AfterAStart().Plugged(Second));
        Assert.Equal(
            (DevicePortFault.Swapped, "it was module 1 on USB 1a86:7523, serial number A1, and now there is USB 1a86:7523, serial number B2: put the right one back, or accept this one (edgegate devices accept reader)"),
            (swapped.Fault, swapped.Message));
    }

    [Fact]
    public void Another_device_behind_the_same_adapter_is_refused_by_its_answer()
    {
        Admit(AfterAStart(), First, "module 1");
        Assert.Equal(DevicePortFault.Swapped, Refused(() => Admit(AfterAStart(), First, "module 2")).Fault);
    }

    [Fact]
    public void One_that_was_known_by_its_answer_and_gives_none_is_silent_and_is_not_taken()
    {
        Admit(AfterAStart(), First, "module 1");
        Assert.Equal(DevicePortFault.Silent, Refused(() => Admit(AfterAStart(), First)).Fault);
    }

    [Fact]
    public void It_may_be_plugged_in_elsewhere()
    {
        Admit(AfterAStart(), First);
        Admit(AfterAStart(), First with { Place = "0000:00:14.0/4:1.0" });
        Assert.False(Files.Refused.Exists);
    }

    [Fact]
    public void One_that_says_more_than_at_first_sight_is_held_to_it_from_then_on()
    {
        Admit(AfterAStart(), First);
        Admit(AfterAStart(), First, "module 1");
        Assert.Equal(DevicePortFault.Swapped, Refused(() => Admit(AfterAStart(), First, "module 2")).Fault);
    }

    [Fact]
    public void Whoever_a_person_accepted_takes_the_place_and_the_one_before_is_the_other_then()
    {
        var admission = AfterAStart();
        Admit(admission, First);
        Refused(() => admission.Plugged(Second));
        Files.Wanted.Write(Files.Refused.Read()!);

        Admit(admission, Second, "module 2");

        Assert.Equal(new DeviceIdentity(Second, "module 2"), Files.Known.Read());
        Assert.False(Files.Refused.Exists || Files.Wanted.Exists);
        Assert.Equal(DevicePortFault.Swapped, Refused(() => Admit(AfterAStart(), First, "module 1")).Fault);
    }

    [Fact]
    public void What_was_accepted_is_that_one_and_not_whichever_comes_next()
    {
        var admission = AfterAStart();
        Admit(admission, First);
        Refused(() => admission.Plugged(Second));
        Files.Wanted.Write(Files.Refused.Read()!);

        Refused(() => Admit(admission, First with { SerialNumber = "C3" }));
        Assert.Equal(First, Files.Known.Read()?.Usb);
    }

    [Fact]
    public void An_acceptance_that_was_left_over_ends_when_the_right_one_is_back()
    {
        var admission = AfterAStart();
        Admit(admission, First);
        Refused(() => admission.Plugged(Second));
        Files.Wanted.Write(Files.Refused.Read()!);
        Admit(admission, First);
        Assert.False(Files.Refused.Exists || Files.Wanted.Exists);
    }

    [Fact]
    public void Whoever_names_another_adapter_in_the_settings_has_accepted_it_and_whoever_names_only_the_model_has_not()
    {
        Admit(AfterAStart(), First);
        Refused(() => new DeviceIdentities(_directory.Root, _log).Of("reader", new UsbSelector("1a86", "7523")).Plugged(Second));
        Admit(new DeviceIdentities(_directory.Root, _log).Of("reader", new UsbSelector(SerialNumber: "B2")), Second);
        Assert.Equal(Second, Files.Known.Read()?.Usb);
    }

    [Fact]
    public void A_device_that_says_nothing_of_itself_is_taken_as_it_is()
    {
        AfterAStart().Answered(new DeviceIdentity(null, null));
        Assert.False(Files.Known.Exists);
    }

    [Fact]
    public void A_damaged_memory_keeps_no_device_out()
    {
        Directory.CreateDirectory(_directory["devices"]);
        _directory.Write("devices/reader.json", "{ half");
        Admit(AfterAStart(), First);
        Assert.Equal(First, Files.Known.Read()?.Usb);
    }

    [Fact]
    public void The_screen_names_a_swap_first_and_else_what_has_been_in_trouble_for_longest()
    {
        var since = new DateTimeOffset(2022, 3, 1, 8, 30, 0, TimeZoneInfo.Local.GetUtcOffset(new DateTime(2022, 3, 1, 8, 30, 0)));
        DeviceStatus[] devices =
        [
            new("door", DeviceState.Connected, "", since.AddHours(-1), 0), new("scanner", DeviceState.Absent, "", since, 0), new("module", DeviceState.Silent, "", since.AddMinutes(5), 0),
            new("id-card", DeviceState.Swapped, "", since.AddMinutes(9), 0),
        ];
        Assert.Equal(("scanner 未连接（08:30 起）", "scanner not connected since 08:30"), (DeviceNotices.Words(devices[..3])!.Zh, DeviceNotices.Words(devices[..3])!.En));
        Assert.Equal(("id-card 已被更换（08:39 起）", "id-card swapped since 08:39"), (DeviceNotices.Words(devices)!.Zh, DeviceNotices.Words(devices)!.En));
        Assert.Null(DeviceNotices.Words(devices[..1]));
        var longest = DeviceNotices.Words([new(new string('x', 32), DeviceState.HeldByAnother, "", since, 0)])!;
        Assert.InRange(longest.En.Length, 1, NoticeCommand.LongestEn);
    }
}
