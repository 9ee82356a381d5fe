using System.Globalization;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Service.Registers;

/// <param name="Written">One that was fetched again is as long as the damaged one was.</param>
internal sealed record VersionFile(string Path, long Version, bool IsDelta, long Length, DateTime Written);

/// <summary>The files of lists on disk, as <see cref="RegisterStore"/> describes them: which are there, which are whole, and what leads from one version to the next.</summary>
internal sealed class VersionFiles(string directory)
{
    /// <summary>Files that were found unusable, as they were then, so that they are not read again and again.</summary>
    private readonly HashSet<VersionFile> _unusable = [];

    public string PathOf(string name, RegisterVersion head) => PathOf(name, head.Version, head.Base is null ? ".snapshot" : ".delta");

    public string PathOf(string name, long version, string extension) =>
        Path.Combine(directory, name, version.ToString("D12", CultureInfo.InvariantCulture) + extension);

    /// <summary>By version; of one version the change before the whole list.</summary>
    public IReadOnlyList<VersionFile> Of(string name, params string[] extensions)
    {
        var info = new DirectoryInfo(Path.Combine(directory, name));
        if (!info.Exists)
            return [];
        try
        {
            return
            [
                .. from file in info.EnumerateFiles()
                where extensions.Length > 0 ? extensions.Contains(file.Extension) : file.Extension is ".delta" or ".snapshot"
                let version = long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0
                where version > 0
                orderby version, file.Extension
                select new VersionFile(file.FullName, version, file.Extension is ".delta", file.Length, file.LastWriteTimeUtc),
            ];
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException($"{info.FullName} may not be read: {refused.Message}", refused);
        }
    }

    public void DeleteAll(string name, string pattern)
    {
        if (!Directory.Exists(Path.Combine(directory, name)))
            return;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(directory, name), pattern))
            File.Delete(file);
    }

    /// <summary>What leads from a version to the newest that is whole, each checked from beginning to end; to be disposed by the caller.</summary>
    public List<RegisterScan> ChainAfter(string name, long? version, List<string> faults)
    {
        var files = Of(name);
        var chain = new List<RegisterScan>();
        if (version is null)
        {
            foreach (var file in files.Where(file => !file.IsDelta).Reverse())
            {
                if (TryOpen(file, after: null, faults) is not { } whole)
                    continue;
                chain.Add(whole);
                version = whole.Head.Version;
                break;
            }
        }
        foreach (var file in files)
        {
            if (file.Version <= version || TryOpen(file, version, faults) is not { } scan)
                continue;
            if (scan.Head.Base is null)
            {
                chain.ForEach(before => before.Dispose());
                chain.Clear();
            }
            chain.Add(scan);
            version = scan.Head.Version;
        }
        return chain;
    }

    private RegisterScan? TryOpen(VersionFile file, long? after, List<string> faults)
    {
        if (_unusable.Contains(file))
            return null;
        try
        {
            if (HeadOf(file).WhyNotAfter(after) is { } notNow)
            {
                faults.Add($"{file.Path}: {notNow}"); // it may be whole: it counts when the versions between can be read again
                return null;
            }
            return RegisterScan.Open(file.Path);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Tell(file, unusable, faults);
            return null;
        }
    }

    private static RegisterVersion HeadOf(VersionFile file)
    {
        using var stream = File.OpenRead(file.Path);
        var head = RegisterBytes.ReadHead(stream);
        if (head.Version != file.Version || Path.GetFileName(Path.GetDirectoryName(file.Path)) != head.Name)
            throw new InvalidDataException("it does not hold what its name says");
        return head;
    }

    private void Tell(VersionFile file, Exception unusable, List<string> faults)
    {
        if (unusable is InvalidDataException)
            _unusable.Add(file);
        faults.Add($"{file.Path}: {unusable.Message}");
    }
}
