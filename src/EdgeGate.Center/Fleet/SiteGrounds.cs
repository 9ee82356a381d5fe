using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.Fleet;

/// <param name="ContentType">One of <see cref="SiteGrounds.ContentTypeOf"/>.</param>
internal sealed record PlanPicture(string ContentType, byte[] Bytes);

/// <summary>Pictures of sites' grounds, and where their gates stand on them.</summary>
internal sealed class SiteGrounds(NpgsqlDataSource database, TimeProvider time)
{
    public const int LargestPicture = 3 * 1024 * 1024;

    public async Task<IReadOnlySet<string>> SitesWithPictureAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.Sql("select site from site_plan").ListAsync(row => row.GetString(0), cancellationToken)).ToHashSet(StringComparer.Ordinal);
    }

    public async Task<PlanPicture?> FindAsync(string site, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.Sql("select content_type, picture from site_plan where site = $1", site)
            .ListAsync(row => new PlanPicture(row.GetString(0), row.GetFieldValue<byte[]>(1)), cancellationToken)).FirstOrDefault();
    }

    /// <returns>False when there is no gate of such a site: its picture would be shown nowhere, and lie there for ever.</returns>
    public async Task<bool> PutAsync(string site, PlanPicture picture, string account, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(
            """
            insert into site_plan (site, content_type, picture, uploaded_by, uploaded_at) select $1, $2, $3, $4, $5 where exists (select from gate where site = $1)
            on conflict (site) do update set content_type = excluded.content_type, picture = excluded.picture, uploaded_by = excluded.uploaded_by, uploaded_at = excluded.uploaded_at
            """,
            site, picture.ContentType, picture.Bytes, account, time.GetUtcNow()).RunAsync(cancellationToken) > 0;
    }

    /// <summary>In thousandths of the picture's width from the left, and of its height from the top.</summary>
    /// <param name="was">Where the gate stood when this was asked for; null when it had no place.</param>
    /// <returns>False when somebody has placed it elsewhere since: nothing is changed then.</returns>
    public async Task<bool> PlaceAsync(GateName gate, (int X, int Y)? was, (int X, int Y) to, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(
            """
            insert into gate_place (gate_id, x, y) select id, $3, $4 from gate where site = $1 and name = $2
            on conflict (gate_id) do update set x = excluded.x, y = excluded.y
                where (gate_place.x, gate_place.y) = ($5::int, $6::int) or (gate_place.x, gate_place.y) = (excluded.x, excluded.y)
            """,
            gate.Site, gate.Gate, to.X, to.Y, was?.X, was?.Y).RunAsync(cancellationToken) > 0;
    }

    /// <summary>By its first bytes, whatever a browser calls it; null for what is not shown.</summary>
    public static string? ContentTypeOf(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? "image/png"
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg"
        : bytes.StartsWith("<svg"u8) || (bytes.StartsWith("<?xml"u8) && bytes[..Math.Min(bytes.Length, 1024)].IndexOf("<svg"u8) > 0) ? "image/svg+xml"
        : null;
}
