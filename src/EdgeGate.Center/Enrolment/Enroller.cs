using System.Security.Cryptography;
using EdgeGate.Center.Database;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Settings;
using EdgeGate.Messages.Enrolment;
using Npgsql;

namespace EdgeGate.Center.Enrolment;

/// <summary>Lets gates in with a bundle, and shuts them out: here, and in the broker's access files.</summary>
/// <param name="settings">With <see cref="CenterSettings.Enrolment"/>.</param>
internal sealed class Enroller(NpgsqlDataSource database, CenterSettings settings, TimeProvider time)
{
    private const long LockKey = 0x4564_6765_456e_726f; // "EdgeEnro"

    private readonly EnrolmentSettings _enrolment = settings.Enrolment ?? throw new CenterSettingsException("enrolment: what bundles hold is not in the settings");

    /// <summary>A bundle for a gate that is new, or that gets a new login: what it held before is called back.</summary>
    /// <param name="file">Made anew; readable by its owner only.</param>
    /// <param name="beginsAnew">Another box, without the journal of the one before: that one is retired, and its number 1 comes again.</param>
    /// <returns>The passphrase that opens it.</returns>
    /// <exception cref="CenterSettingsException">A key or certificate file cannot be used.</exception>
    /// <exception cref="IOException">The bundle or an access file cannot be written, or the bundle is there already: nothing is changed at the center.</exception>
    public async Task<string> EnrolAsync(GateName gate, string file, bool beginsAnew, CancellationToken cancellationToken)
    {
        using var authority = CenterSettingsFile.ReadGateAuthority(_enrolment, time);
        var access = new BrokerAccess(_enrolment.AccessDirectory);
        var user = BrokerAccess.UserOf(gate.Site, gate.Gate);
        var certificate = authority?.Issue(user, _enrolment.CertificateDays);
        var password = authority is null ? Convert.ToBase64String(RandomNumberGenerator.GetBytes(24)) : null;
        var now = time.GetUtcNow();
        var bundle = CenterSettingsFile.ReadBundle(settings, _enrolment, gate) with { Expires = now.AddDays(_enrolment.BundleDays) };
        bundle = bundle with
        {
            Broker = bundle.Broker with
            {
                User = password is null ? null : user,
                Password = password,
                CertificatePem = certificate?.CertificatePem,
                KeyPem = certificate?.KeyPem,
            },
        };

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await OneAtATimeAsync(connection, cancellationToken);
        await CallBackAsync(connection, gate, now, cancellationToken);
        if (beginsAnew)
            await RetireAsync(connection, gate, now, cancellationToken);
        var id = await connection.Sql(
            """
            insert into gate (site, name, added_at) values ($1, $2, $3)
            on conflict (site, name) do update set revoked_at = null, revoked_why = null returning id
            """,
            gate.Site, gate.Gate, now).ScalarAsync<int>(cancellationToken);
        await connection.Sql("delete from unknown_gate where site = $1 and name = $2", gate.Site, gate.Gate).RunAsync(cancellationToken);
        await connection.Sql(
            "insert into enrolment (ticket, gate_id, public_key, made_at, expires_at, certificate_serial) values ($1, $2, $3, $4, $5, $6)",
            bundle.Ticket.Id, id, bundle.Ticket.PublicKey, now, bundle.Expires, certificate?.Serial).RunAsync(cancellationToken);
        if (bundle.PassKeyPem is not null)
            await BeginPassListsAsync(connection, gate, cancellationToken);
        var passphrase = SealedBundle.NewPassphrase();
        await WriteNewAsync(file, SealedBundle.Seal(bundle, passphrase), cancellationToken);
        // Before the commit: a right at the broker that nobody here knows of does no harm, a bundle without one would not work.
        access.Allow(gate.Site, gate.Gate);
        if (password is not null)
            access.SetPassword(user, password);
        await WriteRevocationsAsync(connection, authority, access, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return passphrase;
    }

    /// <summary>From now on nothing that the gate sends counts, and from the broker's next reload on it may not even send.</summary>
    /// <returns>False when there is no such gate, or it was shut out before.</returns>
    public async Task<bool> RevokeAsync(GateName gate, string why, CancellationToken cancellationToken)
    {
        using var authority = CenterSettingsFile.ReadGateAuthority(_enrolment, time);
        var access = new BrokerAccess(_enrolment.AccessDirectory);
        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await OneAtATimeAsync(connection, cancellationToken);
        var changed = await connection.Sql(
            "update gate set revoked_at = $3, revoked_why = $4, gap_since = null where site = $1 and name = $2 and revoked_at is null", gate.Site, gate.Gate, now, why).RunAsync(cancellationToken);
        if (changed == 0)
            return false;
        await CallBackAsync(connection, gate, now, cancellationToken);
        access.Forbid(gate.Site, gate.Gate);
        await WriteRevocationsAsync(connection, authority, access, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Until the transaction ends: each writes the broker's files whole, from what it read of them and of the database, and would undo what another did meanwhile.</summary>
    private static Task<int> OneAtATimeAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.Sql("select pg_advisory_xact_lock($1)", LockKey).RunAsync(cancellationToken);

    /// <summary>Keeps what the gate sent under a name that no gate has.</summary>
    /// <returns>That name; null when there is no such gate.</returns>
    public static Task<string?> RetireAsync(NpgsqlConnection connection, GateName gate, DateTimeOffset now, CancellationToken cancellationToken) => connection.Sql(
        "update gate set name = name || '~' || id, gap_since = null, fault = 'retired on ' || $3 where site = $1 and name = $2 returning name",
        gate.Site, gate.Gate, $"{now:yyyy-MM-dd}").ScalarAsync<string>(cancellationToken);

    /// <summary>The gate will follow these lists, and to its rules a list that was never sent is missing: then a person has to look at every stranger.</summary>
    private async Task BeginPassListsAsync(NpgsqlConnection connection, GateName gate, CancellationToken cancellationToken)
    {
        var book = new RegisterBook(database, new Audit(time), time, key: null);
        foreach (var list in (string[])[PassDesk.Issued, PassDesk.Revoked])
        {
            if (await book.VersionAsync(gate.Site, list, cancellationToken) == 0)
                await book.ChangeAsync(connection, gate.Site, list, new RegisterChange([], []), Asker.Of("center", $"the gate {gate} follows it", out _)!, cancellationToken);
        }
    }

    /// <summary>Every bundle of the gate so far: its ticket is worth nothing any more, its certificate goes on the list.</summary>
    private static Task<int> CallBackAsync(NpgsqlConnection connection, GateName gate, DateTimeOffset now, CancellationToken cancellationToken) => connection.Sql(
        """
        update enrolment e set revoked_at = $3, public_key = null from gate g
        where g.id = e.gate_id and g.site = $1 and g.name = $2 and e.revoked_at is null
        """,
        gate.Site, gate.Gate, now).RunAsync(cancellationToken);

    private static async Task WriteRevocationsAsync(NpgsqlConnection connection, GateAuthority? authority, BrokerAccess access, CancellationToken cancellationToken)
    {
        if (authority is null)
            return;
        var revoked = await connection.Sql("select certificate_serial, revoked_at from enrolment where certificate_serial is not null and revoked_at is not null order by 2")
            .ListAsync(row => (row.GetString(0), row.GetFieldValue<DateTimeOffset>(1)), cancellationToken);
        access.SetRevocationList(authority.RevocationList(revoked));
    }

    private static async Task WriteNewAsync(string file, byte[] content, CancellationToken cancellationToken)
    {
        var ownerOnly = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        await using var to = new FileStream(file, ownerOnly);
        await to.WriteAsync(content, cancellationToken);
    }
}
