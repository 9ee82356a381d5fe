using System.Security.Cryptography;
using EdgeGate.Center.Cli;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Testing;
using Npgsql;

namespace EdgeGate.Center.Tests;

/// <summary>The command line on a real database, inside this process.</summary>
[Collection(nameof(CenterDatabase))]
public sealed class CommandLineTests(CenterDatabase server) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgegate-cli-").FullName;
    private string _database = "";
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));

    public async Task InitializeAsync()
    {
        _database = await server.NewEmptyAsync();
        await Fleet.CenterProcess.WriteSettingsAsync(_folder, "center-1", server.Postgres!, _database, brokerPort: 1883, webPort: 8090);
    }

    public Task DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [SkippableFact]
    public async Task A_database_that_is_not_ready_is_told_with_the_remedy()
    {
        var (exit, _, errors) = await RunAsync("gate", "list");

        Assert.Equal((ExitCode.Unusable, "the database is not in this program's form: edgegate-center migrate"), (exit, errors.Trim()));
    }

    [SkippableFact]
    public async Task A_gate_is_added_with_its_key_listed_and_retired_and_its_name_is_free_again()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = Path.Combine(_folder, "gate.pem");
        await File.WriteAllTextAsync(pem, key.ExportSubjectPublicKeyInfoPem());
        await RunAsync("migrate");

        Assert.Contains("key ", (await RunAsync("gate", "add", "estate/north", "--signing-key", pem)).Output, StringComparison.Ordinal);
        Assert.Matches(@"estate/north +0 +0 +0 +0 +\? +pinned", (await RunAsync("gate", "list")).Output);
        Assert.Equal("its records are kept as estate/north~1", (await RunAsync("gate", "retire", "estate/north")).Output.Trim());
        await RunAsync("gate", "add", "estate/north");

        var list = (await RunAsync("gate", "list")).Output;
        Assert.Matches(@"estate/north +0 +0 +0 +0 +\? +no key", list);
        Assert.Matches("estate/north~1 .*retired on 2026-11-22", list);
    }

    [SkippableFact]
    public async Task An_account_is_for_all_sites_or_for_those_named_and_a_name_that_nobody_knows_is_told()
    {
        await RunAsync("migrate");
        await RunAsync("gate", "add", "estate/north");

        var known = await RunAsync("account", "add", "desk-1", "--role", "manager", "--site", "estate");
        var mistyped = await RunAsync("account", "add", "desk-2", "--role", "manager", "--site", "estaet", "--site", "estate");
        var none = await RunAsync("account", "add", "desk-3", "--role", "manager", "--site", "Not A Site");
        await RunAsync("account", "add", "li", "--role", "officer");
        var list = (await RunAsync("account", "list")).Output;

        Assert.Equal((ExitCode.Done, "", ExitCode.Done, ExitCode.Failed), (known.Exit, known.Errors.Trim(), mistyped.Exit, none.Exit));
        Assert.Contains("a site estaet so far", mistyped.Errors, StringComparison.Ordinal);
        Assert.Contains("a site is 1 to 32 lower-case letters", none.Errors, StringComparison.Ordinal);
        Assert.Matches(@"desk-1 +manager +estate\s", list);
        Assert.Matches("desk-2 +manager +estaet estate", list);
        Assert.Matches("li +officer +all", list);
        Assert.DoesNotContain("desk-3", list, StringComparison.Ordinal);

        Assert.Equal("give either --site, once or more, or --all", (await RunAsync("account", "limit", "desk-2")).Errors.Trim());
        Assert.Equal("give either --site, once or more, or --all", (await RunAsync("account", "limit", "desk-2", "--all", "--site", "estate")).Errors.Trim());
        Assert.Equal(ExitCode.Failed, (await RunAsync("account", "limit", "nobody", "--all")).Exit);
        await RunAsync("account", "limit", "desk-2", "--all");
        await RunAsync("account", "limit", "li", "--site", "estate");
        Assert.Matches("desk-2 +manager +all", (await RunAsync("account", "list")).Output);
        Assert.Matches("li +officer +estate", (await RunAsync("account", "list")).Output);
    }

    [SkippableFact]
    public async Task A_key_that_is_none_and_a_gate_that_is_none_are_refused_in_words()
    {
        await RunAsync("migrate");

        Assert.Contains("is no public key of curve P-256", (await RunAsync("gate", "add", "estate/north", "--signing-key", Path.Combine(_folder, "center-1.json"))).Errors, StringComparison.Ordinal);
        Assert.Contains("site/gate", (await RunAsync("gate", "add", "north")).Errors, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, (await RunAsync("gate", "retire", "estate/nobody")).Exit);
    }

    [SkippableFact]
    public async Task What_was_set_aside_is_listed_and_read_again_with_counts_by_reason()
    {
        await RunAsync("migrate");
        await RunAsync("gate", "add", "estate/north");
        var gate = new Ingest.SampleGate("estate", "north", _time.GetUtcNow());
        await using (var database = NpgsqlDataSource.Create(server.Postgres!.ConnectionString(_database)))
        {
            var store = new RecordStore(database, new Partitions(database, _time), new LaneIds(), new IngestCounters(), _time, keptDays: 180);
            await store.CommitAsync(Intake.Read([gate.Decide(), gate.Newer()]), CancellationToken.None);
            await using var connection = await database.OpenConnectionAsync();
            await connection.Sql("update record set kind = 0 where sequence = 1").RunAsync(CancellationToken.None); // as one that an older center did not know
            await connection.Sql("delete from passage").RunAsync(CancellationToken.None);
        }

        Assert.Matches("estate/north +2 +1 .*none that this center knows", (await RunAsync("set-aside")).Output);
        var (exit, output, _) = await RunAsync("set-aside", "read-again");

        Assert.Equal(ExitCode.Done, exit);
        Assert.Matches("understood now +1 +no reason was kept", output);
        Assert.Matches("still aside +1 +type edgegate.access-decided.v9", output);
    }

    private async Task<(int Exit, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var exit = await CenterCommand.Create(_time).Parse([.. arguments, "--config", Path.Combine(_folder, "center-1.json")])
            .InvokeAsync(new System.CommandLine.InvocationConfiguration { Output = output, Error = errors });
        return (exit, output.ToString(), errors.ToString());
    }
}
