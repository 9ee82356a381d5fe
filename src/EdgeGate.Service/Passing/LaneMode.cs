using System.Text;
using System.Text.Json;
using EdgeGate.Access;

namespace EdgeGate.Service.Passing;

/// <summary>The mode the lane's portal is in: as somebody set it, which outlives restarts and power cuts, else as the hours say.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A semaphore whose handle nobody asks for has nothing to dispose of.")]
internal sealed partial class LaneMode
{
    private const string ByHours = "by-hours";

    private readonly string _file;
    private readonly Func<PortalMode> _byHours;
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Boxed, so that it is read and written whole; null while the hours decide.</summary>
    private volatile object? _set;

    /// <param name="file">A word. Without a file, or with one that cannot be read, the hours decide.</param>
    /// <param name="byHours">What the lane's hours say now; always normal when left out: the rules still judge everybody.</param>
    public LaneMode(string file, ILogger<LaneMode> log, Func<PortalMode>? byHours = null)
    {
        (_file, _byHours) = (file, byHours ?? (() => PortalMode.Normal));
        try
        {
            if (!File.Exists(file))
                return;
            var written = File.ReadAllText(file).Trim();
            _set = written is ByHours ? null : Enum.GetValues<PortalMode>().First(mode => Word(mode) == written);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            LogUnreadable(log, file, unreadable);
        }
    }

    /// <summary>Whether nobody has set a mode.</summary>
    public bool FollowsHours => _set is null;

    public PortalMode Current => _set is PortalMode set ? set : _byHours();

    /// <summary>Of two guards, or a guard and a command, one after the other puts a mode on record and sets it: the last on record is the one in force.</summary>
    /// <returns>To be disposed when the mode is set.</returns>
    public async Task<IDisposable> TakeTurnAsync()
    {
        await _turn.WaitAsync(CancellationToken.None); // a record and a small file: it comes to its end
        return new Turn(_turn);
    }

    /// <summary>In force when it is on disk. Under <see cref="TakeTurnAsync"/>, which the record of it was made under too.</summary>
    /// <param name="mode">Null to follow the hours again.</param>
    /// <exception cref="IOException">It could not be written; the mode stays as it was.</exception>
    public void Set(PortalMode? mode)
    {
        DurableFile.Write(_file, Encoding.ASCII.GetBytes((mode is { } word ? Word(word) : ByHours) + "\n"));
        _set = mode;
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }

    private static string Word(PortalMode mode) => JsonNamingPolicy.KebabCaseLower.ConvertName(mode.ToString());

    [LoggerMessage(LogLevel.Error, "The portal's mode cannot be read from {File}; the lane's hours decide until somebody sets it again")]
    private static partial void LogUnreadable(ILogger log, string file, Exception cause);
}
