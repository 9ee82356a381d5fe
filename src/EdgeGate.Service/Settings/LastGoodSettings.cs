namespace EdgeGate.Service.Settings;

/// <summary>
/// A copy of the settings the gate last started with, beside the settings file: a slip of the editor must not keep people out.
/// </summary>
internal sealed class LastGoodSettings(string settingsFile)
{
    public string Path { get; } = System.IO.Path.GetFullPath(settingsFile) + ".last-good";

    public bool Exists => File.Exists(Path);

    /// <summary>Does nothing where the directory cannot be written: the copy is a convenience, the settings are in force already.</summary>
    public void Keep()
    {
        try
        {
            File.Copy(settingsFile, Path + ".new", overwrite: true);
            File.Move(Path + ".new", Path, overwrite: true);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
        }
    }
}
