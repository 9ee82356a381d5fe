using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.Web.Accounts;

/// <summary>One account signed in at one browser.</summary>
/// <param name="FormToken">Comes back with everything that changes something: no other site's page can know it.</param>
/// <param name="Sites">The sites the account is for, as they are at this request; null for all.</param>
internal sealed record AccountSession(string Account, Role Role, string FormToken, IReadOnlyList<string>? Sites)
{
    public bool Sees(string site) => Sites?.Contains(site, StringComparer.Ordinal) ?? true;
}

/// <summary>
/// Who is signed in, in the database: so it does not matter which process answers, and removing an account ends its sessions. Kept is a
/// hash of the cookie only. Bounded: who signs in at a further browser is signed out at the one used longest ago.
/// </summary>
internal sealed class AccountSessions(NpgsqlDataSource database, TimeProvider time)
{
    public const int MostOfOne = 4;

    /// <summary>A browser left alone is nobody's after this. A page that only refreshes itself does not count as use.</summary>
    public static readonly TimeSpan IdleFor = TimeSpan.FromMinutes(30);

    /// <summary>A working day.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromHours(12);

    /// <summary>Use is noted no more often than this: most requests only read.</summary>
    private static readonly TimeSpan NotedEvery = TimeSpan.FromMinutes(1);
    private const int CookieLength = 43;

    /// <summary>Always a new one, whatever cookie the browser had: nobody can plant a session on somebody else.</summary>
    /// <returns>Its cookie, which is kept nowhere.</returns>
    public async Task<string> OpenAsync(Account account, CancellationToken cancellationToken)
    {
        var cookie = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.Sql(
            """
            delete from account_session where acted_at < $2 or opened_at < $3
                or cookie in (select cookie from account_session where account = $1 order by acted_at desc offset $4)
            """,
            account.Id, now - IdleFor, now - LongestLife, MostOfOne - 1).RunAsync(cancellationToken);
        await connection.Sql("insert into account_session (cookie, account, issue, opened_at, acted_at) values ($1, $2, $3, $4, $4)", HashOf(cookie), account.Id, account.Issue, now)
            .RunAsync(cancellationToken);
        return cookie;
    }

    /// <summary>Null when the session is over, or was never one.</summary>
    /// <param name="isUse">Somebody did something, and not a page by itself.</param>
    public async Task<AccountSession?> FindAsync(string? cookie, bool isUse, CancellationToken cancellationToken)
    {
        if (cookie is not { Length: CookieLength })
            return null;
        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var found = await connection.Sql(
            """
            select s.account, a.role, s.acted_at, a.sites from account_session s join account a on a.id = s.account and a.issue = s.issue
            where s.cookie = $1 and s.acted_at >= $2 and s.opened_at >= $3
            """,
            HashOf(cookie), now - IdleFor, now - LongestLife)
            .ListAsync(row => (Session: new AccountSession(row.GetString(0), AccountBook.RoleOf(row.GetString(1)), FormTokenOf(cookie), row.Maybe<string[]>(3)), ActedAt: row.GetFieldValue<DateTimeOffset>(2)), cancellationToken);
        if (found is not [var (session, actedAt)])
            return null;
        if (isUse && now - actedAt >= NotedEvery)
            await connection.Sql("update account_session set acted_at = $2 where cookie = $1", HashOf(cookie), now).RunAsync(cancellationToken);
        return session;
    }

    public async Task CloseAsync(string? cookie, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.Sql("delete from account_session where cookie = $1", HashOf(cookie ?? "")).RunAsync(cancellationToken);
    }

    private static byte[] HashOf(string cookie) => SHA256.HashData(Encoding.ASCII.GetBytes(cookie));

    /// <summary>From the cookie, which no page can read, by a way that does not lead back; so it need not be kept.</summary>
    private static string FormTokenOf(string cookie) => Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.ASCII.GetBytes(cookie), "form"u8));
}
