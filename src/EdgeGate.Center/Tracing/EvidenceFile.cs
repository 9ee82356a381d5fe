using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Center.Database;
using EdgeGate.Center.Privacy;
using EdgeGate.Messages.Privacy;
using Npgsql;

namespace EdgeGate.Center.Tracing;

/// <summary>
/// Opens what a record keeps closed about a person, with a key that lies elsewhere: whoever asks brings it, for one question. Every opening is on record
/// before anything is shown.
/// </summary>
internal sealed class EvidenceFile(NpgsqlDataSource database, Audit audit)
{
    /// <returns>The opened JSON; null when there is no such record, or nothing sealed in it.</returns>
    /// <exception cref="CryptographicException">It is sealed to another key.</exception>
    public async Task<byte[]?> OpenAsync(string site, string gate, long sequence, ECDiffieHellman key, Asker asker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var payload = await connection.Sql(
            "select r.payload from record r join gate g on g.id = r.gate_id where g.site = $1 and g.name = $2 and r.sequence = $3", site, gate, sequence).ScalarAsync<byte[]>(cancellationToken);
        var opened = payload is not null && SealedIn(payload) is { } sealedPart ? EvidenceSeal.Open(sealedPart, key) : null;
        await audit.WriteAsync(connection, asker, "open-evidence", new { record = $"{site}/{gate}/{sequence}" }, opened is null ? 0 : 1, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return opened;
    }

    private static string? SealedIn(byte[] payload)
    {
        using var record = JsonDocument.Parse(payload);
        return record.RootElement.TryGetProperty("data", out var data) && data.TryGetProperty("sealed", out var part) && part.ValueKind is JsonValueKind.String ? part.GetString() : null;
    }
}
