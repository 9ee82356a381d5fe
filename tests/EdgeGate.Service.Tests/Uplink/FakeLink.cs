using System.Text;
using System.Threading.Channels;
using EdgeGate.Mqtt;

namespace EdgeGate.Service.Tests.Uplink;

/// <summary>A link under the test's control: what was published waits here until the test says what became of it.</summary>
internal sealed class FakeLink(int window) : IMqttLink
{
    private readonly Lock _lock = new();
    private readonly Channel<MqttAck> _acks = Channel.CreateUnbounded<MqttAck>();
    private readonly Channel<Publication> _published = Channel.CreateUnbounded<Publication>();
    private readonly Channel<string> _marks = Channel.CreateUnbounded<string>();
    private TaskCompletionSource _roomChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _underWay;
    private int _calls;

    public event Action<MqttLinkEvent>? Changed;

    public MqttLinkState State { get; private set; } = new(MqttLinkPhase.Stopped);
    public MqttServerLimits? Limits { get; private set; }
    public ChannelReader<MqttAck> Acks => _acks.Reader;

    /// <summary>How often it was asked for room or to publish: what a busy loop would drive up.</summary>
    public int Calls => Volatile.Read(ref _calls);
    public bool Stopped { get; private set; }

    /// <summary>Completes when somebody has started it, which is after they listen.</summary>
    public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Answers that arrive while the link drains.</summary>
    public Action WhenDraining { get; set; } = () => { };

    /// <summary>Runs once, at the next attempt to publish.</summary>
    public Action? AtNextAttempt { get; set; }

    /// <summary>No room while answers are unread, which a link may say: so nobody sends something new between two answers, wherever they stand when these come.</summary>
    private bool HasRoom => State.Phase is MqttLinkPhase.Online && _underWay < window && _acks.Reader.Count == 0;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Started.SetResult();
        return Task.CompletedTask;
    }

    /// <param name="sessionPresent">False: the broker remembers nothing of us.</param>
    public void ComeUp(bool sessionPresent = true)
    {
        LogIn(sessionPresent);
        TellUp();
    }

    /// <summary>The first half of <see cref="ComeUp"/>: nobody was told yet.</summary>
    public void LogIn(bool sessionPresent = true)
    {
        Limits = new MqttServerLimits
        {
            Version = MqttVersion.V5,
            SessionPresent = sessionPresent,
            ReceiveMaximum = window,
            MaximumPacketSize = 1024 * 1024,
            KeepAlive = TimeSpan.Zero,
            SessionExpiry = TimeSpan.Zero,
            RetainAvailable = true,
            Qos1Available = true,
        };
        SetState(MqttLinkPhase.Online);
    }

    public void TellUp() => Changed?.Invoke(new MqttLinkEvent(MqttLinkEventKind.Up, "up"));

    /// <summary>The session survives: what is under way stays so.</summary>
    public void GoDown()
    {
        SetState(MqttLinkPhase.Waiting);
        Changed?.Invoke(new MqttLinkEvent(MqttLinkEventKind.Down, "down"));
    }

    public void Answer(long row, MqttReason reason = MqttReason.Success, bool requeue = false)
    {
        lock (_lock)
        {
            if (row != 0)
                _underWay--;
            _acks.Writer.TryWrite(new MqttAck(row, reason, Requeue: requeue));
            SignalRoom();
        }
    }

    /// <summary>As when a bug ends the link from inside.</summary>
    public void Break() => _acks.Writer.Complete(new InvalidOperationException("a bug in the link"));

    /// <summary>The next mark that was taken: a message on the topic "mark", for which there is always room and which is no part of what was published.</summary>
    public Task<string> NextMarkAsync() => _marks.Reader.ReadAsync().InTime();

    /// <summary>The next message that was taken, in the order of publishing.</summary>
    public Task<Publication> NextAsync() => _published.Reader.ReadAsync().InTime();

    public async Task<Publication[]> NextAsync(int count)
    {
        var taken = new Publication[count];
        for (var i = 0; i < count; i++)
            taken[i] = await NextAsync();
        return taken;
    }

    /// <summary>Nothing was taken that the test has not seen.</summary>
    public bool IsQuiet => !_published.Reader.TryPeek(out _);

    public bool TryPublish(in MqttOutgoing message, long rowId)
    {
        if (message.Topic.SequenceEqual("mark"u8) && State.Phase is MqttLinkPhase.Online)
            return _marks.Writer.TryWrite(Encoding.UTF8.GetString(message.Payload));
        Interlocked.Increment(ref _calls);
        var act = AtNextAttempt;
        AtNextAttempt = null;
        act?.Invoke();
        lock (_lock)
        {
            if (!HasRoom)
                return false;
            if (rowId != 0)
                _underWay++; // room for states is no matter here
            _published.Writer.TryWrite(new Publication(
                Encoding.UTF8.GetString(message.Topic), Encoding.UTF8.GetString(message.Payload), rowId, message.Retain, Encoding.UTF8.GetString(message.ContentType),
                Encoding.UTF8.GetString(message.CorrelationData)));
            return true;
        }
    }

    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (HasRoom)
                    return;
                changed = _roomChanged.Task;
            }
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>What was subscribed to.</summary>
    public Dictionary<string, MqttInboundHandler> Handlers { get; } = [];

    public Task<MqttReason> SubscribeAsync(string filter, MqttInboundHandler handler, CancellationToken cancellationToken)
    {
        Handlers[filter] = handler;
        return Task.FromResult(MqttReason.GrantedQos1);
    }

    public void UseCredentials(MqttCredentials credentials) => throw new NotSupportedException();

    public Task StopAsync(TimeSpan drain, CancellationToken cancellationToken)
    {
        WhenDraining();
        _acks.Writer.TryComplete();
        Stopped = true;
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void SetState(MqttLinkPhase phase)
    {
        lock (_lock)
        {
            State = new MqttLinkState(phase);
            SignalRoom();
        }
    }

    private void SignalRoom()
    {
        _roomChanged.SetResult();
        _roomChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal sealed record Publication(string Topic, string Payload, long Row, bool Retain, string ContentType, string Correlation);
}
