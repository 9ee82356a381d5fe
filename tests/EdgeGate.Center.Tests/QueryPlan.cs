using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.Tests;

/// <summary>How PostgreSQL would answer, without answering: which tables it reads by which index.</summary>
internal static class QueryPlan
{
    public static async Task<string> OfAsync(NpgsqlDataSource database, string sql, params object?[] arguments)
    {
        await using var connection = await database.OpenConnectionAsync();
        return string.Join('\n', await connection.Sql("explain (costs off) " + sql, arguments).ListAsync(row => row.GetString(0), CancellationToken.None));
    }

    /// <summary>What is read from end to end, of these.</summary>
    public static IEnumerable<string> ReadWhole(string plan, params string[] tables) => tables.Where(table => plan.Contains($"Seq Scan on {table} ", StringComparison.Ordinal) || plan.Contains($"Seq Scan on {table}\n", StringComparison.Ordinal));
}
