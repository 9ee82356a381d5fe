using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.Web.Accounts;

/// <summary>The accounts, in the database: taken off or reset, an account is out at once in every process of the center.</summary>
internal sealed class AccountBook(NpgsqlDataSource database, TimeProvider time)
{
    public async Task<IReadOnlyList<Account>> AllAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql("select id, role, hash, issue, sites from account order by id").ListAsync(Of, cancellationToken);
    }

    public async Task<Account?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.Sql("select id, role, hash, issue, sites from account where id = $1", id).ListAsync(Of, cancellationToken)).FirstOrDefault();
    }

    /// <returns>False when there is such an account already.</returns>
    public async Task<bool> AddAsync(string id, Role role, IReadOnlyList<string>? sites, string password, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(
            "insert into account (id, role, hash, issue, added_at, sites) values ($1, $2, $3, $4, $5, $6::text[]) on conflict do nothing",
            id, Word(role), SecretHash.Of(password), Guid.NewGuid(), time.GetUtcNow(), sites?.ToArray()).RunAsync(cancellationToken) > 0;
    }

    /// <summary>Other sites, or all; what is signed in is held to them from its next request on.</summary>
    /// <param name="sites">Null for all.</param>
    /// <returns>False when there is no such account.</returns>
    public async Task<bool> LimitAsync(string id, IReadOnlyList<string>? sites, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql("update account set sites = $2::text[] where id = $1", id, sites?.ToArray()).RunAsync(cancellationToken) > 0;
    }

    /// <summary>Those of the sites that have no gate.</summary>
    public async Task<IReadOnlyList<string>> WithoutGateAsync(IReadOnlyList<string> sites, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql("select site from unnest($1::text[]) as asked (site) where not exists (select from gate where gate.site = asked.site)", (object)sites.ToArray())
            .ListAsync(row => row.GetString(0), cancellationToken);
    }

    /// <summary>Another password; ends whatever is signed in.</summary>
    /// <returns>False when there is no such account.</returns>
    public async Task<bool> ResetAsync(string id, string password, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql("update account set hash = $2, issue = $3 where id = $1", id, SecretHash.Of(password), Guid.NewGuid()).RunAsync(cancellationToken) > 0;
    }

    /// <returns>False when there is no such account.</returns>
    public async Task<bool> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql("delete from account where id = $1", id).RunAsync(cancellationToken) > 0;
    }

    public static Role RoleOf(string word) => Enum.Parse<Role>(word, ignoreCase: true);

    private static string Word(Role role) => role.ToString().ToLowerInvariant();

    private static Account Of(NpgsqlDataReader row) => new(row.GetString(0), RoleOf(row.GetString(1)), row.GetString(2), row.GetGuid(3), row.Maybe<string[]>(4));
}
