using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Database;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Tracing;
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

    /// <param name="Cookie">Kept nowhere.</param>
    internal sealed record Done(string Cookie) : HouseholdSignIn;

    internal sealed record Wrong : HouseholdSignIn;

    /// <param name="Until">Null: only the desk can help, with a new PIN.</param>
    internal sealed record Locked(DateTimeOffset? Until) : HouseholdSignIn;
}

/// <summary>
/// A pass and a PIN open the residents' page of the pass's unit. The PIN is made at the desk and shown once. Wrong ones are counted in the database, under the
/// pass's row lock: neither many at once nor many processes nor a restart buy more tries.
/// </summary>
internal sealed class HouseholdAccess(NpgsqlDataSource database, PassDesk passes, PassSigner signer, SiteKeys keys, DataKey key, Audit audit, TimeProvider time)
{
    /// <summary>So many wrong ones, and the pass waits; twice as long after as many more.</summary>
    public const int TriesBeforeWait = 5, TriesBeforeEnd = 20;
    public static TimeSpan FirstWait { get; } = TimeSpan.FromMinutes(15);
    public static TimeSpan SessionLife { get; } = TimeSpan.FromHours(2);

    private const int PinDigits = 6, CookieLength = 43, SaltLength = 16;
    private static readonly TimeSpan LongestPin = TimeSpan.FromDays(366);
    private readonly HealthCodeVerifier _verifier = new(new TrustStore([]), new HealthCodeOptions { PassKeys = [PassKey.FromPem(signer.Key.ExportSubjectPublicKeyInfoPem())] });

    /// <summary>A new PIN for a pass, in place of the one before; ends what was signed in by that.</summary>
    /// <returns>Null when the pass was not issued, is called back or over, or belongs to no unit.</returns>
    public async Task<string?> GivePinAsync(string site, string passId, Asker asker, CancellationToken cancellationToken)
    {
        var pass = passes.KeyOf(site, passId);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (await passes.FindAsync(connection, site, pass, cancellationToken) is not { Unit.Length: > 0 } issued)
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
    public async Task<HouseholdSignIn> SignInAsync(string shown, string pin, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (IdOf(shown.Trim(), now) is { } id)
        {
            foreach (var site in keys.Sites) // a pass is keyed differently at each; its number is none of another site
            {
                if (KeyAt(site, id) is { } pass && await SignInAsync(site, pass, pin, now, cancellationToken) is { } answer)
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
        return found is [var household] && await passes.FindAsync(connection, household.Site, household.Pass, cancellationToken) is { } pass && pass.Unit == household.Unit ? household : null;
    }

    public async Task SignOutAsync(string? cookie, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.Sql("delete from household_session where token_hash = $1", HashOf(cookie ?? "")).RunAsync(cancellationToken);
    }

    /// <returns>Null when this site knows no PIN of such a pass.</returns>
    private async Task<HouseholdSignIn?> SignInAsync(string site, PersonKey pass, string pin, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var found = await connection.Sql("select salt, hash, wrong, locked_until from household_pin where site = $1 and pass = $2 and until > $3 for update", site, RegisterBook.Bytes(pass), now)
            .ListAsync(row => (Salt: row.GetFieldValue<byte[]>(0), Hash: row.GetFieldValue<byte[]>(1), Wrong: row.GetInt32(2), LockedUntil: row.MaybeTime(3)), cancellationToken);
        if (found is not [var known])
            return null;
        if (known.Wrong >= TriesBeforeEnd)
            return new HouseholdSignIn.Locked(Until: null);
        if (known.LockedUntil > now)
            return new HouseholdSignIn.Locked(known.LockedUntil);
        if (!CryptographicOperations.FixedTimeEquals(key.HashPin(pin, known.Salt), known.Hash))
        {
            var wrong = known.Wrong + 1;
            DateTimeOffset? lockedUntil = wrong % TriesBeforeWait == 0 ? now + (FirstWait * Math.Pow(2, (wrong / TriesBeforeWait) - 1)) : null;
            await connection.Sql("update household_pin set wrong = $3, locked_until = $4 where site = $1 and pass = $2", site, RegisterBook.Bytes(pass), wrong, lockedUntil).RunAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return wrong >= TriesBeforeEnd ? new HouseholdSignIn.Locked(Until: null) : lockedUntil is null ? new HouseholdSignIn.Wrong() : new HouseholdSignIn.Locked(lockedUntil);
        }
        if (await passes.FindAsync(connection, site, pass, cancellationToken) is null)
            return new HouseholdSignIn.Wrong();
        var cookie = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        await connection.Sql("update household_pin set wrong = 0, locked_until = null where site = $1 and pass = $2", site, RegisterBook.Bytes(pass)).RunAsync(cancellationToken);
        await connection.Sql("delete from household_session where until < $1", now).RunAsync(cancellationToken);
        await connection.Sql("insert into household_session (token_hash, site, pass, until) values ($1, $2, $3, $4)", HashOf(cookie), site, RegisterBook.Bytes(pass), now + SessionLife).RunAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new HouseholdSignIn.Done(cookie);
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
