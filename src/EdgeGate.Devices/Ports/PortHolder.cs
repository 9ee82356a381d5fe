using System.Globalization;

namespace EdgeGate.Devices.Ports;

/// <summary>The process that has a file open.</summary>
public sealed record PortHolder(int ProcessId, string Program)
{
    /// <summary>
    /// Looks through the open files of all processes; about 5 ms. Null when nobody is found: the processes of other users
    /// show theirs only to root.
    /// </summary>
    /// <param name="path">The file, or a link to it.</param>
    /// <param name="suspect">Looked at first.</param>
    /// <param name="isOpenHere">The caller has the file open itself, to ask for it: that alone makes this process no holder.</param>
    public static PortHolder? Find(string path, PortHolder? suspect = null, bool isOpenHere = false)
    {
        var file = RealPath(path);
        return Directory.EnumerateDirectories("/proc")
            .Select(process => int.TryParse(Path.GetFileName(process), out var id) ? id : 0)
            .Prepend(suspect?.ProcessId ?? 0)
            .Where(id => id > 0 && Descriptors(id, file) > (isOpenHere && id == Environment.ProcessId ? 1 : 0))
            .Select(id => new PortHolder(id, NameOf(id)))
            .FirstOrDefault();
    }

    /// <summary>Whether that process waits for connections on a TCP port. False also when its sockets cannot be seen: another user's.</summary>
    public static bool Listens(int process, int port)
    {
        const int LocalAddress = 1, State = 3, Inode = 9; // proc_pid_net(5)
        const string Listening = "0A";
        var ending = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return ((string[])["/proc/net/tcp", "/proc/net/tcp6"]).Where(File.Exists).SelectMany(File.ReadLines).Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length > Inode && columns[State] is Listening && columns[LocalAddress].EndsWith(ending, StringComparison.Ordinal))
            .Any(columns => Descriptors(process, $"socket:[{columns[Inode]}]") > 0);
    }

    private static string RealPath(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        }
        catch (IOException)
        {
            return path; // unplugged at this moment
        }
    }

    // Processes come and go while we look, and some are not ours to see.
    private static int Descriptors(int process, string file)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{process}/fd")
                .Count(descriptor => string.Equals(new FileInfo(descriptor).LinkTarget, file, StringComparison.Ordinal));
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static string NameOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").Trim();
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "a program that just ended";
        }
    }
}
