using EdgeGate.Journal;

namespace EdgeGate.Service;

/// <summary>Small files that must be whole, and the newest, after a power cut.</summary>
internal static class DurableFile
{
    /// <summary>Replaces the file's content; returns when neither content nor name can be lost any more. Not readable by others.</summary>
    /// <exception cref="IOException">What stands in the file is the old content or the new one, never a mixture.</exception>
    public static void Write(string file, ReadOnlySpan<byte> content)
    {
        var directory = Path.GetDirectoryName(file)!;
        try
        {
            Directory.CreateDirectory(directory);
            var fresh = file + ".new";
            File.Delete(fresh);
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (var stream = new FileStream(fresh, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }
            File.Move(fresh, file, overwrite: true);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException($"{file} may not be written: {refused.Message}", refused);
        }
        DurableFiles.SyncDirectory(directory);
    }
}
