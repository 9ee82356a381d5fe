using System.Diagnostics;
using System.Net.Sockets;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Center.Tests.Cluster;

/// <summary>
/// Nodes of Debian's RabbitMQ as one cluster on this machine: loopback only, folders and name service of its own. Settings as in hardware/deploy/rabbitmq.
/// </summary>
internal sealed class RabbitCluster : IAsyncDisposable
{
    public const int Nodes = 3;
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server", Diagnostics = "/usr/lib/rabbitmq/bin/rabbitmq-diagnostics";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("edgegate-rabbit-").FullName;
    private readonly int _nameServicePort = FreeTcpPort.Take();
    private readonly int[] _distribution = FreePorts();
    private readonly Process?[] _nodes;
    private readonly string? _amqpTls;
    private Process? _nameService;

    private RabbitCluster(int nodes, string? amqpTls) => (_nodes, _amqpTls) = (new Process?[nodes], amqpTls);

    public static bool IsInstalled => File.Exists(Server);

    public const string NotInstalled = "RabbitMQ is not installed: ./dev cluster-test installs it";

    public int[] MqttPorts { get; } = FreePorts();
    public int[] AmqpPorts { get; } = FreePorts();

    /// <param name="amqpTls">Lines of rabbitmq.conf about certificates: then AMQP is spoken over TLS only.</param>
    public static async Task<RabbitCluster> StartAsync(int nodes = Nodes, string? amqpTls = null)
    {
        var cluster = new RabbitCluster(nodes, amqpTls);
        await File.WriteAllTextAsync(Path.Combine(cluster._folder, ".erlang.cookie"), Guid.NewGuid().ToString("N"));
        File.SetUnixFileMode(Path.Combine(cluster._folder, ".erlang.cookie"), UnixFileMode.UserRead);
        // Erlang's name service would otherwise be started as a daemon that outlives us.
        cluster._nameService = Run("/usr/bin/epmd", new(), "-port", $"{cluster._nameServicePort}", "-address", "127.0.0.1");
        for (var node = 0; node < nodes; node++)
            cluster.Start(node);
        for (var node = 0; node < nodes; node++)
            await cluster.WaitUntilItAnswersAsync(node);
        return cluster;
    }

    /// <summary>SIGKILL.</summary>
    public void Kill(int node)
    {
        _nodes[node]!.Kill(entireProcessTree: true);
        _nodes[node]!.WaitForExit();
        _nodes[node]!.Dispose();
        _nodes[node] = null;
    }

    /// <summary>Starts a killed node again, and waits until every queue could lose any other.</summary>
    public async Task RestartAsync(int node)
    {
        Start(node);
        await WaitUntilItAnswersAsync(node);
        for (var other = 0; other < _nodes.Length; other++)
        {
            var since = TimeProvider.System.GetTimestamp();
            while (!await MayBeKilledAsync(other))
                Assert.True(TimeProvider.System.GetElapsedTime(since) < Patience, $"node {node} is back, and still a queue depends on node {other}");
        }
    }

    public ValueTask DisposeAsync()
    {
        for (var node = 0; node < _nodes.Length; node++)
        {
            if (_nodes[node] is not null)
                Kill(node);
        }
        _nameService?.Kill();
        _nameService?.WaitForExit();
        _nameService?.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string NameOf(int node) => $"edgegate{node + 1}@localhost";

    private static int[] FreePorts() => [.. Enumerable.Range(0, Nodes).Select(_ => FreeTcpPort.Take())];

    private void Start(int node)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, $"{node + 1}")).FullName;
        File.WriteAllText(Path.Combine(folder, "plugins"), "[rabbitmq_mqtt].\n");
        var members = Enumerable.Range(0, _nodes.Length).Select(member => $"cluster_formation.classic_config.nodes.{member + 1} = {NameOf(member)}");
        File.WriteAllText(Path.Combine(folder, "rabbitmq.conf"),
            $"""
            {(_amqpTls is null ? $"listeners.tcp.1 = 127.0.0.1:{AmqpPorts[node]}" : $"listeners.tcp = none\nlisteners.ssl.1 = 127.0.0.1:{AmqpPorts[node]}\n{_amqpTls}")}
            mqtt.listeners.tcp.1 = 127.0.0.1:{MqttPorts[node]}
            mqtt.allow_anonymous = true
            mqtt.durable_queue_type = quorum
            cluster_partition_handling = pause_minority
            cluster_formation.peer_discovery_backend = classic_config
            {string.Join('\n', members)}
            """);
        _nodes[node] = Run(Server, Environment(node, folder));
    }

    private Dictionary<string, string> Environment(int node, string folder) => new(StringComparer.Ordinal)
    {
        ["HOME"] = _folder, // for the cookie
        ["ERL_EPMD_PORT"] = $"{_nameServicePort}",
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODENAME"] = NameOf(node),
        ["RABBITMQ_DIST_PORT"] = $"{_distribution[node]}",
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "data"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbitmq.conf"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "plugins"),
    };

    private async Task WaitUntilItAnswersAsync(int node)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await AnswersAsync(MqttPorts[node]))
        {
            Assert.False(_nodes[node]!.HasExited, $"node {node + 1} ended by itself; see {_folder}");
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Patience, $"node {node + 1} did not come up");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    /// <summary>It listens, and speaks MQTT: RabbitMQ opens the port before its users are there.</summary>
    private static async Task<bool> AnswersAsync(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            await using var stream = client.GetStream();
            byte[] connect = [0x10, 15, 0, 4, .. "MQTT"u8, 4, 2, 0, 60, 0, 3, .. "ask"u8];
            await stream.WriteAsync(connect);
            var answer = new byte[4];
            await stream.ReadExactlyAsync(answer);
            return answer is [0x20, 2, _, 0];
        }
        catch (Exception notYet) when (notYet is SocketException or IOException)
        {
            return false;
        }
    }

    private async Task<bool> MayBeKilledAsync(int node)
    {
        using var asked = Run(Diagnostics, Environment(node, Path.Combine(_folder, $"{node + 1}")), "-q", "-n", NameOf(node), "check_if_node_is_quorum_critical");
        await asked.WaitForExitAsync();
        return asked.ExitCode == 0;
    }

    private static Process Run(string program, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine(); // a full pipe would stop it
        process.BeginErrorReadLine();
        return process;
    }
}
