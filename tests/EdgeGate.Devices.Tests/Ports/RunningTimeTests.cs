using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Ports;

public sealed class RunningTimeTests
{
    [Fact]
    public async Task Time_goes_on_by_itself_and_a_stall_of_the_machine_is_none()
    {
        var machine = new StallingTime();
        await using var running = new RunningTime(machine);
        var began = running.Clock.GetTimestamp();

        await Patience.Until(() => Passed() > TimeSpan.FromMilliseconds(30));
        machine.Stall(TimeSpan.FromHours(1));
        var before = Passed();
        await Patience.Until(() => Passed() > before + TimeSpan.FromMilliseconds(30));

        Assert.True(Passed() < TimeSpan.FromMinutes(30), $"the stall was passed on: {Passed()}");

        TimeSpan Passed() => running.Clock.GetElapsedTime(began);
    }

    /// <summary>The system's clock, on a machine that can be made to stand still.</summary>
    private sealed class StallingTime : TimeProvider
    {
        private long _stalled;

        public override long TimestampFrequency => System.TimestampFrequency;

        public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _stalled);

        public void Stall(TimeSpan time) => Interlocked.Add(ref _stalled, (long)(time.TotalSeconds * TimestampFrequency));
    }
}
