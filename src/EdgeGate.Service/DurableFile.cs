using EdgeGate.Journal;

namespace EdgeGate.Service;

/// <summary>Files that must be whole, and the newest, after a power cut.</summary>
internal static class DurableFile
{
    /// <summary>Of what is being written; left behind by a power cut, and in nobody's way.</summary>
    public const string Unfinished = ".new";

    /// <summary>Replaces the file's content; returns when neither content nor name can be lost any more. Not readable by others.</summary>
    /// <exception cref="IOException">What stands in the file is the old content or the new one, never a mixture.</exception>
    public static void Write(string file, ReadOnlySpan<byte> content)
    {
        using (var stream = Create(file + Unfinished))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        Move(file + Unfinished, file);
    }

    /// <summary>The same for what is too large to be in memory. When it is not written to its end, nothing of it is left.</summary>
    /// <inheritdoc cref="Write(string, ReadOnlySpan{byte})"/>
    public static void Write(string file, Action<FileStream> write)
    {
        var stream = Create(file + Unfinished);
        try
        {
            using (stream)
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            Move(file + Unfinished, file);
        }
        catch
        {
            File.Delete(file + Unfinished); // a full disk must not be kept full by half a list
            throw;
        }
    }

    /// <summary>An empty file to be filled, flushed and moved to its name; makes its directory.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static FileStream Create(string unfinished)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(unfinished)!);
            File.Delete(unfinished);
            return new FileStream(unfinished, options);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException($"{unfinished} may not be written: {refused.Message}", refused);
        }
    }

    /// <summary>Gives a flushed file its name; returns when that cannot be lost any more.</summary>
    /// <exception cref="IOException">It may have the name or not.</exception>
    public static void Move(string unfinished, string file)
    {
        try
        {
            File.Move(unfinished, file, overwrite: true);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException($"{file} may not be written: {refused.Message}", refused);
        }
        DiskFlush.SyncDirectory(Path.GetDirectoryName(file)!);
    }
}
