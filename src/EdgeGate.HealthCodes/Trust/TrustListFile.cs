using System.Globalization;
using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.HealthCodes.Trust;

/// <summary>
/// A trust list on disk. Beside it lies <c>.version</c>, the highest version ever taken into use: an old list laid in the place of
/// a newer one is not believed after a restart either.
/// </summary>
public sealed class TrustListFile(string path)
{
    private readonly string _mark = path + ".version";

    /// <summary>A store for this file's list, not loaded yet.</summary>
    public TrustStore CreateStore(IReadOnlyList<JsonWebKey> operatorKeys) => new(operatorKeys, ReadMark());

    /// <summary>Loads the file into the store; call again whenever the file has changed.</summary>
    public TrustLoad LoadInto(TrustStore store)
    {
        try
        {
            if (new FileInfo(path).Length > TrustListSignature.MaxLength)
                return new TrustLoad.Refused("it is too long");
            var load = store.Load(File.ReadAllText(path));
            if (load is TrustLoad.Accepted { List.Version: var version } && version > ReadMark())
                RaiseMark(version);
            return load;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return new TrustLoad.Refused("its file cannot be used: " + unreadable.Message);
        }
    }

    /// <summary>Puts a signed list in the file's place, whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written; the old file stands.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public void Save(string signedList) => Write(path, signedList);

    private void RaiseMark(long version)
    {
        try
        {
            Write(_mark, version.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            // The list is in use all the same: a folder that cannot be written costs this guard, not the gate its list.
        }
    }

    /// <summary>A mark that cannot be read costs its guard, not the gate its start.</summary>
    private long ReadMark()
    {
        try
        {
            return File.Exists(_mark) && long.TryParse(File.ReadAllText(_mark), CultureInfo.InvariantCulture, out var version) ? version : 0;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static void Write(string path, string content)
    {
        var fresh = path + ".new";
        using (var stream = new FileStream(fresh, FileMode.Create, FileAccess.Write))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(content));
            stream.Flush(flushToDisk: true);
        }
        File.Move(fresh, path, overwrite: true);
    }
}
