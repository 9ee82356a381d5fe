using System.Threading.Channels;
using EdgeGate.Mqtt.Session;
using EdgeGate.Mqtt.Transport;

namespace EdgeGate.Mqtt;

/// <inheritdoc cref="IMqttLink"/>
public sealed class MqttLink : IMqttLink
{
    /// <summary>A link that fell sooner does not count as a success: a server that lets us in and throws us out must not be hammered.</summary>
    private static readonly TimeSpan ProvenAfter = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan GoodbyeWithin = TimeSpan.FromSeconds(2);

    private readonly MqttLinkOptions _options;
    private readonly TimeProvider _time;
    private readonly PublishSession _publishing;
    private readonly Subscriptions _subscriptions = new();
    private readonly Channel<Delivery> _inbound;
    private readonly Backoff _backoff;
    private readonly CancellationTokenSource _stop = new();
    private volatile Connection? _connection;
    private volatile MqttCredentials _credentials;
    private volatile MqttLinkState _state = new(MqttLinkPhase.Stopped);
    private volatile MqttServerLimits? _limits;
    private volatile bool _leaving;
    private Task? _running;
    private long _logins;
    private bool _disposed;

    /// <exception cref="ArgumentException">The options have faults; the message lists them all.</exception>
    public MqttLink(MqttLinkOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = options.Faults();
        if (faults.Count > 0)
            throw new ArgumentException($"MQTT options: {string.Join("; ", faults)}", nameof(options));
        _options = options;
        _time = time;
        _credentials = options.Credentials;
        _publishing = new PublishSession(options, time);
        _inbound = Channel.CreateBounded<Delivery>(options.ReceiveMaximum);
        _backoff = new Backoff(options.BackoffMinimum, options.BackoffMaximum, Random.Shared);
    }

    public event Action<MqttLinkEvent>? Changed;

    public MqttLinkState State => _state;

    public MqttServerLimits? Limits => _limits;

    public ChannelReader<MqttAck> Acks => _publishing.Acks;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_running is not null)
            throw new InvalidOperationException("an MQTT link starts once");
        _state = new MqttLinkState(MqttLinkPhase.Connecting);
        _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public bool TryPublish(in MqttOutgoing message, long rowId) => _publishing.TryPublish(message, rowId);

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => _publishing.WaitForRoomAsync(cancellationToken);

    public Task<MqttReason> SubscribeAsync(string filter, MqttInboundHandler handler, CancellationToken cancellationToken) =>
        SubscribeAsync(filter, () => _subscriptions.Add(filter, handler), cancellationToken);

    /// <summary>As <see cref="SubscribeAsync(string, MqttInboundHandler, CancellationToken)"/>, for a handler that takes many at once. Filters given the same handler share its batches; their topics have no other.</summary>
    /// <exception cref="ArgumentException">Not a topic filter.</exception>
    public Task<MqttReason> SubscribeInBatchesAsync(string filter, MqttBatchHandler handler, CancellationToken cancellationToken) =>
        SubscribeAsync(filter, () => _subscriptions.Add(filter, handler), cancellationToken);

    private Task<MqttReason> SubscribeAsync(string filter, Func<Task<MqttReason>> add, CancellationToken cancellationToken)
    {
        if (!TopicName.IsValidFilter(filter))
            throw new ArgumentException($"'{filter}' is not a topic filter", nameof(filter));
        var answer = add();
        _publishing.ToSend.Set();
        return answer.WaitAsync(cancellationToken);
    }

    public void UseCredentials(MqttCredentials credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        var faults = (_options with { Credentials = credentials }).Faults();
        if (faults.Count > 0)
            throw new ArgumentException($"MQTT credentials: {string.Join("; ", faults)}", nameof(credentials));
        _credentials = credentials;
    }

    public async Task StopAsync(TimeSpan drain, CancellationToken cancellationToken)
    {
        var drained = _publishing.CloseAsync();
        if (_running is null)
        {
            End(null);
            return;
        }
        await WaitUpTo(drain, drained);
        _leaving = true; // before looking at the connection: one that is lost meanwhile is not made again
        if (_connection?.TryLeave() is true)
            await WaitUpTo(GoodbyeWithin, _running);
        await _stop.CancelAsync();
        await _running.WaitAsync(cancellationToken);

        Task WaitUpTo(TimeSpan limit, Task task) =>
            Task.WhenAny(task, Task.Delay(limit, _time, cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await StopAsync(TimeSpan.Zero, CancellationToken.None);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        Task[] loops = [StayConnectedAsync(_stop.Token), HandleInboundAsync(_stop.Token)];
        Exception? bug = null;
        try
        {
            await await Task.WhenAny(loops);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception error)
        {
            bug = error; // ends the link for good, and reaches whoever reads the acks
        }
        await _stop.CancelAsync();
        await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        End(bug);
    }

    /// <summary>Ends only when we have said goodbye, or by cancellation.</summary>
    private async Task StayConnectedAsync(CancellationToken stopping)
    {
        for (var attempt = 0; ; attempt++)
        {
            var endpoint = _options.Endpoints[attempt % _options.Endpoints.Count];
            var lost = await RunOnceAsync(endpoint, stopping);
            if (lost is null || _leaving)
                return;
            var pause = lost.Kind == MqttLinkEventKind.TakenOver ? _backoff.Slow() : _backoff.Next();
            var phase = lost.Kind == MqttLinkEventKind.Refused ? MqttLinkPhase.Refused : MqttLinkPhase.Waiting;
            Enter(new MqttLinkState(phase, pause, lost.Message), new MqttLinkEvent(lost.Kind, lost.Message, lost.Reason, lost.InnerException));
            await Task.Delay(pause, _time, stopping);
        }
    }

    /// <summary>One connection, from dialling to its end.</summary>
    /// <returns>Why it ended, or null when it ended because we said goodbye.</returns>
    private async Task<LinkDownException?> RunOnceAsync(MqttEndpoint endpoint, CancellationToken stopping)
    {
        _state = new MqttLinkState(MqttLinkPhase.Connecting);
        try
        {
            var (connection, limits) = await ConnectAsync(endpoint, stopping);
            await using (connection)
            {
                _limits = limits;
                _subscriptions.LinkUp(limits.SessionPresent);
                _publishing.LinkUp(limits);
                _connection = connection;
                var since = _time.GetTimestamp();
                Enter(new MqttLinkState(MqttLinkPhase.Online), new MqttLinkEvent(MqttLinkEventKind.Up, Described(endpoint, limits)));
                try
                {
                    await connection.RunAsync(stopping);
                    return null;
                }
                finally
                {
                    _connection = null;
                    _publishing.LinkDown();
                    if (_time.GetElapsedTime(since) >= ProvenAfter)
                        _backoff.Reset();
                }
            }
        }
        catch (LinkDownException lost)
        {
            return lost;
        }
    }

    private async Task<(Connection Connection, MqttServerLimits Limits)> ConnectAsync(MqttEndpoint endpoint, CancellationToken stopping)
    {
        if (_options.Version != MqttVersion.Auto)
            return await ConnectAsync(endpoint, _options.Version, stopping);
        try
        {
            return await ConnectAsync(endpoint, MqttVersion.V5, stopping);
        }
        catch (LinkDownException refused) when (refused.OlderVersionMayWork)
        {
            return await ConnectAsync(endpoint, MqttVersion.V311, stopping);
        }
    }

    private async Task<(Connection Connection, MqttServerLimits Limits)> ConnectAsync(MqttEndpoint endpoint, MqttVersion version, CancellationToken stopping)
    {
        var credentials = _credentials;
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        Connection? connection = null;
        try
        {
            var stream = await Dialer.DialAsync(endpoint, _options.Tls, credentials.ClientCertificate, either.Token);
            connection = new Connection(stream, endpoint, version, _options, _publishing, _subscriptions, _inbound.Writer, Raise, _time);
            return (connection, await connection.LoginAsync(credentials, ++_logins, either.Token));
        }
        catch (Exception error)
        {
            if (connection is not null)
                await connection.DisposeAsync();
            if (error is OperationCanceledException && !stopping.IsCancellationRequested)
            {
                var reached = connection is null ? "could not be reached" : "accepted the connection and did not answer the login";
                throw new LinkDownException(MqttLinkEventKind.Unreachable, $"{endpoint} {reached} within {_options.ConnectTimeout.TotalSeconds:0.#} s", inner: error);
            }
            throw;
        }
    }

    /// <summary>Outlives connections: a handler at work when the link falls finishes, and the next waits its turn.</summary>
    private async Task HandleInboundAsync(CancellationToken stopping)
    {
        await foreach (var delivery in _inbound.Reader.ReadAllAsync(stopping))
        {
            if (_subscriptions.BatchHandlerFor(delivery.Message.Topic) is { } batchHandler)
            {
                await HandleBatchAsync(WithThoseWaiting(delivery, batchHandler), batchHandler, stopping);
                continue;
            }
            // A message that no filter matches (any more) is acknowledged too: the server need not keep it for us.
            var reason = MqttReason.Success;
            foreach (var handler in _subscriptions.HandlersFor(delivery.Message.Topic))
            {
                try
                {
                    await handler(delivery.Message, stopping);
                }
                catch (Exception error) when (!stopping.IsCancellationRequested)
                {
                    reason = MqttReason.ImplementationSpecificError;
                    Raise(new MqttLinkEvent(MqttLinkEventKind.HandlerFailed, $"a message on '{delivery.Message.Topic}' could not be handled and was given up: {error.Message}", Error: error));
                }
            }
            if (delivery.PacketId != 0)
                delivery.From.Acknowledge(delivery.PacketId, reason);
        }
    }

    /// <summary>This one and what follows it for the same handler: as many as the server may send without our acknowledgement.</summary>
    private List<Delivery> WithThoseWaiting(Delivery first, MqttBatchHandler handler)
    {
        var batch = new List<Delivery> { first };
        while (batch.Count < _options.ReceiveMaximum && _inbound.Reader.TryPeek(out var next) && _subscriptions.BatchHandlerFor(next.Message.Topic) == handler)
        {
            batch.Add(next);
            _inbound.Reader.TryRead(out _); // this loop is the only reader
        }
        return batch;
    }

    private async Task HandleBatchAsync(List<Delivery> batch, MqttBatchHandler handler, CancellationToken stopping)
    {
        var reason = MqttReason.Success;
        try
        {
            await handler(batch.ConvertAll(delivery => delivery.Message), stopping);
        }
        catch (Exception error) when (!stopping.IsCancellationRequested)
        {
            reason = MqttReason.ImplementationSpecificError;
            Raise(new MqttLinkEvent(MqttLinkEventKind.HandlerFailed, $"{batch.Count} messages could not be handled and were given up: {error.Message}", Error: error));
        }
        foreach (var delivery in batch)
        {
            if (delivery.PacketId != 0)
                delivery.From.Acknowledge(delivery.PacketId, reason); // in the order they came, MQTT 5 section 4.6
        }
    }

    private static string Described(MqttEndpoint endpoint, MqttServerLimits limits) =>
        $"online at {endpoint}, MQTT {(limits.Version == MqttVersion.V5 ? "5" : "3.1.1")}, session {(limits.SessionPresent ? "resumed" : "new")}";

    private void Enter(MqttLinkState state, MqttLinkEvent change)
    {
        _state = state;
        Raise(change);
    }

    private void Raise(MqttLinkEvent change) => Changed?.Invoke(change);

    private void End(Exception? bug)
    {
        _publishing.End(bug);
        _subscriptions.End();
        Enter(new MqttLinkState(MqttLinkPhase.Stopped, Cause: bug?.Message), new MqttLinkEvent(MqttLinkEventKind.Stopped, bug is null ? "stopped" : $"stopped by a bug: {bug.Message}", Error: bug));
    }
}
