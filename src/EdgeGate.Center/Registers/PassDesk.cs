using System.Security.Cryptography;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Database;
using EdgeGate.Center.Privacy;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Registers;
using Npgsql;

namespace EdgeGate.Center.Registers;

/// <summary>Signs passes; its public half is among healthCodes.passKeyFiles of the gates.</summary>
internal sealed record PassSigner(ECDsa Key);

/// <param name="Name">Masked before it is kept.</param>
/// <param name="Status">A word of the register: <see cref="PassDesk.Resident"/>, or one of <see cref="Announcements"/>.</param>
/// <param name="What">A word for guards; null for none.</param>
/// <param name="Person">The key of the holder's ID number; null where none was shown.</param>
internal sealed record PassTerms(string Site, string Unit, string Name, string Status, DateTimeOffset From, DateTimeOffset Until, int? Uses = null, string? What = null, PersonKey? Person = null);

/// <param name="Text">What the QR code says: whoever shows it passes.</param>
internal sealed record IssuedPass(string Id, PersonKey Key, string Text);

/// <summary>
/// Issues passes and calls them back, as two lists that every gate of the site gets: <c>passes</c> and <c>revoked-passes</c>, each pass by the key of its number.
/// </summary>
internal sealed class PassDesk(RegisterBook book, PassSigner signer, SiteKeys keys, TimeProvider time)
{
    public const string Issued = "passes", Revoked = "revoked-passes";

    /// <summary>The status of whoever lives where the pass says. The database's view of residents knows this word too.</summary>
    public const string Resident = "resident";

    /// <summary>On the list before anybody gets it.</summary>
    public async Task<IssuedPass> IssueAsync(NpgsqlConnection connection, PassTerms terms, Asker asker, CancellationToken cancellationToken)
    {
        var pass = new EdgeGatePass { Id = EdgeGatePass.NewId(), NotBefore = terms.From, ExpiresAt = terms.Until, Uses = terms.Uses, Gates = [EdgeGatePass.EveryGateOf(terms.Site)] };
        var key = KeyOf(terms.Site, pass.Id);
        var entry = new RegisterEntry(key, MaskedName.Of(terms.Name) ?? "", terms.Unit, new PersonTerms(
            terms.Status, new ValidPeriod(Minute(terms.From), Minute(terms.Until)), tags: terms.What is { } what ? [new PersonTag(what, ValidPeriod.Always)] : []));
        await book.ChangeAsync(connection, terms.Site, Issued, new RegisterChange([entry], []), asker, cancellationToken);
        if (terms.Person is { } person)
            await connection.Sql("insert into pass_person (site, pass, person) values ($1, $2, $3)", terms.Site, RegisterBook.Bytes(key), RegisterBook.Bytes(person)).RunAsync(cancellationToken);
        return new IssuedPass(pass.Id, key, PassText.Sign(pass, signer.Key));
    }

    /// <summary>With it goes whoever was announced by it and is still to come: whoever found a phone may have announced friends.</summary>
    /// <returns>How many passes were called back, this one and those; 0 when no such pass was issued here.</returns>
    public async Task<int> RevokeAsync(NpgsqlConnection connection, string site, PersonKey pass, Asker asker, CancellationToken cancellationToken)
    {
        if (await RegisterBook.FindAsync(connection, site, Issued, pass, cancellationToken) is not { } issued)
            return 0;
        var announced = await connection.Sql(
            "update announcement set expires_at = $3, sealed = '' where site = $1 and made_by = $2 and expires_at > $3 returning pass", site, RegisterBook.Bytes(pass), time.GetUtcNow())
            .ListAsync(row => new PersonKey(row.GetFieldValue<byte[]>(0)), cancellationToken);
        var gone = (await RegisterBook.FindAsync(connection, site, Issued, announced, cancellationToken)).Prepend(issued).ToArray();
        await book.ChangeAsync(connection, site, Revoked, new RegisterChange(gone, []), asker, cancellationToken);
        await connection.Sql("delete from household_pin where site = $1 and pass = $2", site, RegisterBook.Bytes(pass)).RunAsync(cancellationToken);
        return gone.Length;
    }

    /// <summary>Gates expect these deliveries no more, all by one version of the list; their passes stay good. One that was not issued here, or is not kept any more, changes nothing.</summary>
    public async Task EndExpectingAsync(NpgsqlConnection connection, string site, IReadOnlyList<PersonKey> deliveries, Asker asker, CancellationToken cancellationToken)
    {
        var noted = (await RegisterBook.FindAsync(connection, site, Issued, deliveries, cancellationToken)).Select(Noted).ToArray();
        if (noted.Length > 0)
            await book.ChangeAsync(connection, site, Issued, new RegisterChange(noted, []), asker, cancellationToken);

        static RegisterEntry Noted(RegisterEntry issued) => issued with
        {
            Terms = new PersonTerms(issued.Terms.Status, issued.Terms.Valid, issued.Terms.Schedule, issued.Terms.Gates, [.. issued.Terms.Tags, new PersonTag(Announcements.Noted, ValidPeriod.Always)]),
        };
    }

    /// <summary>The entry of a pass that was issued, is in its time and was not called back; null for any other.</summary>
    public async Task<RegisterEntry?> FindAsync(NpgsqlConnection connection, string site, PersonKey pass, CancellationToken cancellationToken) =>
        await RegisterBook.FindAsync(connection, site, Issued, pass, cancellationToken) is { } issued && !(issued.Terms.Valid.Until <= Minute(time.GetUtcNow()))
            && await RegisterBook.FindAsync(connection, site, Revoked, pass, cancellationToken) is null ? issued : null;

    /// <summary>The same of those that were given to who lives there.</summary>
    public async Task<RegisterEntry?> FindResidentAsync(NpgsqlConnection connection, string site, PersonKey pass, CancellationToken cancellationToken) =>
        await FindAsync(connection, site, pass, cancellationToken) is { Terms.Status: Resident } entry ? entry : null;

    /// <param name="id">As printed on the pass.</param>
    public PersonKey KeyOf(string site, string id) => Read(keys.Of(site).KeyOf("code", id));

    public PersonKey KeyOfIdNumber(string site, string number) => Read(keys.Of(site).KeyOfIdNumber(number));

    /// <summary>How guards' records call what was announced by this pass.</summary>
    public Guid AnnouncementOf(string site, PersonKey pass) => Announcements.IdOf(keys.Of(site), pass);

    private static PersonKey Read(string written) => PersonKey.TryParse(written, out var key) ? key : throw new InvalidOperationException("a key could not be made");

    /// <summary>Registers hold local time, by which gates read them.</summary>
    private DateTime Minute(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, time.LocalTimeZone).DateTime;
}
