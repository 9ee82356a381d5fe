using EdgeGate.Access.Registers;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Service.Registers;

/// <summary>A register as its files give it.</summary>
/// <param name="Register">The newest version that is whole; null when there is none.</param>
/// <param name="Faults">Files that could not be used, and why, in words.</param>
internal sealed record RegisterReading(Register? Register, IReadOnlyList<string> Faults);

/// <summary>
/// Registers on disk: a directory for each list, in it <c>{version}.snapshot</c> (the whole list) and <c>{version}.delta</c> (changes
/// to the version before), and <c>{version}.table</c>, which the gate makes of these for itself: the persons as they are looked up (<see cref="TableFile"/>).
/// A file is never changed after it has its name, so a reader needs no lock, and the command line and the
/// gate share the directory. The snapshot before the last is kept: when the last is damaged, the list goes on from there.
/// </summary>
/// <param name="directory">Need not exist yet.</param>
/// <param name="patchFrom">In bytes: a table as long as this is not written anew for few changes.</param>
internal sealed class RegisterStore(string directory, long patchFrom = 1024 * 1024)
{
    /// <summary>Changes that wait in memory for the next table: of a list no more than this, and than this part of its persons.</summary>
    private const int MostPatched = 4096, PatchedPart = 64;

    private const string TableExtension = ".table", ArrivingExtension = ".part";

    private readonly VersionFiles _files = new(directory);
    private readonly HashSet<string> _discarded = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Names =>
        Directory.Exists(directory) ? [.. Directory.EnumerateDirectories(directory).Select(path => Path.GetFileName(path)!).Where(ListWord.IsValid).Order(StringComparer.Ordinal)] : [];

    /// <summary>Nobody else changes registers until it is disposed.</summary>
    /// <exception cref="IOException">Somebody else is at it.</exception>
    public IDisposable Lock()
    {
        Directory.CreateDirectory(directory);
        return new FileStream(Path.Combine(directory, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>The newest version that is whole, in memory: to be changed, compared or written out.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public RegisterReading Load(string name)
    {
        var faults = new List<string>();
        return new RegisterReading(InMemory(name, current: null, faults), faults);
    }

    /// <summary>Takes up every version after <paramref name="current"/>, as a table in a file that is made where there is none; gives it back when there is nothing newer. For one at a time.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public RegisterReading Advance(string name, Register? current)
    {
        var faults = new List<string>();
        if (current is null)
            _files.DeleteAll(name, "*" + TableExtension + DurableFile.Unfinished); // the power was cut
        var opened = current is null ? OpenTable(name, faults) : null;
        current ??= opened;
        try
        {
            var newest = TableOfNewest(name, current, faults);
            if (!ReferenceEquals(newest, opened))
                (opened?.Persons as IDisposable)?.Dispose();
            return new RegisterReading(newest, faults);
        }
        catch (InvalidDataException damaged)
        {
            faults.Add($"{damaged.Message}; it is made anew"); // the table before: the files it was made of are still there
            var anew = TableOfNewest(name, current: null, faults) ?? current;
            if (!ReferenceEquals(anew, opened))
                (opened?.Persons as IDisposable)?.Dispose();
            return new RegisterReading(anew, faults);
        }
        catch (IOException unreadable) when (opened is not null)
        {
            faults.Add($"{name}: what is newer than version {opened.Version} cannot be read now: {unreadable.Message}");
            return new RegisterReading(opened, faults);
        }
    }

    /// <summary>Of a table that turned out to be damaged: what it was made of is still there, and the next <see cref="Advance"/> makes another.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    public void Discard(TableFile table)
    {
        table.Dispose();
        _discarded.Add(table.Path); // on a disk that is read-only by now it stays there, with an index that is whole
        File.Delete(table.Path);
    }

    /// <summary>What was fetched of a list, and will not be taken.</summary>
    public void ForgetArriving(string name)
    {
        try
        {
            _files.DeleteAll(name, "*" + ArrivingExtension);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            // The next attempt says so.
        }
    }

    /// <summary>The newest version that is whole.</summary>
    /// <param name="known">One that is; null for none.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public long? NewestVersion(string name, long? known)
    {
        var faults = new List<string>();
        if (known is null && OpenTable(name, faults) is { Persons: TableFile table })
        {
            known = table.Head.Version;
            table.Dispose();
        }
        var chain = _files.ChainAfter(name, known, faults);
        chain.ForEach(scan => scan.Dispose());
        return chain.Count == 0 ? known : chain[^1].Head.Version;
    }

    /// <summary>The heads of all versions after <paramref name="after"/> that are on disk, oldest first: what was changed since.</summary>
    public IReadOnlyList<RegisterVersion> ChangesSince(string name, long after)
    {
        var heads = new List<RegisterVersion>();
        foreach (var file in _files.Of(name).Where(file => file.Version > after && file.Version != heads.LastOrDefault()?.Version))
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
        var files = _files.Of(name);
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
    public long NextVersion(string name) => _files.Of(name).Select(file => file.Version).DefaultIfEmpty(0).Max() + 1;

    /// <summary>
    /// Puts a whole register, or a change to the version in force, on disk. The bytes must have been verified: this checks that they
    /// are whole and fit, not who made them. To be called under <see cref="Lock"/>.
    /// </summary>
    /// <param name="current">What the caller has in memory; null when nothing.</param>
    /// <returns>The register after it, in memory.</returns>
    /// <exception cref="InvalidDataException">Damaged, old, or a change to another version.</exception>
    /// <exception cref="IOException">Not written: the version before stays in force.</exception>
    public Register Apply(string name, Register? current, byte[] verified)
    {
        var content = RegisterBytes.Read(new MemoryStream(verified, writable: false));
        RequireIsOf(name, content.Head);
        var after = content.ApplyTo(InMemory(name, current, []));
        DurableFile.Write(_files.PathOf(name, content.Head), verified);
        Tidy(name, content.Head, () => after);
        return after;
    }

    /// <summary>Where a file that is fetched piece by piece may be written, to be given to <see cref="ApplyFile"/>. Makes place: what was left there of an earlier one is gone.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public FileStream Receive(string name)
    {
        _files.DeleteAll(name, "*" + ArrivingExtension);
        return DurableFile.Create(Path.Combine(directory, name, "arriving" + ArrivingExtension));
    }

    /// <summary>The same as <see cref="Apply"/> for a file that is on disk already, flushed, and need not be in memory.</summary>
    /// <param name="current">The version in force; null for none.</param>
    /// <inheritdoc cref="Apply"/>
    public void ApplyFile(string name, long? current, string verified)
    {
        RegisterVersion head;
        using (var scan = RegisterScan.Open(verified))
            head = scan.Head;
        RequireIsOf(name, head);
        head.RequireFollows(current);
        DurableFile.Move(verified, _files.PathOf(name, head));
        Tidy(name, head, () => InMemory(name, current: null, []) ?? throw new InvalidDataException($"the list {name} cannot be read any more"));
    }

    private static void RequireIsOf(string name, RegisterVersion head)
    {
        if (head.Name != name)
            throw new InvalidDataException($"it is of the list {head.Name}, not {name}");
    }

    private Register? InMemory(string name, Register? current, List<string> faults)
    {
        var chain = _files.ChainAfter(name, current?.Version, faults);
        foreach (var scan in chain)
        {
            using (scan)
                current = scan.ReadAll().ApplyTo(current);
        }
        return current;
    }

    /// <summary>The newest table, as long as there is the file that its version came in: whoever takes that away means it.</summary>
    private Register? OpenTable(string name, List<string> faults)
    {
        var versions = _files.Of(name).Select(file => file.Version).ToHashSet();
        foreach (var file in _files.Of(name, TableExtension).Where(file => versions.Contains(file.Version) && !_discarded.Contains(file.Path)).Reverse())
        {
            try
            {
                var table = TableFile.Open(file.Path);
                if (table.Head.Version == file.Version && table.Head.Name == name)
                    return new Register(name, file.Version, table.Head.IssuedAt, table, table.Head.Plan);
                table.Dispose();
                throw new InvalidDataException("it does not hold what its name says");
            }
            catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                faults.Add($"{file.Path}: {unusable.Message}; it is made anew");
            }
        }
        return null;
    }

    private Register? TableOfNewest(string name, Register? current, List<string> faults)
    {
        var chain = _files.ChainAfter(name, current?.Version, faults);
        try
        {
            return chain.Count == 0 ? current : MakeTable(name, current, chain, faults);
        }
        finally
        {
            chain.ForEach(scan => scan.Dispose());
        }
    }

    /// <summary>From the table before and the files since, all read side by side. A gate whose disk takes no more has the list in memory.</summary>
    /// <exception cref="InvalidDataException">The table before is damaged.</exception>
    private Register? MakeTable(string name, Register? current, List<RegisterScan> chain, List<string> faults)
    {
        if (current?.Persons is PersonTable)
            return InMemory(name, current, faults);
        var isWhole = chain[0].Head.Base is null;
        var plan = chain.Select(scan => scan.Head.Plan).LastOrDefault(plan => plan is not null) ?? (isWhole ? null : current?.Plan);
        var head = chain[^1].Head with { Plan = plan };
        if (!isWhole && PatchOf(current!.Persons, chain) is { } patched)
            return new Register(name, head.Version, head.IssuedAt, patched, plan);
        var path = _files.PathOf(name, head.Version, TableExtension);
        var sources = chain.Select(scan => scan.Lines);
        if (!isWhole)
            sources = [.. LinesOf(current!.Persons), .. sources];
        try
        {
            TableWriter.Write(path, head, [.. sources]);
            _discarded.Remove(path);
            var table = TableFile.Open(path);
            DeleteOlder(name, head.Version);
            return new Register(name, head.Version, head.IssuedAt, table, plan);
        }
        catch (IOException unwritable)
        {
            faults.Add($"{path}: {unwritable.Message}; the list is in memory until the next start");
            return InMemory(name, current: null, faults) ?? current;
        }
    }

    /// <returns>Null where it is time for a new table.</returns>
    private PatchedTable? PatchOf(IPersonTable before, List<RegisterScan> chain)
    {
        if (((before as PatchedTable)?.Table ?? before) is not TableFile table || table.Length < patchFrom)
            return null;
        var most = Math.Min(MostPatched, table.Count / PatchedPart);
        if (((before as PatchedTable)?.Changes ?? 0) + chain.Sum(scan => (long)scan.Count) > most)
            return null;
        try
        {
            return PatchedTable.Of(before, chain.Select(scan => scan.ReadAll()));
        }
        catch (IOException)
        {
            return null; // somebody deleted the table to make room: as long as it is open it can be read
        }
    }

    /// <summary>Oldest first.</summary>
    private static IEnumerable<IEnumerable<PersonLine>> LinesOf(IPersonTable persons) => persons switch
    {
        TableFile table => [table.Lines],
        PatchedTable patched => [patched.Table.Lines, patched.ChangedLines],
        _ => throw new InvalidOperationException("a list in memory is not made a table before the next start"),
    };

    private void DeleteOlder(string name, long version)
    {
        try
        {
            foreach (var old in _files.Of(name, TableExtension).Where(file => file.Version != version))
                File.Delete(old.Path);
        }
        catch (Exception undeletable) when (undeletable is IOException or UnauthorizedAccessException)
        {
            // They take room and do no harm: the newest is opened.
        }
    }

    /// <param name="after">The register as it is then; asked for only where the list is written anew.</param>
    private void Tidy(string name, RegisterVersion head, Func<Register> after)
    {
        var files = _files.Of(name);
        var last = files.LastOrDefault(file => !file.IsDelta);
        var since = files.Where(file => file.IsDelta && file.Version > (last?.Version ?? 0)).ToArray();
        if (RegisterAnnouncement.NeedsWhole(last?.Length ?? 0, since.Length, since.Sum(file => file.Length)))
        {
            var register = after();
            var whole = head with { Base = null, Plan = register.Plan };
            DurableFile.Write(_files.PathOf(name, whole), RegisterBytes.Write(new RegisterContent(whole, PersonTable.From(register.Persons), [])));
            files = _files.Of(name);
        }
        _files.DeleteAll(name, "*.snapshot" + DurableFile.Unfinished);
        _files.DeleteAll(name, "*.delta" + DurableFile.Unfinished);
        if (files.Where(file => !file.IsDelta).Reverse().Skip(1).FirstOrDefault() is not { } oldest)
            return;
        foreach (var file in files.Where(file => file.Version < oldest.Version))
            File.Delete(file.Path);
    }
}
