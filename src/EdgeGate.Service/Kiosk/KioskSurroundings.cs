using EdgeGate.Access;
using EdgeGate.Mqtt;
using EdgeGate.Service.Health;
using EdgeGate.Service.Kiosk.Voice;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Kiosk;

/// <summary>Reads off the gate's parts what each screen tells about the gate.</summary>
/// <param name="uplink">Null where no records are sent.</param>
/// <param name="voice">Null for a silent kiosk.</param>
internal sealed class KioskSurroundings(
    GateSettings settings, GateClock clock, DeviceBoard devices, SiteOccupancy occupancy, OpeningHours hours, UplinkStatus? uplink, VoiceFiles? voice)
{
    private readonly KioskSettings _kiosk = settings.Web.Kiosk;

    public KioskCorner Of(string lane)
    {
        var now = clock.Read();
        var knowsTime = now.Grade is not ClockGrade.Unset;
        return new KioskCorner(
            knowsTime ? hours.Words(lane, now.Wall.DateTime) : null,
            InsideWords(),
            [ClockSign(now.Grade), DeviceSign(), .. LinkSign()],
            Volume(now, knowsTime),
            Night: knowsTime && _kiosk.Night?.Contains(now.Wall.DateTime) is true);
    }

    private int Volume(ClockReading now, bool knowsTime) => (_kiosk.Voice, voice?.AreComplete) switch
    {
        ({ } speaking, true) => knowsTime && speaking.Quiet?.Contains(now.Wall.DateTime) is true ? speaking.QuietVolume : speaking.Volume,
        _ => 0,
    };

    private Bilingual? InsideWords() => (occupancy.Inside, settings.Rules.Occupancy?.Most) switch
    {
        ({ } inside, { } most) => new($"在场 {inside}/{most} 人", $"{inside} of {most} inside"),
        ({ } inside, null) when settings.Lanes.Any(lane => lane.Direction is LaneDirection.Exit) => new($"在场 {inside} 人", $"{inside} inside"),
        _ => null, // where nobody is seen to leave the number would only grow
    };

    private static KioskSign ClockSign(ClockGrade grade) => new("clock", grade is ClockGrade.Synchronised, grade switch
    {
        ClockGrade.Synchronised => new("时间准确", "Clock right"),
        ClockGrade.Holdover => new("时间未校准", "Clock not checked"),
        _ => new("时间未设置", "Clock not set"),
    });

    private KioskSign DeviceSign() => devices.NotWell is var failing and > 0
        ? new("devices", Well: false, new($"{failing} 台设备故障", failing == 1 ? "1 device down" : $"{failing} devices down"))
        : new("devices", Well: true, new("设备正常", "Devices well"));

    private IEnumerable<KioskSign> LinkSign()
    {
        if (uplink is not null)
            yield return uplink.Link?.Phase is MqttLinkPhase.Online ? new("link", Well: true, new("已联网", "Online")) : new("link", Well: false, new("未联网", "Offline"));
    }
}
