using System.Runtime.InteropServices;

namespace EdgeGate.Service.Passing;

/// <summary>Small files that must be whole, and the newest, after a power cut.</summary>
internal static partial class DurableFile
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
        SyncDirectory(directory); // .NET can flush a file but not the directory that names it
    }

    private static void SyncDirectory(string path)
    {
        const int ReadOnly = 0; // O_RDONLY
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
            throw new IOException($"cannot open the directory {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            if (Fsync(descriptor) != 0)
                throw new IOException($"cannot flush the directory {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
