using System.Text;
using System.Text.Json;
using EdgeGate.Access;

namespace EdgeGate.Service.Passing;

/// <summary>The mode the lane's portal is in; outlives restarts and power cuts.</summary>
internal sealed partial class LaneMode
{
    private readonly string _file;
    private volatile PortalMode _current;

    /// <param name="file">A word. Without a file, or with one that cannot be read, the mode is normal: the rules still judge everybody.</param>
    public LaneMode(string file, ILogger<LaneMode> log)
    {
        _file = file;
        try
        {
            if (!File.Exists(file))
                return;
            var written = File.ReadAllText(file).Trim();
            _current = Enum.GetValues<PortalMode>().First(mode => Word(mode) == written);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            LogUnreadable(log, file, unreadable);
        }
    }

    public PortalMode Current => _current;

    /// <summary>In force when it is on disk.</summary>
    /// <exception cref="IOException">It could not be written; the mode stays as it was.</exception>
    public void Set(PortalMode mode)
    {
        DurableFile.Write(_file, Encoding.ASCII.GetBytes(Word(mode) + "\n"));
        _current = mode;
    }

    private static string Word(PortalMode mode) => JsonNamingPolicy.KebabCaseLower.ConvertName(mode.ToString());

    [LoggerMessage(LogLevel.Error, "The portal's mode cannot be read from {File}; it is normal until somebody sets it again")]
    private static partial void LogUnreadable(ILogger log, string file, Exception cause);
}
