using Microsoft.Data.Sqlite;

namespace EdgeGate.Journal;

/// <summary>What SQLite and the file system throw, as <see cref="JournalException"/>.</summary>
internal static class Failures
{
    public static void Guard(string path, Action work) => Guard(path, () =>
    {
        work();
        return true;
    });

    public static T Guard<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (failure is SqliteException or UnauthorizedAccessException or IOException and not JournalException)
        {
            throw new JournalException(CauseOf(failure), $"The journal {path} failed: {failure.Message}", failure);
        }
    }

    public static JournalFailure CauseOf(Exception failure)
    {
        const int ioErrorShortRead = 522, ioErrorData = 8202, ioErrorCorruptFileSystem = 8458; // SQLite's extended result codes
        const int noSpace = 28, readOnlyFileSystem = 30; // errno
        return failure switch
        {
            JournalException known => known.Cause,
            SqliteException { SqliteExtendedErrorCode: ioErrorShortRead or ioErrorData or ioErrorCorruptFileSystem } => JournalFailure.Damaged,
            SqliteException { SqliteErrorCode: 1 or 11 or 19 or 26 } => JournalFailure.Damaged, // no such table, corrupt, number already there, not a database
            SqliteException { SqliteErrorCode: 13 } or IOException { HResult: noSpace } => JournalFailure.DiskFull,
            SqliteException { SqliteErrorCode: 8 } or UnauthorizedAccessException or IOException { HResult: readOnlyFileSystem } => JournalFailure.ReadOnly,
            _ => JournalFailure.Io,
        };
    }
}
