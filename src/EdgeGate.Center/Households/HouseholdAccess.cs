using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Database;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Settings;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Trust;
using Npgsql;

namespace EdgeGate.Center.Households;

/// <summary>Who is signed in at the residents' page: a unit, by one of its passes. Everything shown or changed there is asked for by these, never by what a request names.</summary>
/// <param name="FormToken">Comes back with everything that changes something.</param>
internal sealed record Household(string Site, string Unit, PersonKey Pass, string FormToken)
{
    public string Building => UnitName.BuildingOf(Unit);
}

/// <summary>What came of trying to sign in. A wrong PIN and a pass nobody knows look the same, until a pass locks.</summary>
internal abstract record HouseholdSignIn
{
    private HouseholdSignIn() { }

    /// <param name="Cookie">Of the session; kept nowhere.</param>
    /// <param name="Device">By which this phone is known the next time; kept nowhere.</param>
    internal sealed record Done(string Cookie, string Device) : HouseholdSignIn;

    internal sealed record Wrong : HouseholdSignIn;

    /// <param name="Until">When this client may try again; others may before.</param>
    internal sealed record Locked(DateTimeOffset Until) : HouseholdSignIn;
}

/// <summary>Who tries to sign in.</summary>
/// <param name="Address">As <see cref="ClientAddress"/> names it.</param>
/// <param name="Device">What an earlier sign-in left on the phone; null when nothing did.</param>
internal sealed record HouseholdClient(string Address, string? Device = null);

/// <summary>
/// A pass and a PIN open the residents' page of the pass's unit. The PIN is made at the desk and shown once. Wrong ones are counted in the database, under the
/// pass's row lock: neither many at once nor many processes nor a restart buy more tries. They are counted for each client, and for all strangers together;
/// a phone on which the household has signed in before is no stranger. So who knows the number of a pass can make strangers wait, and never the household's own phone.
/// </summary>
/// <remarks>
/// A PIN has 10^8 values. Strangers, however many addresses they have, get <see cref="StrangersAtOnce"/> tries and one more every <see cref="OneMorePer"/>: in the
/// longest life of a PIN (366 days) 20 + 366 × 6 = 2216 tries, a chance of 1 in 45 000. A stolen phone gets five tries and then waits up to a day
/// for each further five: about 1850 tries, 1 in 54 000.
/// </remarks>
internal sealed class HouseholdAccess(NpgsqlDataSource database, PassDesk passes, PassSigner signer, SiteKeys keys, DataKey key, Audit audit, TimeProvider time)
{
    /// <summary>So many wrong ones of a client, and it waits; twice as long after as many more, up to a day.</summary>
    public const int TriesBeforeWait = 5;
    public static TimeSpan FirstWait { get; } = TimeSpan.FromMinutes(15);
    public static TimeSpan LongestWait { get; } = TimeSpan.FromDays(1);

    /// <summary>After the last of them. Much longer than a wait: whoever paused until they were forgotten would begin with short waits again, and try more in all.</summary>
    public static TimeSpan TriesAreKeptFor { get; } = TimeSpan.FromDays(30);

    /// <summary>Wrong ones of all strangers together.</summary>
    public const int StrangersAtOnce = 20;
    public static TimeSpan OneMorePer { get; } = TimeSpan.FromHours(4);
    public static TimeSpan SessionLife { get; } = TimeSpan.FromHours(2);

    private const int PinDigits = 8, CookieLength = 43, SaltLength = 16;
    private static readonly TimeSpan LongestPin = TimeSpan.FromDays(366);
    private readonly HealthCodeVerifier _verifier = new(new TrustStore([]), new HealthCodeOptions { PassKeys = [PassKey.FromPem(signer.Key.ExportSubjectPublicKeyInfoPem())] });

    /// <summary>A new PIN for a pass, in place of the one before; ends what was signed in by that.</summary>
    /// <returns>Null when the pass was not issued, is called back or over, or is no resident's: a visitor's says whom the visit is to, and opens nothing there.</returns>
    public async Task<string?> GivePinAsync(string site, string passId, Asker asker, CancellationToken cancellationToken)
    {
        var pass = passes.KeyOf(site, passId);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (await passes.FindResidentAsync(connection, site, pass, cancellationToken) is not { Unit.Length: > 0 } issued)
            return null;
        var (pin, salt, now) = (RandomNumberGenerator.GetString("0123456789", PinDigits), RandomNumberGenerator.GetBytes(SaltLength), time.GetUtcNow());
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.Sql("delete from household_pin where site = $1 and pass = $2", site, RegisterBook.Bytes(pass)).RunAsync(cancellationToken);
        await connection.Sql(
            "insert into household_pin (site, pass, unit, salt, hash, made_by, made_at, until) values ($1, $2, $3, $4, $5, $6, $7, $8)",
            site, RegisterBook.Bytes(pass), issued.Unit, salt, key.HashPin(pin, salt), asker.Name, now, now + LongestPin).RunAsync(cancellationToken);
        await audit.WriteAsync(connection, asker, "give-pin", new { site, unit = issued.Unit, pass = pass.ToString() }, 1, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return pin;
    }

    /// <param name="shown">The number printed on the pass, or what its code says.</param>
    public async Task<HouseholdSignIn> SignInAsync(string shown, string pin, HouseholdClient client, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (IdOf(shown.Trim(), now) is { } id)
        {
            foreach (var site in keys.Sites) // a pass is keyed differently at each; its number is none of another site
            {
                if (KeyAt(site, id) is { } pass && await SignInAsync(site, pass, pin, client, now, cancellationToken) is { } answer)
                    return answer;
            }
        }
        _ = key.HashPin(pin, new byte[SaltLength]); // takes as long as a pass that exists
        return new HouseholdSignIn.Wrong();
    }

    /// <summary>Null when the session is over, was never one, or its pass is called back or over.</summary>
    public async Task<Household?> FindAsync(string? cookie, CancellationToken cancellationToken)
    {
        if (cookie is not { Length: CookieLength })
            return null;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var found = await connection.Sql(
            "select s.site, p.unit, s.pass from household_session s join household_pin p on p.site = s.site and p.pass = s.pass where s.token_hash = $1 and s.until > $2 and p.until > $2",
            HashOf(cookie), time.GetUtcNow())
            .ListAsync(row => new Household(row.GetString(0), row.GetString(1), new PersonKey(row.GetFieldValue<byte[]>(2)), FormTokenOf(cookie)), cancellationToken);
        // The unit of the pass may have changed since the PIN was given: then it opens nothing any more.
        return found is [var household] && await passes.FindResidentAsync(connection, household.Site, household.Pass, cancellationToken) is { } pass && pass.Unit == household.Unit ? household : null;
    }

    public async Task SignOutAsync(string? cookie, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.Sql("delete from household_session where token_hash = $1", HashOf(cookie ?? "")).RunAsync(cancellationToken);
    }

    /// <returns>Null when this site knows no PIN of such a pass.</returns>
    private async Task<HouseholdSignIn?> SignInAsync(string site, PersonKey pass, string pin, HouseholdClient client, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var found = await connection.Sql("select salt, hash, strangers_until from household_pin where site = $1 and pass = $2 and until > $3 for update", site, RegisterBook.Bytes(pass), now)
            .ListAsync(row => (Salt: row.GetFieldValue<byte[]>(0), Hash: row.GetFieldValue<byte[]>(1), StrangersUntil: row.MaybeTime(2)), cancellationToken);
        if (found is not [var known])
            return null;
        var owner = $"{site} {pass} {Convert.ToHexString(known.Salt)}"; // a new PIN has a new salt, and makes every phone a stranger
        var device = key.Devices.NameOf(client.Device, owner);
        var tries = new Tries(site, pass, device ?? key.NameOfClient(owner, client.Address), IsStranger: device is null, now);
        if (await tries.LockedUntilAsync(connection, known.StrangersUntil, cancellationToken) is { } lockedUntil)
            return new HouseholdSignIn.Locked(lockedUntil);
        if (!CryptographicOperations.FixedTimeEquals(key.HashPin(pin, known.Salt), known.Hash))
        {
            var waitsUntil = await tries.CountAsync(connection, known.StrangersUntil, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return waitsUntil is { } until ? new HouseholdSignIn.Locked(until) : new HouseholdSignIn.Wrong();
        }
        if (await passes.FindResidentAsync(connection, site, pass, cancellationToken) is null)
            return new HouseholdSignIn.Wrong();
        var cookie = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        await tries.ForgetAsync(connection, cancellationToken);
        await connection.Sql("delete from household_session where until < $1", now).RunAsync(cancellationToken);
        await connection.Sql("insert into household_session (token_hash, site, pass, until) values ($1, $2, $3, $4)", HashOf(cookie), site, RegisterBook.Bytes(pass), now + SessionLife).RunAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new HouseholdSignIn.Done(cookie, device is null ? key.Devices.NewCookie(owner) : client.Device!);
    }

    /// <summary>The wrong PINs of one client for one pass, whose row the caller has locked.</summary>
    private sealed record Tries(string Site, PersonKey Pass, string Client, bool IsStranger, DateTimeOffset Now)
    {
        /// <summary>Null when it may try.</summary>
        public async Task<DateTimeOffset?> LockedUntilAsync(NpgsqlConnection connection, DateTimeOffset? strangersUntil, CancellationToken cancellationToken)
        {
            if (await connection.Sql("select locked_until from household_client where site = $1 and pass = $2 and client = $3 and locked_until > $4", Site, RegisterBook.Bytes(Pass), Client, Now)
                .ScalarAsync<DateTime>(cancellationToken) is { Ticks: > 0 } lockedUntil)
                return new DateTimeOffset(lockedUntil);
            var oneIsLeftAt = strangersUntil - ((StrangersAtOnce - 1) * OneMorePer);
            return IsStranger && oneIsLeftAt > Now ? oneIsLeftAt : null;
        }

        /// <returns>Until when it must wait now; null when it may try on.</returns>
        public async Task<DateTimeOffset?> CountAsync(NpgsqlConnection connection, DateTimeOffset? strangersUntil, CancellationToken cancellationToken)
        {
            var wrong = await connection.Sql(
                """
                insert into household_client (site, pass, client, wrong, last_at) values ($1, $2, $3, 1, $4)
                on conflict (site, pass, client) do update set wrong = household_client.wrong + 1, last_at = excluded.last_at returning wrong
                """,
                Site, RegisterBook.Bytes(Pass), Client, Now).ScalarAsync<int>(cancellationToken);
            if (IsStranger)
            {
                await connection.Sql("update household_pin set strangers_until = $3 where site = $1 and pass = $2", Site, RegisterBook.Bytes(Pass), (strangersUntil > Now ? strangersUntil.Value : Now) + OneMorePer)
                    .RunAsync(cancellationToken);
            }
            if (wrong % TriesBeforeWait != 0)
                return null;
            var wait = FirstWait * Math.Pow(2, Math.Min(wrong / TriesBeforeWait, 10) - 1);
            var until = Now + (wait < LongestWait ? wait : LongestWait);
            await connection.Sql("update household_client set locked_until = $4 where site = $1 and pass = $2 and client = $3", Site, RegisterBook.Bytes(Pass), Client, until).RunAsync(cancellationToken);
            return until;
        }

        public Task<int> ForgetAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
            connection.Sql("delete from household_client where site = $1 and pass = $2 and client = $3", Site, RegisterBook.Bytes(Pass), Client).RunAsync(cancellationToken);
    }

    /// <summary>Null when it is neither a pass's number nor a genuine pass of this center.</summary>
    private string? IdOf(string shown, DateTimeOffset now) =>
        shown.StartsWith(PassText.Prefix, StringComparison.Ordinal) ? _verifier.Verify(shown, new VerificationMoment(now, ClockTrusted: true)).Pass?.Id
        : shown.Length is > 0 and <= 64 && shown.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_') ? shown.ToUpperInvariant()
        : null;

    /// <summary>Null where a site's key is not there (yet): the residents of the others can sign in all the same.</summary>
    private PersonKey? KeyAt(string site, string id)
    {
        try
        {
            return passes.KeyOf(site, id);
        }
        catch (CenterSettingsException)
        {
            return null;
        }
    }

    private static byte[] HashOf(string cookie) => SHA256.HashData(Encoding.ASCII.GetBytes(cookie));

    /// <summary>From the cookie, by a way that does not lead back.</summary>
    private static string FormTokenOf(string cookie) => Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.ASCII.GetBytes(cookie), "household form"u8));
}
