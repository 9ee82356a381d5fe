using System.Globalization;
using EdgeGate.Center.Database;
using EdgeGate.Center.Tests.Fleet;
using EdgeGate.Devices.Ports;
using EdgeGate.Mqtt;
using EdgeGate.Testing;
using Npgsql;
using Xunit.Abstractions;

namespace EdgeGate.Center.Tests.Cluster;

/// <summary>
/// Three RabbitMQ nodes, two centers that consume by AMQP, gates on every node by MQTT. The nodes are killed in turn, a center with each, while records are made; then what
/// the gates count and what the database holds must be the same. Minutes long: only <c>./dev cluster-test</c> runs it.
/// </summary>
public sealed class ClusterTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int GatesAtNode = 4;

    /// <summary>Only a session that lasts is a quorum queue; that of a clean one is gone with its node, and RabbitMQ refuses the client until the node is back.</summary>
    private static readonly TimeSpan AsGates = new MqttLinkOptions { Endpoints = [], ClientId = "" }.SessionExpiry;
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("CLUSTER_ROUNDS") ?? "0", CultureInfo.InvariantCulture);

    private readonly string _folder = Directory.CreateTempSubdirectory("edgegate-cluster-").FullName;
    private readonly List<CenterProcess> _centers = [];
    private readonly List<SimulatedFleet> _fleets = [];
    private RabbitCluster? _cluster;
    private PrivatePostgres? _postgres;

    public async Task InitializeAsync()
    {
        Skip.If(Rounds == 0, "minutes long: ./dev cluster-test runs it");
        Skip.IfNot(RabbitCluster.IsInstalled, RabbitCluster.NotInstalled);
        Skip.IfNot(PrivatePostgres.IsInstalled, PrivatePostgres.NotInstalled);
        _postgres = await PrivatePostgres.StartAsync();
        await using (var database = Open())
        {
            await Migrations.ApplyAsync(database, TimeProvider.System, CancellationToken.None);
            await using var connection = await database.OpenConnectionAsync();
            await connection.Sql("insert into gate (site, name, added_at) select 'estate-' || s, 'gate-' || n, now() from generate_series(1, $1) s, generate_series(0, $2) n", RabbitCluster.Nodes, GatesAtNode - 1)
                .RunAsync(CancellationToken.None);
        }
        _cluster = await RabbitCluster.StartAsync();
        for (var number = 1; number <= 2; number++)
        {
            var (mqtt, amqp) = (Nodes(_cluster.MqttPorts, number), Nodes(_cluster.AmqpPorts, number));
            var settings = await CenterProcess.WriteSettingsAsync(
                _folder, $"center-{number}", _postgres, "postgres", mqtt[0], FreeTcpPort.Take(),
                brokerMore: $", \"shareGroup\": \"\", \"nodes\": [{Quoted(mqtt[1..])}], \"amqp\": {{ \"nodes\": [{Quoted(amqp)}] }}");
            _centers.Add(new CenterProcess(settings, Path.Combine(_folder, $"center-{number}.log")));
        }
        for (var node = 0; node < RabbitCluster.Nodes; node++)
            _fleets.Add(new SimulatedFleet(Nodes(_cluster.MqttPorts, node), AsGates, $"estate-{node + 1}", GatesAtNode, patience: TimeSpan.FromSeconds(10), TimeProvider.System));
    }

    public async Task DisposeAsync()
    {
        foreach (var fleet in _fleets)
            await fleet.DisposeAsync();
        foreach (var center in _centers)
            await center.DisposeAsync();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [SkippableFact]
    public async Task Nodes_killed_in_turn_lose_and_double_no_record()
    {
        foreach (var center in _centers)
            center.Start();
        foreach (var fleet in _fleets)
            await fleet.StartAsync();
        using var enough = new CancellationTokenSource();
        var people = ComeAsync(enough.Token);
        var began = TimeProvider.System.GetTimestamp();
        await WaitUntilAsync(() => _fleets.All(fleet => fleet.Gates.All(gate => gate.ReceiptedUpTo > 0)), "the first receipt at each gate");
        output.WriteLine($"first receipts everywhere after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");
        for (var round = 0; round < Rounds; round++)
        {
            for (var node = 0; node < RabbitCluster.Nodes; node++)
                await StrikeAsync(node);
        }
        await enough.CancelAsync();
        await people;
        await WaitUntilAsync(() => _fleets.All(fleet => fleet.AllConfirmed), "everything confirmed");

        await using var database = Open();
        foreach (var fleet in _fleets)
        {
            Assert.Equal(0, fleet.RefusedReceipts);
            await fleet.AssertAllAreHereOnceAsync(database);
        }
        var delays = _fleets.SelectMany(fleet => fleet.TakeDelays()).Order().ToArray();
        output.WriteLine(
            $"{TimeProvider.System.GetElapsedTime(began).TotalMinutes:0.0} minutes, each of {RabbitCluster.Nodes} nodes killed {Rounds} times: {_fleets.Sum(fleet => fleet.Made)} records of {RabbitCluster.Nodes * GatesAtNode} gates; "
            + $"lost 0, doubled 0; receipt after p50 {delays[delays.Length / 2]:0.00} s, p99 {delays[delays.Length * 99 / 100]:0.00} s");
    }

    /// <summary>With one node of three away everything made meanwhile is confirmed all the same; then it comes back.</summary>
    private async Task StrikeAsync(int node)
    {
        var struck = TimeProvider.System.GetTimestamp();
        _cluster!.Kill(node);
        var center = _centers[node % _centers.Count];
        center.Kill();
        center.Start();
        var made = _fleets.Select(fleet => fleet.Made).ToArray();
        await WaitUntilAsync(() => _fleets.Index().All(fleet => fleet.Item.Gates.Sum(gate => gate.ReceiptedUpTo) > made[fleet.Index] + (10 * GatesAtNode)), $"receipts without node {node + 1}");
        output.WriteLine($"node {node + 1} killed: receipts go on everywhere after {TimeProvider.System.GetElapsedTime(struck).TotalSeconds:0.0} s");
        await _cluster.RestartAsync(node);
        output.WriteLine($"node {node + 1} is whole again after {TimeProvider.System.GetElapsedTime(struck).TotalSeconds:0.0} s");
    }

    /// <summary>Some hundred records a second, whatever happens.</summary>
    private async Task ComeAsync(CancellationToken enough)
    {
        for (var person = 0; !enough.IsCancellationRequested; person++)
        {
            foreach (var fleet in _fleets)
            {
                for (var gate = 0; gate < GatesAtNode; gate++)
                    fleet.Make(gate, person + gate);
            }
            await PauseAsync(100);
        }
    }

    private async Task WaitUntilAsync(Func<bool> isSo, string what)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromMinutes(3), $"waited three minutes for {what}; the centers said: {Logs()}");
            await PauseAsync(50);
        }
    }

    private static Task PauseAsync(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System);

    private string Logs() => string.Join('\n', Directory.GetFiles(_folder, "*.log").SelectMany(file => File.ReadLines(file).TakeLast(15)));

    /// <summary>Each begins at another node.</summary>
    private static int[] Nodes(int[] ports, int first) => [.. Enumerable.Range(0, ports.Length).Select(number => ports[(first + number) % ports.Length])];

    private static string Quoted(IEnumerable<int> ports) => string.Join(", ", ports.Select(port => $"\"127.0.0.1:{port}\""));

    private NpgsqlDataSource Open() => NpgsqlDataSource.Create(_postgres!.ConnectionString() + ";Pooling=false");
}
