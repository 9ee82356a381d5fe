using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Benchmarks.Measuring;

internal static partial class Libc
{
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED

    /// <summary>Flushes the data and only what is needed to find it again; .NET knows only fsync.</summary>
    public static void FlushData(SafeFileHandle file)
    {
        if (fdatasync(file) != 0)
            throw new IOException($"fdatasync: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Flushes the files of a directory and puts them out of the page cache: what follows reads from the disk.</summary>
    public static void MakeCold(string directory)
    {
        foreach (var path in Directory.GetFiles(directory))
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.FlushToDisk(file);
            if (posix_fadvise(file, 0, 0, DontNeed) is not 0 and var error)
                throw new IOException($"posix_fadvise: {error}");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);

    [LibraryImport("libc")]
    private static partial int posix_fadvise(SafeFileHandle file, long offset, long length, int advice);
}
