using System.Text.Json;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Messages.Enrolment;
using EdgeGate.Messages.Records;
using Npgsql;

namespace EdgeGate.Center.Enrolment;

/// <summary>Takes the proof that a gate shows with its state, within the transaction that holds the gate's row.</summary>
internal static class Tickets
{
    /// <summary>A proof that holds pins the key it is about, in place of any before; each ticket does so once. A second key is noted, for a person to see.</summary>
    public static async Task RedeemAsync(NpgsqlConnection connection, GateProgress gate, GateStateMessage state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (state is not { Enrolment: { } proof, SigningKey: { } key } || await FindAsync(connection, gate, proof, cancellationToken) is not { } ticket)
            return;
        if (ticket.UsedBy is { } used)
        {
            if (used != key.Kid)
                await connection.Sql("update enrolment set tried_again_at = $2, tried_again_by = $3 where ticket = $1", proof.Id, now, key.Kid).RunAsync(cancellationToken);
            return;
        }
        if (ticket.PublicKey is not { } publicKey || ticket.Expires < now || !proof.IsBy(publicKey, gate.Name.Site, gate.Name.Gate, key.Kid))
            return;
        await connection.Sql("update enrolment set public_key = null, used_at = $2, used_by = $3 where ticket = $1", proof.Id, now, key.Kid).RunAsync(cancellationToken);
        await connection.Sql("update gate set signing_key = $2::jsonb where id = $1", gate.Id, JsonSerializer.Serialize(new { key.X, key.Y })).RunAsync(cancellationToken);
        await connection.Sql("update gate_report set session = null where gate_id = $1", gate.Id).RunAsync(cancellationToken); // on a new disk, perhaps with a clock not set, it counts anew
    }

    private static async Task<(string? PublicKey, DateTimeOffset Expires, string? UsedBy)?> FindAsync(
        NpgsqlConnection connection, GateProgress gate, EnrolmentProof proof, CancellationToken cancellationToken)
    {
        var found = await connection.Sql("select public_key, expires_at, used_by from enrolment where ticket = $1 and gate_id = $2 and revoked_at is null", proof.Id, gate.Id)
            .ListAsync(row => (row.Maybe<string>(0), row.GetFieldValue<DateTimeOffset>(1), row.Maybe<string>(2)), cancellationToken);
        return found is [var ticket] ? ticket : null;
    }
}
