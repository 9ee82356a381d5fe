namespace EdgeGate.Service.Settings;

/// <summary>Reads gate.json and the environment. Whatever they hold, the answer is settings or sentences, never an exception.</summary>
internal static class SettingsFile
{
    private const int LargestBytes = 1024 * 1024;

    /// <summary>A commented gate.json to start from; it is valid as it stands.</summary>
    public static string Sample
    {
        get
        {
            using var resource = new StreamReader(typeof(SettingsFile).Assembly.GetManifestResourceStream("gate.sample.jsonc")!);
            return resource.ReadToEnd();
        }
    }

    /// <param name="path">The file; at most 1 MiB of it is read.</param>
    /// <param name="environment">All variables; those that begin with EDGEGATE_ override the file.</param>
    public static SettingsResult Read(string path, IEnumerable<KeyValuePair<string, string?>> environment)
    {
        var (text, fault) = ReadBytes(path);
        return text is not null ? Parse(text, path, environment) : new SettingsResult.Invalid([new(path, null, fault!)]);
    }

    /// <param name="text">The file's content.</param>
    /// <param name="name">What faults call the file.</param>
    /// <param name="environment">As for <see cref="Read"/>.</param>
    public static SettingsResult Parse(byte[] text, string name, IEnumerable<KeyValuePair<string, string?>> environment)
    {
        var tree = new SettingsTree();
        if (!tree.Parse(text, name))
            return new SettingsResult.Invalid(tree.Faults);
        SettingsEnvironment.Apply(environment, tree);
        return SettingsCheck.Run(tree);
    }

    private static (byte[]? Text, string? Fault) ReadBytes(string path)
    {
        if (Directory.Exists(path))
            return (null, "is a directory: name the settings file in it.");
        try
        {
            using var file = File.OpenRead(path);
            var buffer = new byte[LargestBytes + 1]; // not by the file's length: pipes and /proc have none
            var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length <= LargestBytes ? (buffer[..length], null) : (null, "is larger than 1 MiB, so it is no settings file.");
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, "does not exist: \"edgegate config sample\" prints settings to start from.");
        }
        catch (UnauthorizedAccessException)
        {
            return (null, $"may not be read by user {Environment.UserName}: check its owner and mode.");
        }
        catch (Exception unreadable) when (unreadable is IOException or ArgumentException or NotSupportedException)
        {
            return (null, "cannot be read: " + unreadable.Message);
        }
    }
}
