using System.Diagnostics;
using System.Net.Sockets;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Mqtt.Tests.Interop;

/// <summary>A broker that is not mosquitto, as Debian ships it: own folder, loopback only, ended with all it started.</summary>
internal abstract class OtherBroker : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // RabbitMQ takes half a minute on a busy small machine
    private Process? _process;

    public int Port { get; } = FreeTcpPort.Take();

    protected string Folder { get; } = Directory.CreateTempSubdirectory("edgegate-interop-").FullName;

    /// <exception cref="InvalidOperationException">It ended instead, or never listened; the message carries what it said.</exception>
    public static async Task<OtherBroker> StartAsync(string name)
    {
        OtherBroker broker = name switch
        {
            "nats-server" => new NatsServer(),
            "rabbitmq-server" => new RabbitMqServer(),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such broker"),
        };
        Skip.IfNot(File.Exists(broker.Executable), $"{name} is not installed: ./dev interop installs it");
        await broker.RestartAsync();
        return broker;
    }

    protected abstract string Executable { get; }

    protected abstract ProcessStartInfo Command();

    public async Task RestartAsync()
    {
        Kill();
        _process = Start(Command());
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!await AnswersAsync(limit.Token))
        {
            Assert.False(_process.HasExited, $"{Executable} ended by itself");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => End(ref _process);

    public virtual ValueTask DisposeAsync()
    {
        Kill();
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    protected static Process Start(ProcessStartInfo command)
    {
        (command.UseShellExecute, command.RedirectStandardOutput, command.RedirectStandardError) = (false, true, true);
        var process = Process.Start(command)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine(); // a full pipe would stop it
        process.BeginErrorReadLine();
        return process;
    }

    protected static void End(ref Process? process)
    {
        process?.Kill(entireProcessTree: true);
        process?.WaitForExit();
        process?.Dispose();
        process = null;
    }

    /// <summary>It listens, and speaks MQTT: RabbitMQ opens the port before its users are there.</summary>
    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", Port);
            await using var stream = client.GetStream();
            byte[] connect = [0x10, 15, 0, 4, .. "MQTT"u8, 4, 2, 0, 60, 0, 3, .. "ask"u8];
            await stream.WriteAsync(connect, cancellationToken);
            var answer = new byte[4];
            await stream.ReadExactlyAsync(answer, cancellationToken);
            return answer is [0x20, 2, _, 0];
        }
        catch (Exception notYet) when (notYet is SocketException or IOException)
        {
            return false;
        }
    }

    private sealed class NatsServer : OtherBroker
    {
        protected override string Executable => "/usr/sbin/nats-server";

        protected override ProcessStartInfo Command()
        {
            var settings = Path.Combine(Folder, "nats.conf");
            File.WriteAllText(settings, $$"""
                server_name: interop
                listen: "127.0.0.1:{{FreeTcpPort.Take()}}"
                jetstream { store_dir: "{{Folder}}" }
                mqtt { listen: "127.0.0.1:{{Port}}" }
                """);
            return new ProcessStartInfo(Executable, ["-c", settings]);
        }
    }

    private sealed class RabbitMqServer : OtherBroker
    {
        private readonly int _nameServicePort = FreeTcpPort.Take();
        private Process? _nameService;

        protected override string Executable => "/usr/lib/rabbitmq/bin/rabbitmq-server";

        protected override ProcessStartInfo Command()
        {
            // Erlang's name service would otherwise be started as a daemon that outlives us.
            _nameService ??= Start(new ProcessStartInfo("/usr/bin/epmd", ["-port", $"{_nameServicePort}", "-address", "127.0.0.1"]));
            File.WriteAllText(Path.Combine(Folder, "plugins"), "[rabbitmq_mqtt].\n");
            File.WriteAllText(Path.Combine(Folder, "rabbitmq.conf"), $"""
                listeners.tcp = none
                mqtt.listeners.tcp.default = 127.0.0.1:{Port}
                mqtt.allow_anonymous = true
                """);
            var command = new ProcessStartInfo(Executable);
            foreach (var (name, value) in new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["HOME"] = Folder, // for the cookie
                ["ERL_EPMD_PORT"] = $"{_nameServicePort}",
                ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
                ["RABBITMQ_NODENAME"] = "interop@localhost",
                ["RABBITMQ_DIST_PORT"] = $"{FreeTcpPort.Take()}",
                ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
                ["RABBITMQ_MNESIA_BASE"] = Path.Combine(Folder, "data"),
                ["RABBITMQ_LOG_BASE"] = Path.Combine(Folder, "log"),
                ["RABBITMQ_CONFIG_FILE"] = Path.Combine(Folder, "rabbitmq.conf"),
                ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(Folder, "plugins"),
            })
                command.Environment[name] = value;
            return command;
        }

        public override ValueTask DisposeAsync()
        {
            Kill();
            End(ref _nameService);
            return base.DisposeAsync();
        }
    }
}
