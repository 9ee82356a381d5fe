namespace EdgeGate.SystemTests.Soak;

/// <summary>A wall clock that can be set for one process while it runs, by Debian's libfaketime; its monotonic clock goes on.</summary>
internal sealed class SettableClock
{
    private readonly string _file;

    private SettableClock(string library, string file)
    {
        _file = file;
        Offset = "+0";
        Environment = new()
        {
            ["LD_PRELOAD"] = library,
            ["FAKETIME_TIMESTAMP_FILE"] = file,
            ["FAKETIME_CACHE_DURATION"] = "1", // seconds; without a cache every look at the clock reads the file
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        };
    }

    /// <summary>For the process.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>From the true time, as <c>faketime(1)</c> writes it: "+30d".</summary>
    public string Offset
    {
        set
        {
            File.WriteAllText(_file + ".new", value + "\n");
            File.Move(_file + ".new", _file, overwrite: true); // never seen empty
        }
    }

    /// <returns>Null where the library is not installed.</returns>
    public static SettableClock? TryMake(string file) =>
        Directory.GetDirectories("/usr/lib", "*-linux-gnu").Select(directory => Path.Combine(directory, "faketime", "libfaketime.so.1")).FirstOrDefault(File.Exists) is { } library
            ? new SettableClock(library, file)
            : null;
}
