using System.Text;
using System.Text.Unicode;

namespace EdgeGate.Mqtt;

/// <summary>Topic names and filters, MQTT 5 section 4.7.</summary>
internal static class TopicName
{
    /// <summary>Whether a server would take it in PUBLISH; a wrong one costs the link there, so it is judged here.</summary>
    public static bool IsValid(ReadOnlySpan<byte> utf8) =>
        utf8.Length is > 0 and <= ushort.MaxValue && !utf8.ContainsAny((byte)'#', (byte)'+', (byte)0) && Utf8.IsValid(utf8);

    public static bool IsValidFilter(string filter)
    {
        if (filter.Length == 0 || Encoding.UTF8.GetByteCount(filter) > ushort.MaxValue || filter.Contains('\0'))
            return false;
        var levels = filter.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            if (levels[i].Length > 1 && levels[i].AsSpan().ContainsAny('#', '+'))
                return false;
            if (levels[i] is "#" && i < levels.Length - 1)
                return false;
        }
        return true;
    }

    public static bool Matches(string filter, string topic)
    {
        if (filter.StartsWith("$share/", StringComparison.Ordinal)) // section 4.8.2: $share/{group}/{filter}
            filter = filter.Split('/', 3) is [_, _, var shared] ? shared : filter;
        else if (topic.StartsWith('$') && !filter.StartsWith('$')) // section 4.7.2: wildcards do not reach into $SYS
            return false;
        var wanted = filter.Split('/');
        var levels = topic.Split('/');
        for (var i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] is "#")
                return true; // "sport/#" also matches "sport": the loop below has used up the topic by then
            if (i >= levels.Length || (wanted[i] is not "+" && !string.Equals(wanted[i], levels[i], StringComparison.Ordinal)))
                return false;
        }
        return wanted.Length == levels.Length;
    }
}
