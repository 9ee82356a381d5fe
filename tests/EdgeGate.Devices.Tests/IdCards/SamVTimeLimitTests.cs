using EdgeGate.Devices.IdCards;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.IdCards;

/// <summary>The driver's clockwork: the test plays the module, byte by byte, and moves the time.</summary>
public sealed class SamVTimeLimitTests : IDisposable
{
    private static readonly byte[] Found = SamVFrame.Encode([0, 0, 0x9F, 0, 0, 0, 0]);
    private static readonly byte[] NoCard = SamVFrame.Encode([0, 0, 0x80]);
    private static readonly byte[] Selected = SamVFrame.Encode([0, 0, 0x90, 0, 0, 0, 0, 0, 0, 0, 0]);
    private static readonly byte[] ReadFailed = SamVFrame.Encode([0, 0, 0x41]);
    private static readonly byte[] Done = SamVFrame.Encode([0, 0, 0x90]);

    private readonly ManualTime _time = new();
    private readonly LoopbackLine _device;
    private readonly IAsyncEnumerator<IdCardEvent> _events;
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60), TimeProvider.System);
    private Task<bool> _next;

    public SamVTimeLimitTests()
    {
        (var host, _device) = LoopbackLine.CreatePair();
        _events = new SamVReader(host, new SamVOptions(), _time).ReadAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);
        _next = _events.MoveNextAsync().AsTask();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    [Fact]
    public async Task Three_commands_without_an_answer_and_the_module_is_out_of_service()
    {
        for (var command = 0; command < 3; command++)
        {
            Assert.False(_next.IsCompleted);
            await HearAsync(SamVCommand.FindCard);
            await PassAsync(TimeSpan.FromSeconds(1)); // no answer
            await PassAsync(TimeSpan.FromMilliseconds(200)); // the line settles
            await PassAsync(TimeSpan.FromMilliseconds(250)); // until it is asked again
        }
        Assert.Equal(new ModuleOutOfService(ModuleFault.Silent), await EventAsync());

        await PassAsync(TimeSpan.FromSeconds(5));
        await HearAsync(SamVCommand.ModuleStatus);
        await SayAsync(Done);
        Assert.IsType<ModuleBackInService>(await EventAsync());
    }

    [Fact]
    public async Task A_card_is_looked_for_every_quarter_second()
    {
        await HearAsync(SamVCommand.FindCard);
        await SayAsync(NoCard);
        Assert.InRange(await PassUntilAsync(HearAsync(SamVCommand.FindCard)), TimeSpan.FromMilliseconds(250), TimeSpan.MaxValue);
    }

    [Fact]
    public async Task The_late_answer_to_a_find_is_not_taken_for_the_answer_to_a_select()
    {
        await HearAsync(SamVCommand.FindCard);
        await SayAsync([.. Found, .. Found]); // the second is the late answer to the command before
        Assert.IsType<CardPresent>(await EventAsync());
        await HearAsync(SamVCommand.SelectCard);
        await SayAsync(Found);
        await SayAsync(Selected);
        await HearAsync(SamVCommand.ReadCard);
    }

    [Fact]
    public async Task The_late_answer_to_a_select_is_not_taken_for_the_answer_to_a_read()
    {
        await HearAsync(SamVCommand.FindCard);
        await SayAsync(Found);
        Assert.IsType<CardPresent>(await EventAsync());
        await HearAsync(SamVCommand.SelectCard);
        await SayAsync(Selected);
        await HearAsync(SamVCommand.ReadCard);
        await SayAsync(Selected);
        await SayAsync(ReadFailed);
        await HearAsync(SamVCommand.FindCard); // not a reset, which a lost reply would call for
    }

    [Fact]
    public async Task An_answer_that_comes_after_its_time_is_thrown_away_before_the_next_command()
    {
        await HearAsync(SamVCommand.FindCard);
        await PassAsync(TimeSpan.FromSeconds(1));
        await SayAsync(Found); // too late: the line is settling
        // The line settles for 200 ms, and the next look is 250 ms later.
        Assert.InRange(await PassUntilAsync(HearAsync(SamVCommand.FindCard)), TimeSpan.FromMilliseconds(450), TimeSpan.MaxValue);
        Assert.False(_next.IsCompleted);
    }

    [Fact]
    public async Task A_line_that_babbles_is_no_better_than_a_silent_one()
    {
        var said = Task.CompletedTask;
        while (!_next.IsCompleted)
        {
            if (said.IsCompleted) // the line is full while the driver does not listen
                said = SayAsync([0x00, 0xAA, .. NoCard.AsSpan(..^1), 0x00]).AsTask(); // noise and damaged replies without end
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
        Assert.Equal(new ModuleOutOfService(ModuleFault.Silent), await EventAsync());
    }

    /// <summary>Lets exactly this much time pass for a driver that waits that long, until it waits for the next thing.</summary>
    private async Task PassAsync(TimeSpan by)
    {
        await WaitingAsync();
        _time.Advance(by);
        await WaitingAsync();
    }

    private async Task WaitingAsync()
    {
        while (_time.WaitingTimers == 0 && !_next.IsCompleted)
            await Task.Yield();
    }

    /// <summary>
    /// Moves the clock until something has happened; the driver may lag behind, so what it returns is exact from below
    /// only. Less than the driver's time limit for a reply in all, or a driver that lags would run into it.
    /// </summary>
    private async Task<TimeSpan> PassUntilAsync(Task happened)
    {
        var passed = TimeSpan.Zero;
        while (!happened.IsCompleted)
        {
            if (_time.WaitingTimers > 0 && passed < TimeSpan.FromMilliseconds(900)) // a driver that lags waits for nothing yet
            {
                _time.Advance(TimeSpan.FromMilliseconds(10));
                passed += TimeSpan.FromMilliseconds(10);
            }
            await Task.Yield();
        }
        await happened;
        return passed;
    }

    private async Task HearAsync(SamVCommand command)
    {
        var read = await _device.Input.ReadAtLeastAsync(command.Frame.Length, _stop.Token);
        Assert.Equal(command.Frame.ToArray(), System.Buffers.BuffersExtensions.ToArray(read.Buffer));
        _device.Input.AdvanceTo(read.Buffer.End);
    }

    private ValueTask SayAsync(byte[] bytes) => _device.WriteAsync(bytes, _stop.Token);

    private async Task<IdCardEvent> EventAsync()
    {
        Assert.True(await _next);
        var current = _events.Current;
        _next = _events.MoveNextAsync().AsTask();
        return current;
    }
}
