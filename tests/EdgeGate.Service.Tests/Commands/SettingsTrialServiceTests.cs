using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Commands;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Passing;
using EdgeGate.Service.Uplink;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGate.Service.Tests.Commands;

/// <summary>A trial whose directory cannot be written any more: the card is full, or was remounted for reading only.</summary>
public sealed class SettingsTrialServiceTests : IAsyncLifetime, IDisposable
{
    private static readonly ProposedSettings Running = new("command-1", WithinSeconds: 30, "{ }", TrialPhase.Running);

    private readonly TemporaryDirectory _directory = new();
    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly ListLogger<SettingsTrialService> _log = new();
    private readonly CommandKeyRing _keys = new();
    private GateRestart _restart = null!;
    private LaneUnderTest _lane = null!;

    public async Task InitializeAsync() => (_restart, _lane) = (new GateRestart(_lifetime), await LaneUnderTest.CreateAsync());

    public async Task DisposeAsync() => await _lane.DisposeAsync();

    public void Dispose()
    {
        _keys.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Settings_that_do_not_work_end_with_a_new_start_also_when_their_end_cannot_be_written()
    {
        Directory.CreateDirectory(_directory["gate.json.trial.new"]); // in the way of every write
        using var service = Serve(Running);
        await service.StartAsync(CancellationToken.None);

        await Patience.Until(() =>
        {
            _lane.Time.Advance(TimeSpan.FromSeconds(1));
            return _restart.IsAsked || service.ExecuteTask!.IsCompleted;
        });

        Assert.True(_restart.IsAsked);
        Assert.False(service.ExecuteTask!.IsFaulted); // which would stop the gate without a new start
    }

    [Fact]
    public async Task What_came_of_a_trial_is_on_record_once_though_its_file_cannot_be_removed()
    {
        Directory.CreateDirectory(_directory["gate.json.trial"]); // no file can be removed there
        using var service = Serve(Running with { Phase = TrialPhase.Reverted, Cause = "a test" });
        await service.StartAsync(CancellationToken.None);
        await _lane.RecordsAsync(atLeast: 1);

        for (var tries = 0; tries < 3; tries++)
        {
            var told = _log.Lines.Count;
            await Patience.Until(() =>
            {
                _lane.Time.Advance(TimeSpan.FromSeconds(5));
                return _log.Lines.Count > told;
            });
        }

        Assert.Equal(SettingsTrialRecord.Type, Assert.Single(_lane.Records()).GetProperty("type").GetString());
        await service.StopAsync(CancellationToken.None).InTime();
    }

    private SettingsTrialService Serve(ProposedSettings proposed) => new(
        new SettingsTrial(_directory["gate.json"]), proposed, new UplinkStatus(), _keys, _lane.Devices, _lane.Journal, _lane.Keeper, _restart, _lane.Clock, _lane.Time, _log);
}
