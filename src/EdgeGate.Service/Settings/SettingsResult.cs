namespace EdgeGate.Service.Settings;

/// <summary>What a settings file came to.</summary>
internal abstract record SettingsResult
{
    /// <summary>The gate can run with it. The notes say what an installer may want to look at again.</summary>
    public sealed record Valid(GateSettings Settings, IReadOnlyList<SettingsFinding> Notes) : SettingsResult;

    /// <summary>Every fault found, roughly in the order of the file.</summary>
    public sealed record Invalid(IReadOnlyList<SettingsFinding> Faults) : SettingsResult;
}

/// <summary>One sentence about one setting, for the person who wrote it.</summary>
/// <param name="Path">For example <c>readers[0].port</c>, or the file, or an environment variable.</param>
/// <param name="Where">For example <c>line 12</c>, or the environment variable it came from; null when nobody wrote it.</param>
/// <param name="Text">What is wrong and what would be right; goes on from the path.</param>
internal sealed record SettingsFinding(string Path, string? Where, string Text)
{
    public override string ToString() => Where is null ? $"{Path} {Text}" : $"{Path} ({Where}) {Text}";
}
