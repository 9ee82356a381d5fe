using System.Text.Json;
using EdgeGate.Devices.Portals;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Tests.Passing;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Tests.Time;

public sealed class ClockWatchTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);
    private LaneUnderTest _lane = null!;
    private ClockWatch _watch = null!;

    public async Task InitializeAsync()
    {
        _lane = await LaneUnderTest.CreateAsync();
        _watch = new ClockWatch(_lane.Clock, _lane.Journal, _lane.Keeper, _lane.Time, new ListLogger<ClockWatch>());
        var timers = _lane.Time.WaitingTimers;
        await _watch.StartAsync(CancellationToken.None);
        await Patience.Until(() => _lane.Time.WaitingTimers > timers);
    }

    public async Task DisposeAsync()
    {
        await _watch.StopAsync(CancellationToken.None);
        await _lane.DisposeAsync();
    }

    public void Dispose() => _watch.Dispose();

    [Fact]
    public async Task A_clock_that_is_set_is_recorded_with_the_step_and_the_records_it_concerns()
    {
        await RecordAsync();
        await RecordAsync();

        _lane.Time.StepWallClock(_lane.Time.GetUtcNow() + TimeSpan.FromDays(30));
        _lane.Time.Advance(Look);
        await _lane.Journal.WaitForAppendAsync(2, CancellationToken.None).InTime();

        var record = JsonDocument.Parse((await _lane.Journal.ReadAsync(3, 1, CancellationToken.None))[0].Payload).RootElement;
        Assert.Equal(ClockSteppedRecord.Type, record.GetProperty("type").GetString());
        var data = record.GetProperty("data");
        Assert.Equal(TimeSpan.FromDays(30).TotalSeconds, data.GetProperty("stepSeconds").GetDouble());
        Assert.Equal((1, 2), (data.GetProperty("first").GetInt64(), data.GetProperty("last").GetInt64()));
    }

    [Fact]
    public async Task A_second_step_concerns_only_what_came_after_the_first()
    {
        await RecordAsync();
        _lane.Time.StepWallClock(_lane.Time.GetUtcNow() - TimeSpan.FromDays(7));
        _lane.Time.Advance(Look);
        await _lane.Journal.WaitForAppendAsync(1, CancellationToken.None).InTime();
        _lane.Time.StepWallClock(_lane.Time.GetUtcNow() + TimeSpan.FromDays(7));
        await Patience.Until(() =>
        {
            _lane.Time.Advance(Look);
            return _lane.Journal.LastSequence > 2;
        });

        var data = JsonDocument.Parse((await _lane.Journal.ReadAsync(3, 1, CancellationToken.None))[0].Payload).RootElement.GetProperty("data");
        Assert.Equal(2, data.GetProperty("first").GetInt64());
    }

    [Fact]
    public async Task Time_that_only_passes_makes_no_record()
    {
        for (var looks = 1; looks <= 5; looks++)
        {
            _lane.Time.Advance(Look);
            await RecordAsync(); // meanwhile the watch looks: a clock that were moved under its eyes would seem to have stepped
            Assert.Equal(looks, _lane.Journal.LastSequence);
        }
    }

    private ValueTask<long> RecordAsync() =>
        _lane.Keeper.PassageAsync("lane-1", 1, new PortalResult.Moved(), CancellationToken.None);
}
