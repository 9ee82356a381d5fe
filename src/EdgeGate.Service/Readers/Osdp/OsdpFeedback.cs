using EdgeGate.Devices.Osdp;
using EdgeGate.Service.Kiosk;

namespace EdgeGate.Service.Readers.Osdp;

/// <summary>
/// What a reader's light and buzzer say for what the kiosk shows. An answer is a light for a time, which the reader ends by
/// itself: a green light must not outlast a gate that has died.
/// </summary>
internal static class OsdpFeedback
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100), Long = TimeSpan.FromMilliseconds(200);
    private static readonly OsdpLight Ready = OsdpLight.Steady(OsdpColour.Red);

    /// <param name="resultShownFor">How long an answer is shown.</param>
    public static IReadOnlyList<OsdpCommand> For(KioskFace face, TimeSpan resultShownFor) => face switch
    {
        KioskFace.Granted => [Answer(OsdpLight.Steady(OsdpColour.Green), resultShownFor), Beep(Long, 1)],
        KioskFace.Free => [Answer(OsdpLight.Steady(OsdpColour.Green), TimeSpan.FromSeconds(3))],
        KioskFace.Denied => [Answer(OsdpLight.Blinking(OsdpColour.Red, Short), resultShownFor), Beep(Short, 3)],
        KioskFace.SeeGuard => [Answer(OsdpLight.Blinking(OsdpColour.Amber, Long), resultShownFor), Beep(Long, 2)],
        KioskFace.Reading or KioskFace.Gathering => [Lasting(OsdpLight.Steady(OsdpColour.Amber))],
        KioskFace.OutOfService or KioskFace.Closed => [Lasting(OsdpLight.Blinking(OsdpColour.Red, TimeSpan.FromSeconds(1)))],
        _ => [Lasting(Ready)],
    };

    private static OsdpCommand Answer(OsdpLight light, TimeSpan time) => OsdpCommand.Led(0, 0, light, time, Ready);

    private static OsdpCommand Lasting(OsdpLight light) => OsdpCommand.Led(0, 0, temporary: null, TimeSpan.Zero, light);

    private static OsdpCommand Beep(TimeSpan length, byte count) => OsdpCommand.Buzzer(0, length, Short, count);
}
