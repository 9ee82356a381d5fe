using System.Security.Cryptography;
using System.Text;
using EdgeGate.Devices.Ports;
using EdgeGate.Journal;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.Health;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Commands;

/// <summary>
/// Watches over settings on trial: they stay when broker, journal and every device are healthy at one moment within the time, else the gate starts
/// anew with those before. What came of it is a record.
/// </summary>
internal sealed partial class SettingsTrialService(
    SettingsTrial trial, ProposedSettings proposed, UplinkStatus uplink, CommandKeyRing keys, DeviceBoard devices, GateJournal journal, RecordKeeper records, GateRestart restart, GateClock clock,
    TimeProvider time, ILogger<SettingsTrialService> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250), RetryAfter = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var ended = proposed.Phase is TrialPhase.Running ? await TryOutAsync(stoppingToken) : proposed;
        while (!await RecordAsync(ended, stoppingToken))
            await Task.Delay(RetryAfter, time, stoppingToken);
        while (!Forget(ended))
            await Task.Delay(RetryAfter, time, stoppingToken);
    }

    /// <returns>Confirmed. Else the gate stops, and the next start finds them taken back.</returns>
    private async Task<ProposedSettings> TryOutAsync(CancellationToken stopping)
    {
        var (began, within) = (time.GetTimestamp(), TimeSpan.FromSeconds(proposed.WithinSeconds));
        var confirmed = proposed with { Phase = TrialPhase.Confirmed };
        while ((WhatFails() ?? WhyNotWritten(confirmed)) is { } failing)
        {
            if (time.GetElapsedTime(began) >= within)
            {
                LogReverting(proposed.Command, failing);
                WhyNotWritten(proposed with { Phase = TrialPhase.Reverted, Cause = $"after {proposed.WithinSeconds} s: {failing}" }); // unwritten, the next start goes back all the same
                restart.Ask();
                await Task.Delay(Timeout.InfiniteTimeSpan, time, stopping);
            }
            await Task.Delay(LookEvery, time, stopping);
        }
        LogConfirmed(proposed.Command);
        return confirmed;
    }

    private string? WhyNotWritten(ProposedSettings step)
    {
        try
        {
            trial.Write(step);
            return null;
        }
        catch (IOException unwritable)
        {
            return $"the settings file: {unwritable.Message}";
        }
    }

    private string? WhatFails() =>
        uplink.Link?.Phase is not MqttLinkPhase.Online ? $"the broker: {uplink.Link?.Cause ?? "no connection yet"}"
        : keys.Count == 0 ? "none of the command keys can be used"
        : journal.Status.Failure is { } broken ? $"the journal: {broken.Message}"
        : devices.Devices.FirstOrDefault(device => device.State is not DeviceState.Connected) is { } device ? $"{device.DeviceId}: {device.Cause}"
        : null;

    private async Task<bool> RecordAsync(ProposedSettings ended, CancellationToken stopping)
    {
        var now = clock.Read();
        try
        {
            await records.SettingsTrialAsync(
                new SettingsTrialRecord
                {
                    Command = ended.Command,
                    Confirmed = ended.Phase is TrialPhase.Confirmed,
                    Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ended.Settings))),
                    Cause = ended.Cause,
                    Clock = ClockRecord.From(now),
                },
                now,
                stopping);
            return true;
        }
        catch (JournalException notNow)
        {
            LogNotRecorded(ended.Command, notNow);
            return false;
        }
    }

    /// <summary>Not recorded again for that: the directory may stay as it is for weeks.</summary>
    private bool Forget(ProposedSettings ended)
    {
        try
        {
            trial.Forget();
            return true;
        }
        catch (IOException notNow)
        {
            LogNotForgotten(ended.Command, notNow);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "The settings of command {Command} work and are in gate.json now")]
    private partial void LogConfirmed(string command);

    [LoggerMessage(LogLevel.Warning, "The settings of command {Command} do not work, the gate goes back to those before: {Cause}")]
    private partial void LogReverting(string command, string cause);

    [LoggerMessage(LogLevel.Error, "What came of the settings of command {Command} could not be recorded yet")]
    private partial void LogNotRecorded(string command, Exception cause);

    [LoggerMessage(LogLevel.Error, "The trial of command {Command} is on record, and its file cannot be removed yet")]
    private partial void LogNotForgotten(string command, Exception cause);
}
