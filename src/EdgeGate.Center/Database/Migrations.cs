using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace EdgeGate.Center.Database;

/// <summary>
/// Brings the database to this program's form: the numbered SQL files of this assembly, each once, in order, each in a transaction
/// of its own. Several processes may start at once: one works, the others wait.
/// </summary>
internal static class Migrations
{
    private const long LockKey = 0x4564_6765_4761_7465; // "EdgeGate", among all who use advisory locks in this database

    public sealed record Step(int Number, string Name, string Sql)
    {
        public string Digest { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));
    }

    public static IReadOnlyList<Step> Known { get; } = Load();

    /// <returns>What was done now; empty when there was nothing to do.</returns>
    /// <exception cref="MigrationException">The database is newer than this program, or was made by other files than these.</exception>
    /// <exception cref="NpgsqlException">The database is not there, or refused a step; the steps before it stay done.</exception>
    public static Task<IReadOnlyList<Step>> ApplyAsync(NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken) =>
        ApplyAsync(database, Known, time, cancellationToken);

    internal static async Task<IReadOnlyList<Step>> ApplyAsync(NpgsqlDataSource database, IReadOnlyList<Step> known, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var alone = await AdvisoryLock.TakeAsync(connection, LockKey, cancellationToken);
        await connection.Sql("create table if not exists migration (number int primary key, name text not null, digest text not null, applied_at timestamptz not null)")
            .RunAsync(cancellationToken);
        var applied = (await connection.Sql("select number, digest from migration").ListAsync(row => (Number: row.GetInt32(0), Digest: row.GetString(1)), cancellationToken))
            .ToDictionary(step => step.Number, step => step.Digest);
        Check(applied, known);
        var missing = known.Where(step => !applied.ContainsKey(step.Number)).ToArray();
        foreach (var step in missing)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await connection.Sql(step.Sql).WithoutLimit().RunAsync(cancellationToken); // an index over half a year of passages takes minutes
            await connection.Sql("insert into migration values ($1, $2, $3, $4)", step.Number, step.Name, step.Digest, time.GetUtcNow()).RunAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        return missing;
    }

    private static void Check(Dictionary<int, string> applied, IReadOnlyList<Step> known)
    {
        var newest = applied.Keys.DefaultIfEmpty().Max();
        if (newest > known[^1].Number)
            throw new MigrationException($"the database is in form {newest}, and this program knows forms up to {known[^1].Number}: install the newer program");
        foreach (var step in known)
        {
            if (applied.TryGetValue(step.Number, out var digest) && digest != step.Digest)
                throw new MigrationException($"step {step.Number} ({step.Name}) was done in this database by another file than this program has: a step is never changed, a new one is added");
        }
    }

    private static Step[] Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name =>
        {
            using var text = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return new Step(int.Parse(name.AsSpan(0, 3)), name[4..^4], text.ReadToEnd());
        })];
    }
}

internal sealed class MigrationException(string message) : Exception(message);
