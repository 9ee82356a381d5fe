using System.Security.Cryptography;
using EdgeGate.Center.Database;
using EdgeGate.Messages.Commands;
using Npgsql;

namespace EdgeGate.Center.Ingest;

/// <summary>The key that signs what this center asks of gates.</summary>
internal sealed record CommandSigner(string KeyId, ECDsa Key);

/// <summary>
/// Asks gates for what is missing, when nothing has moved for a while though more is known to have been made. Gates send again by themselves what
/// has no receipt; asking is quicker, and reaches what the broker once refused. Who was asked longest ago comes first: many that are away must not keep the others waiting. Of several processes, who marks a gate as asked, asks.
/// </summary>
internal sealed partial class GapService(NpgsqlDataSource database, CenterOutbox outbox, CommandSigner signer, IngestCounters counters, TimeProvider time, ILogger<GapService> log)
    : DatabaseWatch(TimeSpan.FromSeconds(5), time, log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), AskAgain = TimeSpan.FromMinutes(1), CommandLife = TimeSpan.FromMinutes(1);
    private const int MostGates = 100, MostNumbers = 10_000;

    private sealed record Gap(GateName Gate, long First, long Last);

    internal override async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var gap in await ClaimAsync(cancellationToken))
            Ask(gap);
    }

    private async Task<List<Gap>> ClaimAsync(CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(
            """
            update gate g set asked_at = $1
            from (select id from gate where gap_since < $2 and (asked_at is null or asked_at < $3) and revoked_at is null and name not like '%~%' order by asked_at nulls first, id limit $4 for no key update skip locked) as waiting
            where g.id = waiting.id
            returning g.site, g.name, g.up_to + 1, coalesce((select min(a.sequence) from ahead a where a.gate_id = g.id) - 1, g.highest)
            """,
            now, now - Patience, now - AskAgain, MostGates)
            .ListAsync(row => new Gap(new GateName(row.GetString(0), row.GetString(1)), row.GetInt64(2), row.GetInt64(3)), cancellationToken);
    }

    private void Ask(Gap gap)
    {
        var now = Time.GetUtcNow();
        var last = Math.Min(gap.Last, gap.First + MostNumbers - 1);
        var command = new ResendRangeCommand(gap.First, last) { Gate = gap.Gate.ToString(), Id = Guid.NewGuid().ToString("N"), IssuedAt = now, Expires = now + CommandLife };
        outbox.PostCommand(gap.Gate, CommandToken.Sign(command, signer.KeyId, signer.Key), command.Id);
        counters.ResendAsked();
        LogAsked(gap.Gate, gap.First, last);
    }

    [LoggerMessage(LogLevel.Information, "Gate {Gate} is asked for records {First} to {Last} again")]
    private partial void LogAsked(GateName gate, long first, long last);
}
