using EdgeGate.Messages.Commands;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Settings;

namespace EdgeGate.Service.Tests.Commands;

public sealed class SettingsChangeTests : IAsyncLifetime
{
    private static readonly string Good = SmallSettings.WithCommandKey(GateUnderCommand.KeyId).Replace("\"localhost\"", "\"broker-2\"", StringComparison.Ordinal);

    private GateUnderCommand _gate = null!;

    public async Task InitializeAsync() => _gate = await GateUnderCommand.StartAsync();

    public async Task DisposeAsync() => await _gate.DisposeAsync();

    [Fact]
    public async Task Settings_go_on_trial_with_a_new_start_after_the_answer()
    {
        var command = Apply(Good);

        var reply = await _gate.AskAsync(command);

        Assert.Equal(CommandOutcome.Taken, reply.Outcome);
        Assert.True(_gate.Restart.IsAsked);
        Assert.Equal(new ProposedSettings(command.Id, 30, Good, TrialPhase.Proposed), _gate.Trial.Current);
    }

    [Theory]
    [InlineData("\"site\": \"estate\"", "\"site\": \"other\"", "site and gate cannot be changed by a command: they are part of every record")]
    [InlineData("\"gate-1\"", "\"gate-2\"", "site and gate cannot be changed by a command: they are part of every record")]
    [InlineData("/var/lib/edgegate", "/tmp", "dataDirectory cannot be changed by a command: the journal is there")]
    [InlineData("\"broker\": { \"host\": \"broker-2\" },", "", "they name no broker: the gate could not be reached any more")]
    [InlineData("\"id\": \"center\"", "\"id\": \"thief\"", "they do not hold the key center, which sent them: the gate would not obey it any more")]
    [InlineData("\"entry\"", "\"up\"", "lanes[0].direction (line 5) must be one of entry, exit, not \"up\".")]
    public async Task Settings_that_cannot_work_are_refused_with_the_reason(string written, string instead, string words)
    {
        Assert.Contains(written, Good, StringComparison.Ordinal);

        var reply = await _gate.AskAsync(Apply(Good.Replace(written, instead, StringComparison.Ordinal)));

        Assert.Equal((CommandOutcome.Refused, CommandReason.NotPossible, words), (reply.Outcome, reply.Reason, reply.Text));
        Assert.False(_gate.Restart.IsAsked);
        Assert.Null(_gate.Trial.Current);
    }

    [Fact]
    public async Task While_settings_are_on_trial_no_others_are_taken()
    {
        await _gate.AskAsync(Apply(Good));

        Assert.Equal(CommandReason.NotPossible, (await _gate.AskAsync(Apply(Good))).Reason);
    }

    [Fact]
    public async Task A_machine_that_cannot_be_started_anew_says_why()
    {
        _gate.RebootFault = "not allowed";

        var reply = await _gate.AskAsync(_gate.Fresh(new RebootCommand("a test")));

        Assert.Equal((CommandOutcome.Failed, "the machine was not started anew: not allowed"), (reply.Outcome, reply.Text));
    }

    private ApplySettingsCommand Apply(string settings) => _gate.Fresh(new ApplySettingsCommand(settings, WithinSeconds: 30));
}
