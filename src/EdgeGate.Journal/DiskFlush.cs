using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Journal;

/// <summary>
/// .NET can flush a file but not a directory; without that a new or renamed file may be gone after a power cut. Nor can it flush a file's data
/// alone.
/// </summary>
public static partial class DiskFlush
{
    /// <exception cref="IOException">The directory is not there, or the disk failed.</exception>
    public static void SyncDirectory(string path)
    {
        const int readOnly = 0; // O_RDONLY
        var descriptor = open(path, readOnly);
        if (descriptor < 0)
            throw new IOException($"Cannot open the directory {path}: {Marshal.GetLastPInvokeErrorMessage()}.");
        try
        {
            if (fsync(descriptor) != 0)
                throw new IOException($"Cannot flush the directory {path}: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    /// <summary>Makes the directory and the missing ones above it, all flushed.</summary>
    public static void CreateDirectory(string path)
    {
        if (Directory.Exists(path))
            return;
        var parent = Path.GetDirectoryName(Path.GetFullPath(path));
        if (parent is not null)
            CreateDirectory(parent);
        Directory.CreateDirectory(path);
        if (parent is not null)
            SyncDirectory(parent);
    }

    /// <summary>Flushes what was written, and of the file's metadata only what is needed to read it back (fdatasync): its size, not its time.</summary>
    internal static void SyncData(SafeFileHandle file)
    {
        if (fdatasync(file) != 0)
            throw new IOException($"Cannot flush: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
