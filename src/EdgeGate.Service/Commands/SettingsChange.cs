using System.Text;
using EdgeGate.Messages.Commands;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Commands;

/// <summary>Settings that a command brings: whether they could work at all, and if so, their trial.</summary>
/// <param name="inForce">Those the gate runs with.</param>
/// <param name="trial">Null where the gate was started without a settings file.</param>
internal sealed class SettingsChange(GateSettings inForce, SettingsTrial? trial, GateRestart restart)
{
    private const int MostFaultsTold = 3;

    /// <summary>Why this gate will not try them, in words; null when it will.</summary>
    /// <param name="keyId">Who sent them.</param>
    public string? WhyNot(ApplySettingsCommand command, string keyId)
    {
        if (trial is null)
            return "this gate was started without a settings file";
        if (trial.Current is not null)
            return "other settings are on trial: wait until they are in force or taken back";
        return SettingsFile.Parse(Encoding.UTF8.GetBytes(command.Settings), "the settings", SettingsEnvironment.OfThisProcess) switch
        {
            SettingsResult.Invalid { Faults: var faults } => string.Join(" ", faults.Take(MostFaultsTold).Select(fault => fault.ToString()))
                + (faults.Count > MostFaultsTold ? $" And {faults.Count - MostFaultsTold} more faults." : ""),
            SettingsResult.Valid { Settings: var asked } => WhyNot(asked, keyId),
            var result => throw new NotSupportedException(result.ToString()),
        };
    }

    /// <summary>After them the gate must still be the same gate, and must still hear who sent them.</summary>
    private string? WhyNot(GateSettings asked, string keyId) => asked switch
    {
        _ when (asked.Site, asked.Gate) != (inForce.Site, inForce.Gate) => "site and gate cannot be changed by a command: they are part of every record",
        _ when asked.DataDirectory != inForce.DataDirectory => "dataDirectory cannot be changed by a command: the journal is there",
        { Broker: null } => "they name no broker: the gate could not be reached any more",
        _ when asked.Commands.Keys.All(key => key.Id != keyId) => $"they do not hold the key {keyId}, which sent them: the gate would not obey it any more",
        _ => null,
    };

    public CommandEffect Apply(ApplySettingsCommand command)
    {
        try
        {
            trial!.Write(new ProposedSettings(command.Id, command.WithinSeconds, command.Settings, TrialPhase.Proposed));
            return new($"the gate starts anew with them; unless broker and every device are healthy within {command.WithinSeconds} s it goes back") { AfterAnswer = restart.Ask };
        }
        catch (IOException unwritable)
        {
            return new($"they could not be kept beside the settings file: {unwritable.Message}", CommandReason.NotStored);
        }
    }
}
