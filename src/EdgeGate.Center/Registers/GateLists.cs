using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.Registers;

/// <summary>How new a list is at a gate.</summary>
internal enum ListState
{
    Current,

    /// <summary>Behind for no longer than it may take.</summary>
    UnderWay,

    /// <summary>Behind for longer: the gate decides by an old list.</summary>
    Stale,

    /// <summary>The gate never said that it has this list: it does not go by it, or never got it.</summary>
    Never,
}

/// <param name="Version">What the gate brought into force last; null when it never did.</param>
internal sealed record GateList(string Site, string Gate, string Register, long? Version, DateTimeOffset? At, long Newest, ListState State);

/// <summary>Which gate has which version of which list. A gate says so itself, by the record of each list that comes into force.</summary>
internal sealed class GateLists(NpgsqlDataSource database, TimeProvider time)
{
    public static TimeSpan MayTake { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Every gate with every list of its site.</summary>
    public async Task<IReadOnlyList<GateList>> ListAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(
            """
            select g.site, g.name, r.name, h.version, h.at, r.version, coalesce(r.announced_at, r.issued_at)
            from register r join gate g on g.site = r.site left join gate_register h on h.gate_id = g.id and h.register = r.name
            where r.version > 0 and g.name not like '%~%' order by 1, 3, 2
            """)
            .ListAsync(
                row =>
                {
                    long? has = row.IsDBNull(3) ? null : row.GetInt64(3);
                    var newest = row.GetInt64(5);
                    return new GateList(row.GetString(0), row.GetString(1), row.GetString(2), has, row.MaybeTime(4), newest, StateOf(has, newest, now - row.GetFieldValue<DateTimeOffset>(6)));
                },
                cancellationToken);
    }

    /// <param name="outSince">How long the newest version has been out.</param>
    internal static ListState StateOf(long? has, long newest, TimeSpan outSince) =>
        has is not { } version ? ListState.Never
        : version >= newest ? ListState.Current
        : outSince < MayTake ? ListState.UnderWay
        : ListState.Stale;
}
