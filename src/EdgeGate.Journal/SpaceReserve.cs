namespace EdgeGate.Journal;

/// <summary>
/// A file that only takes up room. Released when the disk is full, so that deleting acknowledged records and moving the cursor, which
/// both write, still work; taken again when twice its size is free.
/// </summary>
internal sealed class SpaceReserve(string path, long bytes)
{
    /// <summary>False when the disk has no room for it: only the reserve's own space is left to work with.</summary>
    public bool TryHold()
    {
        if (bytes == 0 || File.Exists(path))
            return true;
        if (new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace < 2 * bytes)
            return false;
        try
        {
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, PreallocationSize = bytes });
            return true;
        }
        catch (IOException)
        {
            File.Delete(path);
            return false;
        }
    }

    public void Release() => File.Delete(path);
}
