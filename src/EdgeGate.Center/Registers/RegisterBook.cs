using System.Text.Json;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Database;
using EdgeGate.Center.Privacy;
using EdgeGate.Messages.Registers;
using Npgsql;

namespace EdgeGate.Center.Registers;

/// <summary>A list as it stands.</summary>
/// <param name="Announced">The newest version known to be at the broker; null when none is.</param>
internal sealed record RegisterSummary(string Site, string Name, long Version, DateTimeOffset IssuedAt, int Persons, bool IsPlan, long? Announced, DateTimeOffset? AnnouncedAt);

/// <summary>A version of a list of persons that can still be had.</summary>
internal sealed record KeptVersion(string Name, long Version, DateTimeOffset IssuedAt);

/// <summary>One change of a list: all of it, or nothing.</summary>
/// <param name="Put">New entries, and entries in place of those of the same person.</param>
/// <param name="Remove">Who is not on it is passed over.</param>
/// <param name="ReplacesAll">Whoever is not in <paramref name="Put"/> is removed.</param>
/// <param name="Details">Full names and telephone numbers to keep; who is not named keeps what is there.</param>
/// <param name="From">The version it was made from: with another one in force nothing is changed. Null for a change that is meant whatever is in force.</param>
internal sealed record RegisterChange(
    IReadOnlyCollection<RegisterEntry> Put, IReadOnlyCollection<PersonKey> Remove, bool ReplacesAll = false, IReadOnlyDictionary<PersonKey, PersonDetails>? Details = null, long? From = null);

/// <summary>What came of it.</summary>
/// <param name="Version">In force now.</param>
/// <param name="IsStale">Nothing was changed: somebody else had changed it since the version that this change was made from.</param>
internal sealed record RegisterResult(long Version, int Persons, int Added, int Changed, int Removed, bool IsStale = false)
{
    public static RegisterResult Stale(long version) => new(version, 0, 0, 0, 0, IsStale: true);

    public bool IsNew => Added + Changed + Removed > 0;
}

/// <summary>
/// The lists that the center keeps for the gates of its sites. Each change is one version, made in one transaction together with the bytes that gates fetch and
/// with its audit row; versions of a list follow one another, whoever else changes it at the same time.
/// </summary>
/// <param name="key">Null where the center keeps no names: then only masked ones are kept.</param>
internal sealed class RegisterBook(NpgsqlDataSource database, Audit audit, TimeProvider time, DataKey? key)
{
    /// <summary>The list that makes households and buildings known to a trace.</summary>
    public const string Residents = "residents";

    /// <summary>The list that holds zones and hours instead of persons.</summary>
    public const string Plan = "plan";

    private const int Chunk = 10_000;

    public async Task<IReadOnlyList<RegisterSummary>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql("select site, name, version, issued_at, persons, plan is not null, announced, announced_at from register order by site, name")
            .ListAsync(
                row => new RegisterSummary(
                    row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetFieldValue<DateTimeOffset>(3), row.GetInt32(4), row.GetBoolean(5), row.IsDBNull(6) ? null : row.GetInt64(6), row.MaybeTime(7)),
                cancellationToken);
    }

    /// <exception cref="NpgsqlException">Nothing was changed, or nobody knows.</exception>
    public async Task<RegisterResult> ChangeAsync(string site, string name, RegisterChange change, Asker asker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var result = await ChangeAsync(connection, site, name, change, asker, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    /// <summary>The same as a part of a larger transaction.</summary>
    public async Task<RegisterResult> ChangeAsync(NpgsqlConnection connection, string site, string name, RegisterChange change, Asker asker, CancellationToken cancellationToken)
    {
        var version = await LockAsync(connection, site, name, cancellationToken);
        if (change.From is { } from && from != version)
            return RegisterResult.Stale(version);
        var touched = change.Put.Select(entry => entry.Person).Concat(change.Remove).ToArray();
        var before = await TableAsync(connection, site, name, change.ReplacesAll ? null : touched, cancellationToken);
        var after = change.ReplacesAll ? PersonTable.Of(change.Put) : before.With(change.Put, change.Remove);
        var changes = PersonChanges.Between(before, after);
        await DeleteAsync(connection, site, name, changes.Removed, cancellationToken);
        await PutAsync(connection, site, name, [.. changes.Added, .. changes.Changed], cancellationToken);
        await PutDetailsAsync(connection, site, name, change.Details, cancellationToken);
        var persons = await connection.Sql("select count(*) from register_entry where site = $1 and register = $2", site, name).ScalarAsync<long>(cancellationToken);
        var result = new RegisterResult(version, (int)persons, changes.Added.Count, changes.Changed.Count, changes.Removed.Count);
        if (result.IsNew || version == 0)
        {
            var head = Head(name, version + 1, asker, (int)persons) with { Added = result.Added, Changed = result.Changed, Removed = result.Removed };
            await AddVersionAsync(connection, site, version == 0
                ? null
                : new RegisterContent(head with { Base = version }, PersonTable.Of(changes.Added.Concat(changes.Changed)), [.. changes.Removed.Select(entry => entry.Person)]), head, cancellationToken);
            result = result with { Version = head.Version };
        }
        await audit.WriteAsync(connection, asker, "change-register", new { site, register = name, result.Version, result.Added, result.Changed, result.Removed }, (int)persons, cancellationToken);
        return result;
    }

    /// <summary>Puts zones and hours in place of those before.</summary>
    /// <param name="from">As of a <see cref="RegisterChange"/>.</param>
    public async Task<RegisterResult> ChangePlanAsync(string site, SitePlan plan, Asker asker, CancellationToken cancellationToken, long? from = null)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var version = await LockAsync(connection, site, Plan, cancellationToken);
        if (from is { } known && known != version)
            return RegisterResult.Stale(version);
        await connection.Sql("update register set plan = $3::jsonb where site = $1 and name = $2", site, Plan, JsonSerializer.Serialize(plan, RegisterShapes.Default.SitePlan)).RunAsync(cancellationToken);
        var head = Head(Plan, version + 1, asker, persons: 0) with { Changed = 1 };
        await AddVersionAsync(connection, site, changes: null, head, cancellationToken);
        await audit.WriteAsync(connection, asker, "change-register", new { site, register = Plan, head.Version }, answers: 1, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new RegisterResult(head.Version, 0, 0, 1, 0);
    }

    /// <summary>Null when there is no such list.</summary>
    public async Task<Register?> LoadAsync(string site, string name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var found = await connection.Sql("select version, issued_at, plan::text from register where site = $1 and name = $2", site, name)
            .ListAsync(row => (Version: row.GetInt64(0), IssuedAt: row.GetFieldValue<DateTimeOffset>(1), Plan: PlanOf(row.Maybe<string>(2))), cancellationToken);
        return found is not [var head] ? null : new Register(name, head.Version, head.IssuedAt, await TableAsync(connection, site, name, persons: null, cancellationToken), head.Plan);
    }

    /// <summary>An earlier version, put together from what gates fetch; null when it is not kept any more, or never was.</summary>
    public async Task<Register?> LoadAsync(string site, string name, long version, CancellationToken cancellationToken)
    {
        Register? register = null;
        foreach (var (_, bytes) in (await FilesAsync(site, name, cancellationToken)).Where(file => file.Head.Version <= version))
            register = RegisterBytes.Read(new MemoryStream(bytes, writable: false)).ApplyTo(register);
        return register?.Version == version ? register : null;
    }

    /// <summary>Every version of every list of persons that can still be had, the newest of each first.</summary>
    public async Task<IReadOnlyList<KeptVersion>> VersionsAsync(string site, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql("select register, version, issued_at from register_version where site = $1 and register <> $2 order by register, version desc", site, Plan)
            .ListAsync(row => new KeptVersion(row.GetString(0), row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2)), cancellationToken);
    }

    /// <summary>Who is on one of two lists only, or stands there with something else; the question is on record.</summary>
    public async Task<ListComparison> CompareAsync(string site, ListSource one, ListSource other, Asker asker, CancellationToken cancellationToken)
    {
        var found = ListComparison.Of(one.Persons, other.Persons);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await audit.WriteAsync(
            connection, asker, "compare-registers", new { site, one = one.Name, other = other.Name, onlyInOne = found.OnlyInOne.Count, onlyInOther = found.OnlyInOther.Count, different = found.Different.Count },
            found.Count, cancellationToken);
        return found;
    }

    /// <summary>0 when there is no such list.</summary>
    public async Task<long> VersionAsync(string site, string name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql("select version from register where site = $1 and name = $2", site, name).ScalarAsync<long>(cancellationToken);
    }

    /// <summary>Entries by the beginning of their unit, in the order of units.</summary>
    public async Task<IReadOnlyList<RegisterEntry>> FindAsync(string site, string name, string unitBeginning, int most, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(
            "select person, masked_name, unit, terms from register_entry where site = $1 and register = $2 and starts_with(unit, $3) order by unit, person limit $4", site, name, unitBeginning, most)
            .ListAsync(EntryReader(), cancellationToken);
    }

    /// <summary>Null when the person is not on the list.</summary>
    public async Task<RegisterEntry?> FindAsync(string site, string name, PersonKey person, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await FindAsync(connection, site, name, person, cancellationToken);
    }

    /// <inheritdoc cref="FindAsync(string, string, PersonKey, CancellationToken)"/>
    /// <remarks>For who has a connection: holding one and waiting for another, a hundred at once wait for one another.</remarks>
    public static async Task<RegisterEntry?> FindAsync(NpgsqlConnection connection, string site, string name, PersonKey person, CancellationToken cancellationToken) =>
        (await TableAsync(connection, site, name, [person], cancellationToken)).Find(person);

    /// <summary>Those of them who are on the list.</summary>
    public static async Task<IReadOnlyList<RegisterEntry>> FindAsync(NpgsqlConnection connection, string site, string name, IReadOnlyList<PersonKey> persons, CancellationToken cancellationToken) =>
        [.. (await TableAsync(connection, site, name, persons, cancellationToken)).Entries];

    /// <summary>
    /// Makes the list as it stands newer than a version of it that is out already, though nobody here knows it: the database was restored from a copy, and gates take
    /// nothing older than what they have.
    /// </summary>
    public async Task OvertakeAsync(string site, string name, long version, Asker asker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(connection, site, name, cancellationToken) >= version)
            return; // another process made it just now
        var persons = (int)await connection.Sql("select count(*) from register_entry where site = $1 and register = $2", site, name).ScalarAsync<long>(cancellationToken);
        await AddVersionAsync(connection, site, changes: null, Head(name, version + 1, asker, persons), cancellationToken);
        await audit.WriteAsync(connection, asker, "change-register", new { site, register = name, Version = version + 1 }, persons, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Full name and telephone number; the question is on record.</summary>
    /// <returns>Null when none are kept.</returns>
    public async Task<PersonDetails?> ReadDetailsAsync(string site, string name, PersonKey person, Asker asker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var value = await connection.Sql("select details from register_entry where site = $1 and register = $2 and person = $3", site, name, Bytes(person)).ScalarAsync<byte[]>(cancellationToken);
        var details = key?.Open<PersonDetails>(PlaceOf(site, name, person), value);
        await audit.WriteAsync(connection, asker, "read-details", new { site, register = name, person = person.ToString() }, details is null ? 0 : 1, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return details;
    }

    /// <summary>The newest whole list and the changes since, as gates fetch them; empty when nothing was ever made.</summary>
    public async Task<IReadOnlyList<(RegisterVersion Head, byte[] Bytes)>> FilesAsync(string site, string name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql("select bytes from register_version where site = $1 and register = $2 order by version", site, name)
            .ListAsync(row => WithHead(row.GetFieldValue<byte[]>(0)), cancellationToken);
    }

    public async Task MarkAnnouncedAsync(string site, string name, long version, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.Sql(
            "update register set announced = $3, announced_at = $4 where site = $1 and name = $2 and announced is distinct from $3", site, name, version, time.GetUtcNow()).RunAsync(cancellationToken);
    }

    private RegisterVersion Head(string name, long version, Asker asker, int persons) =>
        new() { Name = name, Version = version, IssuedAt = time.GetUtcNow(), By = asker.Name, Persons = persons };

    private async Task<long> LockAsync(NpgsqlConnection connection, string site, string name, CancellationToken cancellationToken)
    {
        if (!ListWord.IsValid(name))
            throw new ArgumentException("a list's name is of 1 to 32 lower-case letters, digits and hyphens", nameof(name));
        await connection.Sql("insert into register (site, name, version, issued_at, persons) values ($1, $2, 0, $3, 0) on conflict do nothing", site, name, time.GetUtcNow()).RunAsync(cancellationToken);
        return await connection.Sql("select version from register where site = $1 and name = $2 for update", site, name).ScalarAsync<long>(cancellationToken);
    }

    /// <param name="changes">Null where there is nothing they could be changes to.</param>
    private static async Task AddVersionAsync(NpgsqlConnection connection, string site, RegisterContent? changes, RegisterVersion head, CancellationToken cancellationToken)
    {
        if (changes is not null)
            await InsertAsync(changes);
        var (whole, count, length) = (await connection.Sql(
            """
            select coalesce(max(length(bytes)) filter (where is_whole), 0)::bigint, count(*) filter (where not is_whole), coalesce(sum(length(bytes)) filter (where not is_whole), 0)::bigint
            from register_version where site = $1 and register = $2
            """, site, head.Name).ListAsync(row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken))[0];
        if (changes is null || RegisterAnnouncement.NeedsWhole(whole, (int)count, length))
        {
            var plan = PlanOf(await connection.Sql("select plan::text from register where site = $1 and name = $2", site, head.Name).ScalarAsync<string>(cancellationToken));
            var persons = await TableAsync(connection, site, head.Name, persons: null, cancellationToken);
            await connection.Sql("delete from register_version where site = $1 and register = $2", site, head.Name).RunAsync(cancellationToken);
            await InsertAsync(new RegisterContent(head with { Plan = plan }, persons, []));
        }
        await connection.Sql("update register set version = $3, issued_at = $4, persons = $5 where site = $1 and name = $2", site, head.Name, head.Version, head.IssuedAt, head.Persons)
            .RunAsync(cancellationToken);

        Task InsertAsync(RegisterContent content) => connection.Sql(
            "insert into register_version (site, register, version, is_whole, issued_at, made_by, added, changed, removed, bytes) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            site, head.Name, head.Version, content.Head.Base is null, head.IssuedAt, head.By, head.Added, head.Changed, head.Removed, RegisterBytes.Write(content)).RunAsync(cancellationToken);
    }

    /// <param name="persons">Only these; null for all.</param>
    private static async Task<PersonTable> TableAsync(NpgsqlConnection connection, string site, string name, IReadOnlyList<PersonKey>? persons, CancellationToken cancellationToken)
    {
        var entries = await connection.Sql(
            $"select person, masked_name, unit, terms from register_entry where site = $1 and register = $2{(persons is null ? "" : " and person = any($3)")}",
            persons is null ? [site, name] : [site, name, persons.Select(Bytes).ToArray()]).ListAsync(EntryReader(), cancellationToken);
        return PersonTable.Of(entries);
    }

    /// <summary>Few terms differ within a list, so they are read once each.</summary>
    private static Func<NpgsqlDataReader, RegisterEntry> EntryReader()
    {
        var known = new Dictionary<string, PersonTerms>(StringComparer.Ordinal);
        return row =>
        {
            var text = row.GetString(3);
            if (!known.TryGetValue(text, out var terms))
                known[text] = terms = PersonTerms.TryParse(text, out var read) ? read : new PersonTerms();
            return new RegisterEntry(new PersonKey(row.GetFieldValue<byte[]>(0)), row.GetString(1), row.GetString(2), terms);
        };
    }

    private static async Task PutAsync(NpgsqlConnection connection, string site, string name, IReadOnlyList<RegisterEntry> entries, CancellationToken cancellationToken)
    {
        foreach (var some in entries.Chunk(Chunk))
        {
            await connection.Sql(
                """
                insert into register_entry (site, register, person, masked_name, unit, terms)
                select $1, $2, person, masked_name, unit, terms from unnest($3, $4, $5, $6) as e(person, masked_name, unit, terms)
                on conflict (site, register, person) do update set masked_name = excluded.masked_name, unit = excluded.unit, terms = excluded.terms
                """,
                site, name, some.Select(entry => Bytes(entry.Person)).ToArray(), some.Select(entry => entry.MaskedName).ToArray(), some.Select(entry => entry.Unit).ToArray(),
                some.Select(entry => entry.Terms.ToString()).ToArray()).RunAsync(cancellationToken);
        }
    }

    private async Task PutDetailsAsync(NpgsqlConnection connection, string site, string name, IReadOnlyDictionary<PersonKey, PersonDetails>? details, CancellationToken cancellationToken)
    {
        if (key is null || details is null)
            return;
        foreach (var some in details.Where(item => item.Value.Name.Length + item.Value.Phone.Length > 0).Chunk(Chunk))
        {
            await connection.Sql(
                "update register_entry e set details = n.details from unnest($3, $4) as n(person, details) where e.site = $1 and e.register = $2 and e.person = n.person",
                site, name, some.Select(item => Bytes(item.Key)).ToArray(), some.Select(item => key.Seal(PlaceOf(site, name, item.Key), item.Value)).ToArray()).RunAsync(cancellationToken);
        }
    }

    private static async Task DeleteAsync(NpgsqlConnection connection, string site, string name, IReadOnlyList<RegisterEntry> entries, CancellationToken cancellationToken)
    {
        foreach (var some in entries.Chunk(Chunk))
        {
            await connection.Sql("delete from register_entry where site = $1 and register = $2 and person = any($3)", site, name, some.Select(entry => Bytes(entry.Person)).ToArray())
                .RunAsync(cancellationToken);
        }
    }

    private static SitePlan? PlanOf(string? json) => json is null ? null : JsonSerializer.Deserialize(json, RegisterShapes.Default.SitePlan);

    private static (RegisterVersion Head, byte[] Bytes) WithHead(byte[] bytes) => (RegisterBytes.ReadHead(new MemoryStream(bytes, writable: false)), bytes);

    private static string PlaceOf(string site, string name, PersonKey person) => $"register/{site}/{name}/{person}";

    internal static byte[] Bytes(PersonKey person)
    {
        var bytes = new byte[PersonKey.Length];
        person.CopyTo(bytes);
        return bytes;
    }
}
