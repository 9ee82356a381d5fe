using System.Buffers.Text;
using EdgeGate.Access;
using EdgeGate.Center.Database;
using EdgeGate.Center.Privacy;
using Npgsql;

namespace EdgeGate.Center.People;

/// <summary>Whom a new file is about.</summary>
/// <param name="Person">32 bytes: the key of the ID number.</param>
internal sealed record NewFile(string Site, byte[] Person, string MaskedName, string Unit, FileKind Kind, DateTimeOffset Until, FileDetails Details);

/// <summary>
/// Files of persons under observation. Each reading of one, and each list of them, is on record with who read it. Every change is a transaction of its own and
/// leaves an event in the file.
/// </summary>
internal sealed class PersonFiles(NpgsqlDataSource database, Audit audit, TimeProvider time, DataKey key)
{
    /// <summary>Nobody is under observation for longer without somebody saying so again.</summary>
    public static TimeSpan LongestObservation { get; } = TimeSpan.FromDays(60);

    /// <summary>What a household enters must not push out of sight what officers entered.</summary>
    public const int MostOfHouseholdADay = 24;

    private const int MostEvents = 500;

    private const string SummarySql =
        """
        select f.id, f.site, f.kind, f.state, f.masked_name, f.unit, f.building, f.opened_at, f.until,
            m.at, m.sealed, m.by_whom, m.source,
            (select min(r.due) from measure_reminder r where r.file_id = f.id and f.state = 1 and r.due > coalesce(m.at, '-infinity')),
            (select e.kind from person_file_event e where e.file_id = f.id and e.kind in (5, 6) order by e.at desc, e.id desc limit 1)
        from person_file f left join lateral (
            select x.at, x.sealed, x.entered_by as by_whom, x.source from person_measure x where x.file_id = f.id order by x.at desc limit 1) m on true
        """;

    /// <summary>$1 of which file, $2 how many that people entered, and how many that its door told (5 and 6): of these there may be thousands.</summary>
    private const string EventsSql =
        """
        select at, kind, by_whom, sealed from (
            (select * from person_file_event where file_id = $1 and kind not in (5, 6) order by at desc, id desc limit $2)
            union all (select * from person_file_event where file_id = $1 and kind in (5, 6) order by at desc, id desc limit $2)) e
        order by at desc, id desc
        """;

    /// <summary>Proposals and open files, and those closed that are still kept; overdue ones first.</summary>
    public async Task<IReadOnlyList<FileSummary>> ListAsync(string site, Asker asker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var files = await connection.Sql($"{SummarySql} where f.site = $1 order by f.state, f.opened_at desc, f.id", site).ListAsync(Summary, cancellationToken);
        await audit.WriteAsync(connection, asker, "list-files", new { site }, files.Count, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return files;
    }

    /// <summary>Null when there is no such file; the question is on record all the same.</summary>
    public async Task<PersonFile?> ReadAsync(long id, Asker asker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var head = await connection.Sql("select site, person, details, contact, closed_at, opened_at from person_file where id = $1", id).ListAsync(
            row => (Site: row.GetString(0), Person: row.GetFieldValue<byte[]>(1), Details: row.Maybe<byte[]>(2), Contact: row.Maybe<string>(3), ClosedAt: row.MaybeTime(4), OpenedAt: row.GetFieldValue<DateTimeOffset>(5)),
            cancellationToken);
        PersonFile? file = null;
        if (head is [var found])
        {
            var summary = (await connection.Sql($"{SummarySql} where f.id = $1", id).ListAsync(Summary, cancellationToken))[0];
            file = new PersonFile(
                summary, key.Open<FileDetails>(PlaceOf(found.Site, found.Person), found.Details), found.Contact, found.ClosedAt,
                await connection.Sql("select at, sealed, entered_by, source from person_measure where file_id = $1 order by at desc limit $2", id, MostEvents)
                    .ListAsync(row => MeasureOf(id, row, 0), cancellationToken),
                await connection.Sql(EventsSql, id, MostEvents)
                    .ListAsync(row => new FileEvent(row.GetFieldValue<DateTimeOffset>(0), (FileEventKind)row.GetInt16(1), row.GetString(2), key.Open<string>(PlaceOf(id), row.Maybe<byte[]>(3))), cancellationToken),
                await connection.Sql(
                    """
                    select p.at, g.name, l.name, p.direction, p.outcome from passage p join gate g on g.id = p.gate_id join lane l on l.id = p.lane_id
                    where p.person = $1 and p.at >= $2 and g.site = $3 and p.at <= coalesce($4, 'infinity'::timestamptz) order by p.at desc limit $5
                    """, found.Person, found.OpenedAt, found.Site, found.ClosedAt, MostEvents)
                    .ListAsync(row => new FilePassage(row.GetFieldValue<DateTimeOffset>(0), row.GetString(1), row.GetString(2), (Direction)row.GetInt16(3), (Outcome)row.GetInt16(4)), cancellationToken));
        }
        await audit.WriteAsync(connection, asker, "read-file", new { file = id }, file is null ? 0 : 1, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return file;
    }

    /// <returns>The file's number; null when there is one of this person and kind already.</returns>
    public async Task<long?> OpenAsync(NewFile file, Asker asker, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // A proposal of the same person and kind becomes the file.
        var id = await connection.Sql(
            """
            insert into person_file (site, person, masked_name, unit, kind, state, opened_at, opened_by, until, details) values ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9)
            on conflict (site, person, kind) where state in (0, 1) do update
                set state = 1, masked_name = excluded.masked_name, unit = excluded.unit, opened_at = excluded.opened_at, opened_by = excluded.opened_by, until = excluded.until, details = excluded.details
                where person_file.state = 0
            returning id
            """,
            file.Site, file.Person, file.MaskedName, file.Unit, (short)file.Kind, now, asker.Name, Bounded(file.Until, now), key.Seal(PlaceOf(file.Site, file.Person), file.Details))
            .ScalarAsync<long>(cancellationToken);
        if (id == 0)
            return null;
        await AddEventAsync(connection, id, FileEventKind.Opened, asker, words: null, cancellationToken);
        await audit.WriteAsync(connection, asker, "open-file", new { file = id, kind = file.Kind.ToString(), person = Base64Url.EncodeToString(file.Person) }, 1, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return id;
    }

    /// <summary>A proposal becomes a file.</summary>
    /// <returns>False when it is none (any more).</returns>
    public Task<bool> AcceptAsync(long id, string unit, DateTimeOffset until, FileDetails details, Asker asker, CancellationToken cancellationToken) => ChangeAsync(id, FileEventKind.Opened, asker, words: null, async connection =>
    {
        var now = time.GetUtcNow();
        var whose = await connection.Sql("select site, person from person_file where id = $1 and state = 0 for update", id).ListAsync(row => (Site: row.GetString(0), Person: row.GetFieldValue<byte[]>(1)), cancellationToken);
        return whose is [var (site, person)] && await connection.Sql(
            "update person_file set state = 1, opened_at = $2, opened_by = $3, until = $4, details = $5, unit = case when $6 = '' then unit else $6 end where id = $1",
            id, now, asker.Name, Bounded(until, now), key.Seal(PlaceOf(site, person), details), unit).RunAsync(cancellationToken) == 1;
    }, cancellationToken);

    public Task<bool> DismissAsync(long id, string words, Asker asker, CancellationToken cancellationToken) => ChangeAsync(id, FileEventKind.Dismissed, asker, words, async connection =>
        await connection.Sql("update person_file set state = 3, closed_at = $2 where id = $1 and state = 0", id, time.GetUtcNow()).RunAsync(cancellationToken) == 1, cancellationToken);

    public Task<bool> NoteAsync(long id, string words, Asker asker, CancellationToken cancellationToken) => ChangeAsync(id, FileEventKind.Note, asker, words, async connection =>
        await connection.Sql("select count(*) from person_file where id = $1 and state = 1", id).ScalarAsync<long>(cancellationToken) == 1, cancellationToken);

    /// <param name="was">What was bound when this was decided: with another one nothing is changed.</param>
    /// <param name="contact">Null to take it off.</param>
    public Task<bool> BindContactAsync(long id, string? was, string? contact, Asker asker, CancellationToken cancellationToken) => ChangeAsync(id, FileEventKind.ContactBound, asker, contact, async connection =>
        await connection.Sql("update person_file set contact = $2 where id = $1 and state = 1 and contact is not distinct from $3::text", id, contact, was).RunAsync(cancellationToken) == 1, cancellationToken);

    /// <param name="was">The end that was known when this was decided: with another one nothing is changed.</param>
    public Task<bool> ExtendAsync(long id, DateTimeOffset was, DateTimeOffset until, string words, Asker asker, CancellationToken cancellationToken) => ChangeAsync(id, FileEventKind.Extended, asker, words, async connection =>
        await connection.Sql("update person_file set until = $2 where id = $1 and state = 1 and until = $3", id, Bounded(until, time.GetUtcNow()), was.ToUniversalTime()).RunAsync(cancellationToken) == 1, cancellationToken);

    public Task<bool> ReleaseAsync(long id, string words, Asker asker, CancellationToken cancellationToken) => ChangeAsync(id, FileEventKind.Released, asker, words, async connection =>
        await connection.Sql("update person_file set state = 2, closed_at = $2, contact = null where id = $1 and state = 1", id, time.GetUtcNow()).RunAsync(cancellationToken) == 1, cancellationToken);

    /// <param name="words">The temperature is checked by the caller: between <see cref="Measure.Lowest"/> and <see cref="Measure.Highest"/>.</param>
    /// <param name="household">Only if the file is of this unit; null for who may enter it for anybody.</param>
    /// <returns>False when there is no such open file, for this household.</returns>
    public async Task<bool> MeasureAsync(long id, MeasureWords words, string by, MeasureSource source, (string Site, string Unit)? household, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(
            """
            insert into person_measure (file_id, at, entered_by, source, sealed)
            select id, $2, $3, $4, $5 from person_file where id = $1 and state = 1 and ($6::text is null or (site = $6 and unit = $7 and unit <> ''
                and (select count(*) from person_measure m where m.file_id = $1 and m.source = $4 and m.at > $8) < $9))
            on conflict do nothing
            """,
            id, time.GetUtcNow(), by, (short)source, key.Seal(PlaceOf(id), words), household?.Site, household?.Unit, time.GetUtcNow().AddDays(-1), MostOfHouseholdADay).RunAsync(cancellationToken) == 1;
    }

    /// <summary>Whom a household can enter measures for: nobody but those of its own unit.</summary>
    public async Task<IReadOnlyList<(long Id, string MaskedName, DateTimeOffset? LastMeasure, DateTimeOffset? MissingSince)>> OfHouseholdAsync(string site, string unit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql($"{SummarySql} where f.site = $1 and f.unit = $2 and f.unit <> '' and f.state = 1 order by f.id", site, unit)
            .ListAsync(row => Summary(row) is var file ? (file.Id, file.MaskedName, file.LastMeasure?.At, file.MissingSince) : default, cancellationToken);
    }

    private async Task<bool> ChangeAsync(long id, FileEventKind kind, Asker asker, string? words, Func<NpgsqlConnection, Task<bool>> change, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await change(connection))
            return false;
        await AddEventAsync(connection, id, kind, asker, words, cancellationToken);
        await audit.WriteAsync(connection, asker, "change-file", new { file = id, what = kind.ToString() }, 1, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private Task<int> AddEventAsync(NpgsqlConnection connection, long id, FileEventKind kind, Asker asker, string? words, CancellationToken cancellationToken) => connection.Sql(
        "insert into person_file_event (file_id, at, kind, by_whom, sealed) values ($1, $2, $3, $4, $5)",
        id, time.GetUtcNow(), (short)kind, asker.Name, words is { Length: > 0 } ? key.Seal(PlaceOf(id), words) : null).RunAsync(cancellationToken);

    private FileSummary Summary(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), (FileKind)row.GetInt16(2), (FileState)row.GetInt16(3), row.GetString(4), row.GetString(5), row.GetString(6),
        row.GetFieldValue<DateTimeOffset>(7), row.GetFieldValue<DateTimeOffset>(8), row.IsDBNull(9) ? null : MeasureOf(row.GetInt64(0), row, 9), row.MaybeTime(13),
        row.IsDBNull(14) ? null : (FileEventKind)row.GetInt16(14) is FileEventKind.DoorOpened);

    /// <param name="first">Column of the time; the sealed value, by whom and the source follow.</param>
    private Measure MeasureOf(long id, NpgsqlDataReader row, int first)
    {
        var words = key.Open<MeasureWords>(PlaceOf(id), row.GetFieldValue<byte[]>(first + 1));
        return new(row.GetFieldValue<DateTimeOffset>(first), words?.Celsius, words?.Note ?? "", row.GetString(first + 2), (MeasureSource)row.GetInt16(first + 3));
    }

    private static DateTimeOffset Bounded(DateTimeOffset until, DateTimeOffset now) => (until < now ? now : until > now + LongestObservation ? now + LongestObservation : until).ToUniversalTime();

    private static string PlaceOf(string site, byte[] person) => $"file/{site}/{Base64Url.EncodeToString(person)}";

    private static string PlaceOf(long id) => $"file/{id}";
}
