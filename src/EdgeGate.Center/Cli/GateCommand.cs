using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Database;
using EdgeGate.Center.Enrolment;
using EdgeGate.Messages.Privacy;

namespace EdgeGate.Center.Cli;

/// <summary><c>edgegate-center gate</c>: whose records are taken, and how far each gate is complete.</summary>
internal static class GateCommand
{
    public static Command Create(TimeProvider time) => new("gate", "The gates whose records are taken.") { Add(time), Revoke(time), Replace(time), Retire(time), List() };

    private static Command Add(TimeProvider time)
    {
        var settings = CenterCommand.SettingsOption();
        var gate = new Argument<string>("gate") { Description = "As site/gate.", HelpName = "site/gate" };
        var key = new Option<string?>("--signing-key") { Description = "The gate's public key (PEM), by which its tallies are believed.", HelpName = "file" };
        var first = new Option<bool>("--pin-first-key") { Description = "Believes the first key that the gate shows on its state topic: only on a network where nobody else could show one." };
        var bundle = new Option<string?>("--out") { Description = "Writes a bundle for \"edgegate enroll\" to this file and prints the passphrase that opens it; what the gate was given before is called back.", HelpName = "file" };
        var command = new Command("add", "Takes a gate's records from now on; or names the key of one that was added before, or gives it a new login.") { gate, settings, key, first, bundle };
        command.SetDatabaseAction(settings, async (parsed, read, database, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            if (NameOf(parsed.GetValue(gate)!) is not var (site, name))
            {
                await terminal.Error.WriteLineAsync(NameWanted);
                return ExitCode.Unusable;
            }
            if (parsed.GetValue(bundle) is { } to)
                return await EnrolAsync(new Enroller(database, read, time), new GateName(site, name), to, terminal, cancellationToken);
            P256Key? pinned = null;
            if (parsed.GetValue(key) is { } file)
            {
                try
                {
                    using var known = ECDsa.Create();
                    known.ImportFromPem(await File.ReadAllTextAsync(file, cancellationToken));
                    pinned = P256Key.Of(known);
                }
                catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
                {
                    await terminal.Error.WriteLineAsync($"{file} is no public key of curve P-256: {unusable.Message}");
                    return ExitCode.Unusable;
                }
            }
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await connection.Sql(
                """
                insert into gate (site, name, added_at, signing_key, pins_first_key) values ($1, $2, $3, $4::jsonb, $5)
                on conflict (site, name) do update set signing_key = coalesce(excluded.signing_key, gate.signing_key), pins_first_key = excluded.pins_first_key
                """,
                site, name, time.GetUtcNow(), pinned is null ? null : JsonSerializer.Serialize(new { pinned.X, pinned.Y }), parsed.GetValue(first)).RunAsync(cancellationToken);
            await connection.Sql("delete from unknown_gate where site = $1 and name = $2", site, name).RunAsync(cancellationToken);
            await terminal.Output.WriteLineAsync($"{site}/{name}: {(pinned is not null ? $"key {pinned.Kid}" : parsed.GetValue(first) ? "the first key it shows will be believed" : "no key: its records are taken, its tallies are not believed")}");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>For a gate that is gone, or whose journal is lost and that counts from 1 again: its records stay, under a name that no gate has.</summary>
    private static Command Retire(TimeProvider time)
    {
        var settings = CenterCommand.SettingsOption();
        var gate = new Argument<string>("gate") { Description = "As site/gate.", HelpName = "site/gate" };
        var command = new Command("retire", "Takes no more of its records and keeps those that are here; a gate added by the same name afterwards begins at number 1.") { gate, settings };
        command.SetDatabaseAction(settings, async (parsed, _, database, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            if (NameOf(parsed.GetValue(gate)!) is not var (site, name))
            {
                await terminal.Error.WriteLineAsync(NameWanted);
                return ExitCode.Unusable;
            }
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            var retired = await Enroller.RetireAsync(connection, new GateName(site, name), time.GetUtcNow(), cancellationToken);
            await terminal.Output.WriteLineAsync(retired is null ? $"{site}/{name} is not among the gates" : $"its records are kept as {site}/{retired}");
            return retired is null ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static Command Revoke(TimeProvider time)
    {
        var settings = CenterCommand.SettingsOption();
        var gate = new Argument<string>("gate") { Description = "As site/gate.", HelpName = "site/gate" };
        var reason = new Option<string>("--reason") { Description = "Why; stands beside what it still sends.", HelpName = "text", Required = true };
        var command = new Command("revoke", "Shuts a gate out, for example a stolen one: what it still sends is set aside, its login is called back, what is here stays.") { gate, settings, reason };
        command.SetDatabaseAction(settings, async (parsed, read, database, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            if (NameOf(parsed.GetValue(gate)!) is not var (site, name))
            {
                await terminal.Error.WriteLineAsync(NameWanted);
                return ExitCode.Unusable;
            }
            try
            {
                var done = await new Enroller(database, read, time).RevokeAsync(new GateName(site, name), parsed.GetValue(reason)!, cancellationToken);
                await terminal.Output.WriteLineAsync(done ? $"{site}/{name} is shut out; {ReloadBroker}" : $"{site}/{name} is not among the gates, or was shut out before");
                return done ? ExitCode.Done : ExitCode.Failed;
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                await terminal.Error.WriteLineAsync(unwritable.Message);
                return ExitCode.Failed;
            }
        });
        return command;
    }

    /// <summary>Another box in the place of one that is broken or gone: it has no journal and begins at number 1.</summary>
    private static Command Replace(TimeProvider time)
    {
        var settings = CenterCommand.SettingsOption();
        var gate = new Argument<string>("gate") { Description = "As site/gate.", HelpName = "site/gate" };
        var bundle = new Option<string>("--out") { Description = "The bundle for the new box.", HelpName = "file", Required = true };
        var command = new Command("replace", "Retires the gate and enrols another box by its name: the old one's records stay, its login is called back.") { gate, settings, bundle };
        command.SetDatabaseAction(settings, async (parsed, read, database, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            if (NameOf(parsed.GetValue(gate)!) is not var (site, name))
            {
                await terminal.Error.WriteLineAsync(NameWanted);
                return ExitCode.Unusable;
            }
            return await EnrolAsync(new Enroller(database, read, time), new GateName(site, name), parsed.GetValue(bundle)!, terminal, cancellationToken, beginsAnew: true);
        });
        return command;
    }

    private static async Task<int> EnrolAsync(Enroller enroller, GateName gate, string file, InvocationConfiguration terminal, CancellationToken cancellationToken, bool beginsAnew = false)
    {
        if (!ListWord.IsValid(gate.Site) || !ListWord.IsValid(gate.Gate) || gate.Gate is "occupancy" or "registers")
        {
            await terminal.Error.WriteLineAsync($"{gate}: site and gate are 1 to 32 lower-case letters, digits or hyphens, and no gate is called occupancy or registers");
            return ExitCode.Unusable;
        }
        try
        {
            var passphrase = await enroller.EnrolAsync(gate, file, beginsAnew, cancellationToken);
            await terminal.Output.WriteLineAsync($"{file} is the bundle of {gate}; {ReloadBroker}");
            await terminal.Output.WriteLineAsync($"passphrase, to be told by another way than the file goes: {passphrase}");
            return ExitCode.Done;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            await terminal.Error.WriteLineAsync(unwritable.Message);
            return ExitCode.Failed;
        }
    }

    private const string NameWanted = "name the gate as site/gate", ReloadBroker = "the broker goes by it from its next reload on (systemctl reload mosquitto)";

    private static (string Site, string Name)? NameOf(string text) => text.Split('/') is [{ Length: > 0 } site, { Length: > 0 } name] ? (site, name) : null;

    private static Command List()
    {
        var settings = CenterCommand.SettingsOption();
        var command = new Command("list", "Every gate: made, here, missing, void, and what is wrong.") { settings };
        command.SetDatabaseAction(settings, async (parsed, _, database, cancellationToken) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            var rows = await connection.Sql(
                """
                select g.site || '/' || g.name, g.highest, g.up_to, g.ahead, coalesce((select sum(m.last - m.first + 1) from missing m where m.gate_id = g.id), 0)::bigint,
                    r.online, g.signing_key is not null,
                    concat_ws('; ', 'revoked on ' || to_char(g.revoked_at at time zone 'UTC', 'YYYY-MM-DD') || ': ' || g.revoked_why, g.fault,
                        (select 'its bundle was used again by key ' || e.tried_again_by from enrolment e where e.gate_id = g.id and e.tried_again_by is not null order by e.made_at desc limit 1))
                from gate g left join gate_report r on r.gate_id = g.id order by 1
                """)
                .ListAsync(row => new[]
                {
                    row.GetString(0), $"{row.GetInt64(1)}", $"{row.GetInt64(2) + row.GetInt32(3) - row.GetInt64(4)}",
                    $"{row.GetInt64(1) - row.GetInt64(2) - row.GetInt32(3)}", $"{row.GetInt64(4)}",
                    row.IsDBNull(5) ? "?" : row.GetBoolean(5) ? "online" : "offline", row.GetBoolean(6) ? "pinned" : "no key", row.GetString(7),
                }, cancellationToken);
            await TextTable.WriteAsync(output, ["gate", "made", "here", "missing", "void", "state", "key", "fault"], rows);
            var unknown = await connection.Sql("select site || '/' || name, messages from unknown_gate order by 1").ListAsync(row => $"{row.GetString(0)} ({row.GetInt64(1)} messages)", cancellationToken);
            if (unknown.Count > 0)
                await output.WriteLineAsync($"sending without having been added: {string.Join(", ", unknown)}");
            return ExitCode.Done;
        });
        return command;
    }
}
