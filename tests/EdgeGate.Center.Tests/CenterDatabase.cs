using EdgeGate.Center.Database;
using EdgeGate.Testing;
using Npgsql;

[assembly: CollectionBehavior(MaxParallelThreads = 2)] // whole processes that are killed and wait, beside those who share a database server

namespace EdgeGate.Center.Tests;

/// <summary>One real PostgreSQL for all tests that need one; each gets a database of its own, copied from one that was brought up once.</summary>
public sealed class CenterDatabase : IAsyncLifetime
{
    private const string Template = "center_template";
    private PrivatePostgres? _postgres;
    private int _made;

    internal PrivatePostgres? Postgres => _postgres;

    public async Task InitializeAsync()
    {
        if (!PrivatePostgres.IsInstalled)
            return;
        _postgres = await PrivatePostgres.StartAsync("fsync=off"); // here nothing is killed
        await ExecuteAsync($"create database {Template}");
        await using var template = NpgsqlDataSource.Create(_postgres.ConnectionString(Template) + ";Pooling=false");
        await Migrations.ApplyAsync(template, TimeProvider.System, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        if (_postgres is not null)
            await _postgres.DisposeAsync();
    }

    /// <summary>In the program's form, and empty.</summary>
    internal async Task<NpgsqlDataSource> NewAsync()
    {
        var name = await NewEmptyAsync($" template {Template}");
        return NpgsqlDataSource.Create(_postgres!.ConnectionString(name));
    }

    internal async Task<string> NewEmptyAsync(string options = "")
    {
        Skip.If(_postgres is null, PrivatePostgres.NotInstalled);
        var name = $"center_{Interlocked.Increment(ref _made)}";
        await ExecuteAsync($"create database {name}{options}");
        return name;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_postgres!.ConnectionString() + ";Pooling=false");
        await connection.OpenAsync();
        await connection.Sql(sql).RunAsync(CancellationToken.None);
    }
}

[CollectionDefinition(nameof(CenterDatabase))]
public sealed class CenterDatabaseCollection : ICollectionFixture<CenterDatabase>;
