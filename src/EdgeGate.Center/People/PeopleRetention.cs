using EdgeGate.Access.Registers;
using EdgeGate.Center.Database;
using EdgeGate.Center.Households;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Settings;
using Npgsql;

namespace EdgeGate.Center.People;

/// <summary>Deletes what was kept about persons when its time is over: files with everything in them, proposals nobody took up, passes and visitors that are past.</summary>
internal sealed class PeopleRetention(NpgsqlDataSource database, RegisterBook book, RetentionSettings retention, TimeProvider time)
{
    /// <summary>Lists whose entries have an end.</summary>
    private static readonly string[] PassingLists = ["visitors", PassDesk.Issued, PassDesk.Revoked];

    public async Task EnforceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        {
            // Measures, events and reminders go with their file.
            await connection.Sql("delete from person_file where state = $1 and opened_at < $2", (short)FileState.Proposed, now.AddDays(-retention.ProposalDays)).RunAsync(cancellationToken);
            await connection.Sql("delete from person_file where closed_at < case when state = $1 then $2::timestamptz else $3 end", (short)FileState.Dismissed, now.AddDays(-retention.ProposalDays), now.AddDays(-retention.FileDays))
                .RunAsync(cancellationToken);
            await connection.Sql("delete from household_pin where until < $1", now).RunAsync(cancellationToken); // its sessions go with it
            await connection.Sql("delete from household_client where last_at < $1", now - HouseholdAccess.TriesAreKeptFor).RunAsync(cancellationToken); // strangers' tries are counted together all the same
            await connection.Sql("delete from household_session where until < $1", now).RunAsync(cancellationToken);
            // Whom a pass led to stays as long as its passages; who it was, and the pass itself, do not.
            await connection.Sql("update announcement set sealed = '' where expires_at < $1 and sealed <> ''", now.AddDays(-retention.VisitorDays)).RunAsync(cancellationToken);
            await connection.Sql("delete from announcement where expires_at < $1", now.AddDays(-retention.RecordDays)).RunAsync(cancellationToken);
            await connection.Sql("delete from delivery where at < $1", now.AddDays(-retention.VisitorDays)).RunAsync(cancellationToken);
            await connection.Sql("delete from round where at < $1", now.AddDays(-retention.RecordDays)).RunAsync(cancellationToken);
            await connection.Sql("delete from notice where until < $1", now.AddDays(-retention.VisitorDays)).RunAsync(cancellationToken);
        }
        var upTo = now.AddDays(-retention.VisitorDays);
        foreach (var list in (await book.ListAsync(cancellationToken)).Where(list => PassingLists.Contains(list.Name)))
            await DropPastAsync(list, TimeZoneInfo.ConvertTime(upTo, time.LocalTimeZone).DateTime, cancellationToken);
    }

    private async Task DropPastAsync(RegisterSummary list, DateTime upTo, CancellationToken cancellationToken)
    {
        if (await book.LoadAsync(list.Site, list.Name, cancellationToken) is not { } register)
            return;
        PersonKey[] past = [.. register.Persons.Entries.Where(entry => entry.Terms.Valid.Until < upTo).Select(entry => entry.Person)];
        if (past.Length > 0)
            await book.ChangeAsync(list.Site, list.Name, new RegisterChange([], past), Asker.Of("center", $"kept for {retention.VisitorDays} days after its end", out _)!, cancellationToken);
    }
}
