using System.Text.Json;
using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.Privacy;

/// <summary>Who asks, and why. Neither may be empty: a question without a purpose is not answered.</summary>
internal sealed record Asker
{
    private Asker(string name, string purpose) => (Name, Purpose) = (name, purpose);

    public string Name { get; }
    public string Purpose { get; }

    /// <param name="fault">What is missing, in words; null when nothing is.</param>
    public static Asker? Of(string name, string purpose, out string? fault)
    {
        fault = name.Trim().Length is 0 or > 64 ? "say who asks, in 1 to 64 characters"
            : purpose.Trim().Length is < 3 or > 400 ? "say what it is for, in 3 to 400 characters"
            : null;
        return fault is null ? new Asker(name.Trim(), purpose.Trim()) : null;
    }
}

/// <summary>The record of every question about persons. Written in the transaction that answers: no answer without its record.</summary>
internal sealed class Audit(TimeProvider time)
{
    /// <param name="details">Persons by their keys only.</param>
    public Task WriteAsync(NpgsqlConnection connection, Asker asker, string action, object details, int answers, CancellationToken cancellationToken) => connection.Sql(
        "insert into audit (at, asked_by, purpose, action, details, answers) values ($1, $2, $3, $4, $5::jsonb, $6)",
        time.GetUtcNow(), asker.Name, asker.Purpose, action, JsonSerializer.Serialize(details, JsonSerializerOptions.Web), answers).RunAsync(cancellationToken);
}
