using System.Globalization;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Service.Registers;

/// <summary>A register as its files give it.</summary>
/// <param name="Register">The newest version that is whole; null when there is none.</param>
/// <param name="Faults">Files that could not be used, and why, in words.</param>
internal sealed record RegisterReading(Register? Register, IReadOnlyList<string> Faults);

/// <summary>
/// Registers on disk: a directory for each list, in it <c>{version}.snapshot</c> (the whole list) and <c>{version}.delta</c> (changes
/// to the version before). A file is never changed after it has its name, so a reader needs no lock, and the command line and the
/// gate share the directory. The snapshot before the last is kept: when the last is damaged, the list goes on from there.
/// </summary>
/// <param name="directory">Need not exist yet.</param>
internal sealed class RegisterStore(string directory)
{
    /// <summary>Files that were found unusable, by name and length, so that they are not read again and again.</summary>
    private readonly HashSet<(string, long)> _unusable = [];

    private sealed record VersionFile(string Path, long Version, bool IsDelta, long Length);

    public IReadOnlyList<string> Names =>
        Directory.Exists(directory) ? [.. Directory.EnumerateDirectories(directory).Select(path => Path.GetFileName(path)!).Where(ListWord.IsValid).Order(StringComparer.Ordinal)] : [];

    /// <summary>Nobody else changes registers until it is disposed.</summary>
    /// <exception cref="IOException">Somebody else is at it.</exception>
    public IDisposable Lock()
    {
        Directory.CreateDirectory(directory);
        return new FileStream(Path.Combine(directory, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    /// <exception cref="IOException">The directory cannot be read.</exception>
    public RegisterReading Load(string name) => Advance(name, current: null);

    /// <summary>Takes up every version after <paramref name="current"/>; gives it back when there is none.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public RegisterReading Advance(string name, Register? current)
    {
        var faults = new List<string>();
        var files = FilesOf(name);
        if (current is null)
        {
            foreach (var file in files.Where(file => !file.IsDelta).Reverse())
            {
                if ((current = TryApply(file, before: null, faults)) is not null)
                    break;
            }
        }
        foreach (var file in files)
        {
            if (current is null || file.Version > current.Version)
                current = TryApply(file, current, faults) ?? current;
        }
        return new RegisterReading(current, faults);
    }

    /// <summary>The heads of all versions after <paramref name="after"/> that are on disk, oldest first: what was changed since.</summary>
    public IReadOnlyList<RegisterVersion> ChangesSince(string name, long after)
    {
        var heads = new List<RegisterVersion>();
        foreach (var file in FilesOf(name).Where(file => file.Version > after && file.Version != heads.LastOrDefault()?.Version))
        {
            try
            {
                using var stream = File.OpenRead(file.Path);
                heads.Add(RegisterBytes.ReadHead(stream));
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                // Advance has told of it.
            }
        }
        return heads;
    }

    /// <summary>The newest whole list on disk, and the changes since: what another gate needs to get to the same version.</summary>
    /// <exception cref="InvalidDataException">There is no whole list, or a file is damaged.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public IReadOnlyList<(RegisterVersion Head, byte[] Bytes)> Newest(string name)
    {
        var files = FilesOf(name);
        var newest = new List<(RegisterVersion, byte[])>();
        Register? register = null;
        foreach (var file in files.SkipWhile(file => file != files.LastOrDefault(whole => !whole.IsDelta)))
        {
            var bytes = File.ReadAllBytes(file.Path);
            var content = RegisterBytes.Read(new MemoryStream(bytes, writable: false));
            register = content.ApplyTo(register);
            newest.Add((content.Head, bytes));
        }
        return newest.Count > 0 ? newest : throw new InvalidDataException($"there is no list {name}");
    }

    /// <summary>A number that no file of the list has, readable or not.</summary>
    public long NextVersion(string name) => FilesOf(name).Select(file => file.Version).DefaultIfEmpty(0).Max() + 1;

    /// <summary>
    /// Puts a whole register, or a change to the version in force, on disk. The bytes must have been verified: this checks that they
    /// are whole and fit, not who made them. To be called under <see cref="Lock"/>.
    /// </summary>
    /// <param name="current">What the caller has in memory; null when nothing.</param>
    /// <returns>The register after it.</returns>
    /// <exception cref="InvalidDataException">Damaged, old, or a change to another version.</exception>
    /// <exception cref="IOException">Not written: the version before stays in force.</exception>
    public Register Apply(string name, Register? current, byte[] verified)
    {
        var content = RegisterBytes.Read(new MemoryStream(verified, writable: false));
        if (content.Head.Name != name)
            throw new InvalidDataException($"it is of the list {content.Head.Name}, not {name}");
        var after = content.ApplyTo(Advance(name, current).Register);
        DurableFile.Write(PathOf(name, after.Version, isDelta: content.Head.Base is not null), verified);
        Tidy(name, content.Head, after);
        return after;
    }

    private string PathOf(string name, long version, bool isDelta) =>
        Path.Combine(directory, name, version.ToString("D12", CultureInfo.InvariantCulture) + (isDelta ? ".delta" : ".snapshot"));

    /// <summary>By version; of one version the change before the whole list.</summary>
    private VersionFile[] FilesOf(string name)
    {
        var info = new DirectoryInfo(Path.Combine(directory, name));
        if (!info.Exists)
            return [];
        try
        {
            return
            [
                .. from file in info.EnumerateFiles()
                where file.Extension is ".delta" or ".snapshot"
                let version = long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0
                where version > 0
                orderby version, file.Extension
                select new VersionFile(file.FullName, version, file.Extension is ".delta", file.Length),
            ];
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException($"{info.FullName} may not be read: {refused.Message}", refused);
        }
    }

    private Register? TryApply(VersionFile file, Register? before, List<string> faults)
    {
        if (_unusable.Contains((file.Path, file.Length)))
            return null;
        try
        {
            using var stream = new FileStream(file.Path, new FileStreamOptions { BufferSize = 0 }); // the reader has blocks of its own
            var content = RegisterBytes.Read(stream);
            if (content.Head.Version != file.Version || Path.GetFileName(Path.GetDirectoryName(file.Path)) != content.Head.Name)
                throw new InvalidDataException("it does not hold what its name says");
            return content.ApplyTo(before);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            if (unusable is InvalidDataException)
                _unusable.Add((file.Path, file.Length));
            faults.Add($"{file.Path}: {unusable.Message}");
            return null;
        }
    }

    private void Tidy(string name, RegisterVersion head, Register after)
    {
        var files = FilesOf(name);
        var last = files.LastOrDefault(file => !file.IsDelta);
        var since = files.Where(file => file.IsDelta && file.Version > (last?.Version ?? 0)).ToArray();
        if (RegisterAnnouncement.NeedsWhole(last?.Length ?? 0, since.Length, since.Sum(file => file.Length)))
        {
            var whole = head with { Base = null, Plan = after.Plan };
            DurableFile.Write(PathOf(name, after.Version, isDelta: false), RegisterBytes.Write(new RegisterContent(whole, after.Persons, [])));
            files = FilesOf(name);
        }
        if (files.Where(file => !file.IsDelta).Reverse().Skip(1).FirstOrDefault() is not { } oldest)
            return;
        foreach (var file in files.Where(file => file.Version < oldest.Version))
            File.Delete(file.Path);
    }
}
