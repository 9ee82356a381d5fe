using EdgeGate.Devices.Ports;
using EdgeGate.Service.Health;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Hardware;

/// <summary>Says at the foot of a lane's screen which of its devices is not as it should be and since when, for the staff who pass by.</summary>
internal sealed class DeviceNotices(IReadOnlyList<LaneSettings> lanes, Lanes running, DeviceBoard board) : IHostedService
{
    private const int MostOfId = 16;

    private readonly Lock _showing = new();

    private static readonly KioskNotice Nothing = new(new Bilingual("", ""), NoticeRank.Device, EndsAt: long.MinValue);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        board.Changed += Show;
        foreach (var lane in lanes)
            Show(lane);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        board.Changed -= Show; // at the end every device is closed, which is no trouble of theirs
        return Task.CompletedTask;
    }

    /// <summary>Of several devices one that was swapped, else the one that has been in trouble for longest; null when all are well.</summary>
    internal static Bilingual? Words(IEnumerable<DeviceStatus> devices)
    {
        var troubled = devices.Where(device => device.State is not (DeviceState.Connected or DeviceState.Closed)).MinBy(device => (device.State is not DeviceState.Swapped, device.Since));
        return troubled is null ? null : new Bilingual(
            $"{Short(troubled.DeviceId)} {Chinese(troubled.State)}（{troubled.Since.ToLocalTime():HH:mm} 起）",
            $"{Short(troubled.DeviceId)} {English(troubled.State)} since {troubled.Since.ToLocalTime():HH:mm}");
    }

    private void Show(DeviceStatus changed)
    {
        foreach (var lane in lanes.Where(lane => lane.Devices().Any(device => device.Id == changed.DeviceId)))
            Show(lane);
    }

    private void Show(LaneSettings lane)
    {
        var ids = lane.Devices().Select(device => device.Id).ToHashSet(StringComparer.Ordinal);
        using var one = _showing.EnterScope(); // devices change on threads of their own: whoever posts last has looked last
        var words = Words(board.Devices.Where(device => ids.Contains(device.DeviceId)));
        running.Find(lane.Id)!.Kiosk.Post(words is null ? Nothing : new KioskNotice(words, NoticeRank.Device, EndsAt: long.MaxValue));
    }

    /// <summary>The line at the foot of a 480 pixel screen holds 48 narrow letters.</summary>
    private static string Short(string id) => id.Length <= MostOfId ? id : id[..(MostOfId - 1)] + "…";

    private static string Chinese(DeviceState state) => state switch
    {
        DeviceState.Absent => "未连接",
        DeviceState.Silent => "无应答",
        DeviceState.Swapped => "已被更换",
        DeviceState.Doubtful => "待检查",
        DeviceState.HeldByAnother => "被占用",
        DeviceState.NotPermitted => "无权限",
        _ => "故障",
    };

    private static string English(DeviceState state) => state switch
    {
        DeviceState.Absent => "not connected",
        DeviceState.Silent => "gives no answer",
        DeviceState.Swapped => "swapped",
        DeviceState.Doubtful => "to be checked",
        DeviceState.HeldByAnother => "taken by a program",
        DeviceState.NotPermitted => "not permitted",
        _ => "faulty",
    };
}
