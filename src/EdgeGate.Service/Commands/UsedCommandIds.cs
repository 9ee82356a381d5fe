using System.Security.Cryptography;
using System.Text;
using EdgeGate.Messages.Commands;

namespace EdgeGate.Service.Commands;

/// <summary>
/// Remembers which commands were taken, through restarts and power cuts, until they have expired for good. An id that is forgotten
/// leaves its expiry behind: no command that expires at or before the latest of these is ever taken, so setting the wall clock back
/// does not bring an old command to life.
/// </summary>
internal sealed partial class UsedCommandIds
{
    /// <summary>Many times what the rate limit lets through within the longest life.</summary>
    public const int Most = 512;

    /// <summary>How long an id outlives its command: more than clocks that agree can differ.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private readonly string _file;
    private Dictionary<string, DateTimeOffset> _used = new(StringComparer.Ordinal);
    private DateTimeOffset _forgottenUpTo = DateTimeOffset.MinValue;

    /// <summary>Nobody knows what was used: until this is mended, by the first look at a believable clock, every id counts as used.</summary>
    private bool _lost;

    public UsedCommandIds(string file, ILogger<UsedCommandIds> log)
    {
        _file = file;
        if (!File.Exists(file) || TryLoad())
            return;
        _lost = true;
        LogLost(log, file);
    }

    /// <summary>Whether this command was taken before, or might have been.</summary>
    public bool MayBeUsed(GateCommand command, DateTimeOffset now)
    {
        if (_lost)
            ForgetAll(now);
        return command.Expires <= _forgottenUpTo || _used.ContainsKey(command.Id);
    }

    public bool HasRoom(DateTimeOffset now) => _used.Values.Count(expires => !IsOver(expires, now)) < Most;

    /// <summary>Returns when the id can no longer be forgotten by a power cut.</summary>
    /// <exception cref="IOException">It could not be written, and the command must not be taken.</exception>
    public void Use(GateCommand command, DateTimeOffset now)
    {
        var over = _used.Where(id => IsOver(id.Value, now)).ToArray();
        var forgottenUpTo = over.Select(id => id.Value).Append(_forgottenUpTo).Max();
        var used = _used.Except(over).ToDictionary(StringComparer.Ordinal);
        used[command.Id] = command.Expires;
        Save(used, forgottenUpTo);
        (_used, _forgottenUpTo) = (used, forgottenUpTo);
    }

    /// <summary>Heals a damaged file: whatever could have been issued up to now is dead, and in five minutes new commands are taken again.</summary>
    private void ForgetAll(DateTimeOffset now)
    {
        _forgottenUpTo = now + GateCommand.LongestLifeOfAll + Margin;
        _lost = false;
    }

    private static bool IsOver(DateTimeOffset expires, DateTimeOffset now) => expires + Margin < now;

    /// <summary>First line: SHA-256 of the rest, so that a flipped bit does not make an id new. Then the border, then a line an id.</summary>
    private void Save(Dictionary<string, DateTimeOffset> used, DateTimeOffset forgottenUpTo)
    {
        var text = new StringBuilder().Append(forgottenUpTo.UtcTicks).Append('\n');
        foreach (var (id, expires) in used)
            text.Append(expires.UtcTicks).Append(' ').Append(id).Append('\n');
        DurableFile.Write(_file, Encoding.ASCII.GetBytes(Checksum(text.ToString()) + "\n" + text));
    }

    private bool TryLoad()
    {
        try
        {
            if (File.ReadAllText(_file).Split('\n', 2) is not [var checksum, var text] || checksum != Checksum(text))
                return false;
            var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            _forgottenUpTo = Time(lines[0]);
            _used = lines[1..].Select(line => line.Split(' ')).ToDictionary(line => line[1], line => Time(line[0]), StringComparer.Ordinal);
            return true;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        static DateTimeOffset Time(string ticks) => new(long.Parse(ticks), TimeSpan.Zero);
    }

    [LoggerMessage(LogLevel.Error, "{File} is damaged: which commands were taken is not known, so for some minutes none is taken")]
    private static partial void LogLost(ILogger log, string file);

    private static string Checksum(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
}
