using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary>Reads the settings for a command and tells a person at the terminal what is wrong with them.</summary>
internal static class EdgeGateSettings
{
    /// <summary>As many as fit a few screens: who has more has named the wrong file.</summary>
    private const int MostFaultsTold = 50;

    public static SettingsResult Read(string file) => SettingsFile.Read(Path.GetFullPath(file), SettingsEnvironment.OfThisProcess);

    public static void Tell(TextWriter to, string file, IReadOnlyList<SettingsFinding> faults)
    {
        to.WriteLine(faults.Count == 1 ? $"{file}: one fault" : $"{file}: {faults.Count} faults");
        foreach (var fault in faults.Take(MostFaultsTold))
            to.WriteLine("  " + fault);
        if (faults.Count > MostFaultsTold)
            to.WriteLine($"  and {faults.Count - MostFaultsTold} more");
    }
}
