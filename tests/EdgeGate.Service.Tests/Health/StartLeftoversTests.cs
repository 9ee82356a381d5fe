using EdgeGate.Access;
using EdgeGate.Service.Health;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Health;

/// <summary>What the start left in memory goes when nobody has to wait for it.</summary>
public sealed class StartLeftoversTests
{
    private readonly ManualTime _time = new();
    private readonly Lane _lane = new(new LaneOptions { Id = "lane", Encounter = new EncounterOptions() }, null!, null!, null!, null!, null!);
    private int _given;

    [Fact]
    public async Task Nobody_who_is_at_the_gate_waits_for_it()
    {
        _lane.Sight.Show(new KioskView(KioskFace.Gathering), waiting: null);
        using var leftovers = new StartLeftovers(new Lanes([_lane]), _time) { GiveBack = () => Interlocked.Increment(ref _given) };
        await leftovers.StartAsync(CancellationToken.None);
        await PassAsync(StartLeftovers.After);
        _lane.Sight.Show(new KioskView(KioskFace.Granted), waiting: null);
        await PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(0, Volatile.Read(ref _given));

        _lane.Sight.Show(new KioskView(KioskFace.Idle), waiting: null);
        await PassAsync(TimeSpan.FromSeconds(1), goesOn: false);

        await leftovers.ExecuteTask!.InTime();
        Assert.Equal(1, _given);
    }

    /// <summary>The clock moves when it is waited for, and what it brings has happened on return.</summary>
    private async Task PassAsync(TimeSpan passes, bool goesOn = true)
    {
        await Patience.Until(() => _time.WaitingTimers == 1);
        _time.Advance(passes);
        if (goesOn)
            await Patience.Until(() => _time.WaitingTimers == 1);
    }
}
