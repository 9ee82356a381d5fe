using System.Globalization;
using System.Net.Sockets;
using EdgeGate.Service.Passing;

namespace EdgeGate.Service.Health;

/// <summary>
/// Tells the service manager that the gate has started, and from then on that it lives (sd_notify(3), sd_watchdog_enabled(3)): only while
/// every lane's loop goes round. A gate that hangs says nothing, and is ended and started again by the manager's watchdog. Where no
/// manager listens it does nothing.
/// </summary>
/// <param name="socket">Path of the manager's datagram socket, or its abstract name after an @; null for none.</param>
/// <param name="within">The manager's patience; null when it watches nobody.</param>
internal sealed partial class ServiceNotices(
    string? socket, TimeSpan? within, Lanes lanes, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ServiceNotices> log) : BackgroundService
{
    /// <summary>So many signs of life in the manager's patience: two may come late.</summary>
    private const int SignsWithin = 3;

    /// <summary>A lane that waits for a slow reader, portal or disk is not stuck; the longest of these waits are a few seconds.</summary>
    private static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(30);

    private bool _stuck;

    /// <param name="variable">Of the environment, by name.</param>
    public static ServiceNotices FromEnvironment(Func<string, string?> variable, IServiceProvider services)
    {
        var isForUs = variable("WATCHDOG_PID") is not { } pid || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var within = isForUs && long.TryParse(variable("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : default(TimeSpan?);
        return new ServiceNotices(
            variable("NOTIFY_SOCKET") is { Length: > 0 } socket ? socket : null, within, services.GetRequiredService<Lanes>(), services.GetRequiredService<IHostApplicationLifetime>(),
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<ServiceNotices>>());
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (socket is null)
            return;
        await Started(stoppingToken);
        Tell("READY=1");
        if (within is not { } patience)
            return;
        using var timer = new PeriodicTimer(patience / SignsWithin, time);
        do
        {
            if (IsAlive())
                Tell("WATCHDOG=1");
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        if (socket is not null)
            Tell("STOPPING=1");
        return base.StopAsync(cancellationToken);
    }

    private Task Started(CancellationToken stopping)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lifetime.ApplicationStarted.Register(started.SetResult);
        return started.Task.WaitAsync(stopping);
    }

    private bool IsAlive()
    {
        var stuck = lanes.All.FirstOrDefault(lane => time.GetElapsedTime(0) - lane.LastRound > LongestRound);
        if (stuck is not null && !_stuck)
            LogStuck(stuck.Id);
        _stuck = stuck is not null;
        return !_stuck;
    }

    private void Tell(string state)
    {
        try
        {
            using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            manager.SendTo(System.Text.Encoding.ASCII.GetBytes(state), new UnixDomainSocketEndPoint(socket![0] == '@' ? "\0" + socket[1..] : socket));
        }
        catch (Exception deaf) when (deaf is SocketException or ArgumentException)
        {
            LogDeaf(state, deaf);
        }
    }

    [LoggerMessage(LogLevel.Critical, "Lane {Lane} hangs: the service manager is told no more that the gate lives")]
    private partial void LogStuck(string lane);

    [LoggerMessage(LogLevel.Warning, "The service manager could not be told {State}")]
    private partial void LogDeaf(string state, Exception cause);
}
