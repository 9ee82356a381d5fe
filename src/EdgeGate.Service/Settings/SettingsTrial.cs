using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeGate.Service.Settings;

internal enum TrialPhase
{
    /// <summary>To be begun by the next start.</summary>
    Proposed,

    /// <summary>In force. A start that finds this knows that the gate stopped in the middle: it goes back.</summary>
    Running,

    /// <summary>They work. What is left is to write them into gate.json, and to record it.</summary>
    Confirmed,

    /// <summary>They did not work. What is left is to record it.</summary>
    Reverted,
}

/// <param name="Command">Id of the command that brought the settings.</param>
/// <param name="WithinSeconds">How long they have to show that they work.</param>
/// <param name="Settings">Text of the whole file.</param>
/// <param name="Cause">Why they were taken back.</param>
internal sealed record ProposedSettings(string Command, int WithinSeconds, string Settings, TrialPhase Phase, string? Cause = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ProposedSettings))]
internal sealed partial class TrialShapes : JsonSerializerContext;

/// <summary>
/// New settings on probation, in a file beside gate.json. Each step is on disk before the next is taken, and gate.json is not touched before they
/// have shown that they work: whenever the gate is killed or loses its power, the next start either goes back or finishes what was confirmed.
/// </summary>
internal sealed class SettingsTrial(string settingsFile)
{
    private readonly string _file = Path.GetFullPath(settingsFile);

    private string TrialFile => _file + ".trial";

    /// <summary>Where the settings before the last confirmed ones are kept.</summary>
    public string PreviousFile => _file + ".previous";

    /// <summary>Null when there is none. What cannot be read was never begun, or is damaged: gate.json is whole.</summary>
    public ProposedSettings? Current
    {
        get
        {
            try
            {
                return File.Exists(TrialFile) ? JsonSerializer.Deserialize(File.ReadAllBytes(TrialFile), TrialShapes.Default.ProposedSettings) : null;
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
            {
                return null;
            }
        }
    }

    /// <exception cref="IOException">The directory of gate.json cannot be written.</exception>
    public void Write(ProposedSettings trial)
    {
        DurableFile.Write(TrialFile, JsonSerializer.SerializeToUtf8Bytes(trial, TrialShapes.Default.ProposedSettings));
        if (trial.Phase is TrialPhase.Confirmed)
            TakeOver(trial);
    }

    /// <summary>
    /// What the gate starts with. A trial that was proposed begins; one that was running ends: the gate stopped in the middle of it.
    /// </summary>
    /// <returns>The trial, begun or ended, and not yet recorded; null when there is none.</returns>
    /// <exception cref="IOException">The directory of gate.json cannot be written.</exception>
    public ProposedSettings? Advance()
    {
        switch (Current)
        {
            case { Phase: TrialPhase.Proposed } proposed:
                Write(proposed = proposed with { Phase = TrialPhase.Running });
                return proposed;
            case { Phase: TrialPhase.Running } interrupted:
                Write(interrupted = interrupted with { Phase = TrialPhase.Reverted, Cause = "the gate stopped while they were on trial" });
                return interrupted;
            case { Phase: TrialPhase.Confirmed } confirmed:
                TakeOver(confirmed); // once more: the power may have gone in between
                return confirmed;
            case var other:
                return other;
        }
    }

    /// <summary>It is on record.</summary>
    /// <exception cref="IOException">It could not be removed, and will be recorded once more.</exception>
    public void Forget()
    {
        try
        {
            File.Delete(TrialFile);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    private void TakeOver(ProposedSettings confirmed)
    {
        var fresh = Encoding.UTF8.GetBytes(confirmed.Settings);
        var before = File.Exists(_file) ? File.ReadAllBytes(_file) : [];
        if (before.AsSpan().SequenceEqual(fresh))
            return;
        DurableFile.Write(PreviousFile, before);
        DurableFile.Write(_file, fresh);
        new LastGoodSettings(_file).Keep();
    }
}
