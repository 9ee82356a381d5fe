namespace EdgeGate.Journal;

/// <summary>
/// A file that only takes up room. Released when the disk is full, so that deleting acknowledged records and moving the cursor, which
/// both write, still work; taken again when twice its size is free.
/// </summary>
internal sealed class SpaceReserve(string path, long bytes)
{
    /// <summary>Known to be there. Asking the file system before each record cost a thirtieth of the time to the opening.</summary>
    private bool _isHeld = bytes == 0;

    /// <summary>False when the disk has no room for it: only the reserve's own space is left to work with.</summary>
    public bool TryHold() => _isHeld = _isHeld || File.Exists(path) || TryTake();

    /// <summary>Somebody who cleared the disk may have deleted it.</summary>
    public void LookAgain() => _isHeld = bytes == 0;

    public void Release()
    {
        File.Delete(path);
        LookAgain();
    }

    private bool TryTake()
    {
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
}
