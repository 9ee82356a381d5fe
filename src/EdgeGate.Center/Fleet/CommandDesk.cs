using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Settings;
using EdgeGate.Messages.Commands;
using Npgsql;

namespace EdgeGate.Center.Fleet;

/// <summary>What came of an order.</summary>
internal abstract record OrderResult
{
    public sealed record Sent(string Id) : OrderResult;

    public sealed record WrongPassphrase : OrderResult;

    /// <summary>Too many wrong passphrases.</summary>
    public sealed record Wait(TimeSpan For) : OrderResult;

    /// <param name="Why">In words.</param>
    public sealed record Impossible(string Why) : OrderResult;
}

/// <summary>Tells gates what people want of them: signed with the operator's key, on record before it is sent. The answer comes by itself (<see cref="FleetListener"/>).</summary>
internal sealed class CommandDesk(CommandKeySettings? key, CenterOutbox outbox, NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>Long enough for a gate on a slow line, and too short for anybody who finds it later.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(30);

    private readonly LockOut _tries = new(freeTries: 5, most: 1024, time);

    public bool HasKey => key is not null;

    /// <param name="words">What is asked for, for the list of orders; null for the kind alone.</param>
    public async Task<OrderResult> SendAsync(GateName gate, GateCommand order, string words, string account, string passphrase, CancellationToken cancellationToken)
    {
        if (key is null)
            return new OrderResult.Impossible("operatorKey is not in the center's settings");
        var now = time.GetUtcNow();
        var command = order with { Gate = gate.ToString(), Id = Guid.NewGuid().ToString("N"), IssuedAt = now, Expires = now + Life };
        if (command.Fault() is { } fault)
            return new OrderResult.Impossible(fault);
        if (!_tries.TryBegin(account))
            return new OrderResult.Wait(_tries.WaitOf(account));
        string token;
        try
        {
            // A quarter of a second of processor on purpose, beside those who answer requests.
            using var signer = await Task.Run(() => OperatorKey.Open(key, passphrase), cancellationToken);
            if (signer is null)
                return new OrderResult.WrongPassphrase();
            token = CommandToken.Sign(command, key.Id, signer);
        }
        catch (CenterSettingsException unusable)
        {
            return new OrderResult.Impossible(unusable.Message);
        }
        _tries.Succeeded(account);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var isKnown = await connection.Sql(
            """
            insert into gate_command (id, gate_id, asked_by, asked_at, expires_at, kind, words)
            select $3, id, $4, $5, $6, $7, $8 from gate where site = $1 and name = $2
            """,
            gate.Site, gate.Gate, command.Id, account, now, command.Expires, command.Kind, words).RunAsync(cancellationToken);
        if (isKnown == 0)
            return new OrderResult.Impossible($"{gate} is not among the gates");
        outbox.PostCommand(gate, token, command.Id);
        return new OrderResult.Sent(command.Id);
    }
}
