using System.Globalization;
using System.Text;

namespace EdgeGate.Service.Uplink;

/// <summary>
/// Numbers the gate's logins at the broker, over all its starts, so that whoever hears of two of them knows the later one (<see cref="EdgeGate.Messages.Records.GateStateMessage.Session"/>).
/// Written once at each start: the logins of one start are counted within it.
/// </summary>
internal sealed partial class GateSession
{
    /// <summary>Of one start: one a second for eleven days, and links wait longer between attempts.</summary>
    private const long MostLogins = 1_000_000;

    /// <summary>More cannot have been counted, whatever stands in the file.</summary>
    private const long MostStarts = long.MaxValue / MostLogins / 2;

    private readonly long _start;

    private GateSession(long start) => _start = start;

    /// <summary>A start has the second it happened in for a number, or the one after the last where the clock says less: after a file that was lost the numbers still grow, and with a clock put back too.</summary>
    /// <param name="file">The last start's number. One that cannot be read or written is told of; the clock alone then orders starts.</param>
    public static GateSession Begin(string file, TimeProvider time, ILogger<GateSession> log)
    {
        var start = Math.Max(LastIn(file, log) + 1, time.GetUtcNow().ToUnixTimeSeconds());
        try
        {
            DurableFile.Write(file, Encoding.ASCII.GetBytes(start.ToString(CultureInfo.InvariantCulture) + "\n"));
        }
        catch (IOException unwritable)
        {
            LogUnusable(log, file, unwritable);
        }
        return new GateSession(start);
    }

    /// <param name="login">As the link counts them.</param>
    public long Of(long login) => (_start * MostLogins) + Math.Min(login, MostLogins - 1);

    private static long LastIn(string file, ILogger log)
    {
        try
        {
            return !File.Exists(file) ? 0
                : long.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last < MostStarts ? last
                : throw new InvalidDataException("it holds no number of a start");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            LogUnusable(log, file, unreadable);
            return 0;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Uplink: {File} cannot be used: while the clock is behind, subscribers may take this start's state for an older one. Look at the disk; with a set clock nothing is wrong")]
    private static partial void LogUnusable(ILogger log, string file, Exception cause);
}
