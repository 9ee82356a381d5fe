using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Tests.Settings;

public sealed class SettingsTrialTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SettingsTrial _trial;
    private readonly ProposedSettings _proposed = new("command-1", 30, "{ \"new\": true }", TrialPhase.Proposed);

    public SettingsTrialTests()
    {
        File.WriteAllText(GateJson, "{ }");
        _trial = new SettingsTrial(GateJson);
    }

    private string GateJson => _directory["gate.json"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Without_a_trial_nothing_happens() => Assert.Null(_trial.Advance());

    [Fact]
    public void A_proposed_trial_begins_at_the_next_start_and_leaves_the_settings_file_alone()
    {
        _trial.Write(_proposed);

        Assert.Equal(_proposed with { Phase = TrialPhase.Running }, _trial.Advance());
        Assert.Equal("{ }", File.ReadAllText(GateJson));
    }

    [Fact]
    public void A_start_in_the_middle_of_a_trial_goes_back()
    {
        _trial.Write(_proposed);
        _trial.Advance();

        Assert.Equal(_proposed with { Phase = TrialPhase.Reverted, Cause = "the gate stopped while they were on trial" }, new SettingsTrial(GateJson).Advance());
        Assert.Equal("{ }", File.ReadAllText(GateJson));
    }

    [Fact]
    public void Confirmed_settings_are_in_the_file_and_those_before_are_kept()
    {
        _trial.Write(_proposed with { Phase = TrialPhase.Confirmed });

        Assert.Equal(_proposed.Settings, File.ReadAllText(GateJson));
        Assert.Equal("{ }", File.ReadAllText(_trial.PreviousFile));
        Assert.Equal(_proposed.Settings, File.ReadAllText(new LastGoodSettings(GateJson).Path));
    }

    [Fact]
    public void A_power_cut_between_confirming_and_the_file_is_made_good()
    {
        _trial.Write(_proposed with { Phase = TrialPhase.Confirmed });
        File.WriteAllText(GateJson, "{ }"); // as it was

        Assert.Equal(TrialPhase.Confirmed, _trial.Advance()?.Phase);
        Assert.Equal(_proposed.Settings, File.ReadAllText(GateJson));
    }

    [Fact]
    public void An_ended_trial_waits_for_its_record_through_any_number_of_starts()
    {
        var ended = _proposed with { Phase = TrialPhase.Reverted, Cause = "a test" };
        _trial.Write(ended);

        Assert.Equal(ended, _trial.Advance());
        Assert.Equal(ended, _trial.Advance());
        _trial.Forget();
        Assert.Null(_trial.Advance());
    }

    [Fact]
    public void A_damaged_trial_is_none()
    {
        File.WriteAllText(GateJson + ".trial", "{ \"phase\":");

        Assert.Null(_trial.Advance());
    }
}
