namespace EdgeGate.Devices.Ports.Identity;

/// <summary>Who a device is: what its adapter says on USB, and what it says itself where its protocol has a question for that.</summary>
/// <param name="Answer">Null when nothing is asked, or nothing came back.</param>
public sealed record DeviceIdentity(UsbDevice? Usb, string? Answer)
{
    public override string ToString() => (Usb, Answer) switch
    {
        ({ } usb, { } answer) => $"{answer} on {usb}",
        ({ } usb, null) => usb.ToString(),
        (null, { } answer) => answer,
        _ => "a device that says nothing of itself",
    };
}

/// <summary>Whether what is plugged in is what belongs there: the one that was first seen, or that a person has accepted since.</summary>
public interface IDeviceAdmission
{
    /// <summary>Before anything is sent to it.</summary>
    /// <exception cref="DevicePortException"><see cref="DevicePortFault.Swapped"/>: it is another.</exception>
    void Plugged(UsbDevice usb);

    /// <summary>Once it was asked; remembers who it is when it is seen for the first time.</summary>
    /// <exception cref="DevicePortException">
    /// <see cref="DevicePortFault.Swapped"/>: it is another; <see cref="DevicePortFault.Silent"/>: it does not say who it is, though it did.
    /// </exception>
    void Answered(DeviceIdentity found);
}
