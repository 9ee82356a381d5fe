using System.Runtime.InteropServices;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;

namespace EdgeGate.Service.Health;

/// <summary>
/// Gives back, once, what only the start needed: settings as text and tree, the contracts they were checked by, what the compiler worked with. 17 MB
/// of 126; the collector by itself comes for it when the memory it may use is full, which on a quiet gate is never.
/// </summary>
internal sealed partial class StartLeftovers(Lanes lanes, TimeProvider time) : BackgroundService
{
    /// <summary>Devices are open by then and pages that were open before have come back.</summary>
    public static readonly TimeSpan After = TimeSpan.FromSeconds(20);

    /// <summary>Nobody is answered while it lasts, so it waits until nobody asks.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public Action GiveBack { get; init; } = Collect;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(After, time, stoppingToken);
        while (lanes.All.Any(lane => lane.Sight.View.Face is KioskFace.Reading or KioskFace.Gathering or KioskFace.Granted or KioskFace.Denied or KioskFace.SeeGuard))
            await Task.Delay(LookEvery, time, stoppingToken);
        GiveBack();
    }

    private static void Collect()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        try
        {
            _ = malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // a C library that is not glibc keeps no such stock
        }
    }

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint keep);
}
