using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.Tests;

[Collection(nameof(CenterDatabase))]
public sealed class MigrationsTests(CenterDatabase server)
{
    [SkippableFact]
    public async Task Several_that_start_at_once_do_each_step_once()
    {
        await using var database = await EmptyAsync();

        var done = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Migrations.ApplyAsync(database, TimeProvider.System, CancellationToken.None)));

        Assert.Equal(Migrations.Known.Select(step => step.Number), done.SelectMany(steps => steps).Select(step => step.Number));
        Assert.Empty(await Migrations.ApplyAsync(database, TimeProvider.System, CancellationToken.None));
    }

    /// <summary>The center waits for a database that is away, and for nothing else: any other exception would end it while it starts.</summary>
    [SkippableFact]
    public async Task A_database_that_dies_in_the_middle_of_a_step_is_a_database_that_is_away()
    {
        await using var database = await EmptyAsync();
        await Migrations.ApplyAsync(database, TimeProvider.System, CancellationToken.None);
        await using var other = await database.OpenConnectionAsync();
        await using (await other.BeginTransactionAsync())
        {
            await other.Sql("lock table migration").RunAsync(CancellationToken.None); // so that the step waits in the middle

            var applying = Migrations.ApplyAsync(database, TimeProvider.System, CancellationToken.None);
            while (await other.Sql("select count(pg_terminate_backend(pid)) from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())").ScalarAsync<long>(CancellationToken.None) == 0)
                Assert.False(applying.IsCompleted);

            await Assert.ThrowsAnyAsync<NpgsqlException>(() => applying);
        }
        Assert.Empty(await Migrations.ApplyAsync(database, TimeProvider.System, CancellationToken.None));
    }

    [SkippableFact]
    public async Task A_step_and_the_wait_for_it_may_last_longer_than_any_other_statement()
    {
        await using var database = NpgsqlDataSource.Create(server.Postgres!.ConnectionString(await server.NewEmptyAsync()) + ";Command Timeout=3");
        Migrations.Step[] steps = [new(1, "slow", "select pg_sleep(4)")];

        var done = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Migrations.ApplyAsync(database, steps, TimeProvider.System, CancellationToken.None)));

        Assert.Equal(["slow"], done.SelectMany(applied => applied).Select(step => step.Name));
    }

    [SkippableFact]
    public async Task Numbers_that_no_gate_can_have_reached_blind_nobody_after_the_update()
    {
        await using var database = await EmptyAsync();
        await Migrations.ApplyAsync(database, [.. Migrations.Known.Where(step => step.Number < 44)], TimeProvider.System, CancellationToken.None);
        await using var connection = await database.OpenConnectionAsync();
        await connection.Sql(
            """
            insert into gate (site, name, added_at, up_to, highest, ahead) values ('estate', 'north', now(), 7, 9223372036854775807, 2), ('estate', 'south', now(), 7, 9223372036854775807, 1), ('estate', 'east', now(), 7, 9, 0);
            insert into ahead select id, n, now() from gate, unnest(array[9, 9223372036854775807]) n where name = 'north';
            insert into ahead select id, 9223372036854775807, now() from gate where name = 'south';
            insert into gate_report (gate_id, tally, tally_up_to) select id, jsonb_build_object('made', case when name = 'north' then 9223372036854775807 else 9 end, 'void', jsonb_build_array(jsonb_build_object('from', 8, 'to', case when name = 'south' then 9223372036854775807 else 9 end))), 7 from gate
            """).RunAsync(CancellationToken.None);

        await Migrations.ApplyAsync(database, [.. Migrations.Known.Where(step => step.Number < 57)], TimeProvider.System, CancellationToken.None);
        Assert.Equal(["east 9 0 true", "north 9 1 false", "south 7 0 false"], await StandingAsync());

        await Migrations.ApplyAsync(database, TimeProvider.System, CancellationToken.None); // the day of north's record is not there
        Assert.Equal(["east 9 0 true", "north 9 0 false", "south 7 0 false"], await StandingAsync());

        Task<List<string>> StandingAsync() =>
            connection.Sql("select concat_ws(' ', name, highest, ahead, (tally is not null)::text) from gate join gate_report on gate_id = id order by name").ListAsync(row => row.GetString(0), CancellationToken.None);
    }

    [SkippableFact]
    public async Task A_database_of_a_newer_program_is_left_alone() =>
        await RefusedAsync("insert into migration values (99, 'later', '', now())", "install the newer program");

    [SkippableFact]
    public async Task A_step_that_was_changed_afterwards_is_noticed() =>
        await RefusedAsync("update migration set digest = 'other' where number = 1", "a step is never changed");

    private async Task RefusedAsync(string sql, string words)
    {
        await using var database = await EmptyAsync();
        await Migrations.ApplyAsync(database, TimeProvider.System, CancellationToken.None);
        await using (var connection = await database.OpenConnectionAsync())
            await connection.Sql(sql).RunAsync(CancellationToken.None);

        var refused = await Assert.ThrowsAsync<MigrationException>(() => Migrations.ApplyAsync(database, TimeProvider.System, CancellationToken.None));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    private async Task<NpgsqlDataSource> EmptyAsync() => NpgsqlDataSource.Create(server.Postgres!.ConnectionString(await server.NewEmptyAsync()));
}
