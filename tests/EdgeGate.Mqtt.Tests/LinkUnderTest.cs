using System.Collections.Concurrent;
using System.Threading.Channels;
using EdgeGate.Testing;

namespace EdgeGate.Mqtt.Tests;

/// <summary>A link with its events kept, and waits that end by themselves when something is badly wrong.</summary>
internal sealed class LinkUnderTest : IAsyncDisposable
{
    /// <summary>Only a broken test ever waits so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Channel<MqttLinkEvent> _events = Channel.CreateUnbounded<MqttLinkEvent>();
    private readonly ManualTime? _clock;

    public LinkUnderTest(MqttLinkOptions options, ManualTime? clock = null)
    {
        _clock = clock;
        Link = new MqttLink(options, clock ?? TimeProvider.System);
        Link.Changed += change =>
        {
            Seen.Enqueue(change);
            _events.Writer.TryWrite(change);
        };
    }

    public MqttLink Link { get; }

    public ConcurrentQueue<MqttLinkEvent> Seen { get; } = [];

    public static MqttLinkOptions Options(int port, string clientId = "gate-1") => new()
    {
        Endpoints = [new MqttEndpoint("127.0.0.1", port)],
        ClientId = clientId,
    };

    public async Task<LinkUnderTest> StartAsync()
    {
        await Link.StartAsync(CancellationToken.None);
        return this;
    }

    /// <summary>The next event of this kind; others before it are passed over.</summary>
    public async Task<MqttLinkEvent> EventAsync(MqttLinkEventKind kind)
    {
        while (true)
        {
            var next = await Within(_events.Reader.ReadAsync().AsTask(), $"event {kind}");
            if (next.Kind == kind)
                return next;
        }
    }

    /// <summary>Lets time pass in steps until the event has come: a step wakes at most what is due, wherever the code under test stands.</summary>
    public async Task<MqttLinkEvent> EventAfterAsync(MqttLinkEventKind kind, TimeSpan? step = null)
    {
        var waiting = EventAsync(kind);
        while (!waiting.IsCompleted)
        {
            _clock!.Advance(step ?? TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(waiting, Task.Delay(1));
        }
        return await waiting;
    }

    public async Task<MqttAck> AckAsync() => await Within(Link.Acks.ReadAsync().AsTask(), "an ack");

    public async Task<List<MqttAck>> AcksAsync(int count)
    {
        var acks = new List<MqttAck>();
        while (acks.Count < count)
            acks.Add(await AckAsync());
        return acks;
    }

    /// <summary>Publishes rows <paramref name="first"/> to <paramref name="last"/> and reads acks until each is accepted, offering again what is handed back.</summary>
    public async Task PublishAllAsync(string topic, int first, int last)
    {
        var utf8Topic = System.Text.Encoding.UTF8.GetBytes(topic);
        var open = new Queue<long>(Enumerable.Range(first, last - first + 1).Select(row => (long)row));
        var accepted = 0;
        while (accepted < last - first + 1)
        {
            while (open.TryPeek(out var row) && Publish(utf8Topic, row))
                open.Dequeue();
            await Within(Link.Acks.WaitToReadAsync().AsTask(), "acks");
            var again = new List<long>();
            while (Link.Acks.TryRead(out var ack))
            {
                if (ack.Outcome == MqttAckOutcome.OfferAgain)
                    again.Add(ack.RowId);
                else
                    accepted++;
            }
            if (again.Count > 0)
                open = new Queue<long>([.. again, .. open]);
            if (Link.Acks.Count == 0 && open.Count > 0)
                await Within(Task.WhenAny(Link.WaitForRoomAsync(CancellationToken.None).AsTask(), Link.Acks.WaitToReadAsync().AsTask()), "room");
        }
    }

    public bool Publish(ReadOnlySpan<byte> topic, long row, bool retain = false) =>
        Link.TryPublish(new MqttOutgoing { Topic = topic, Payload = System.Text.Encoding.UTF8.GetBytes($"{row}"), Retain = retain }, row);

    public static async Task<T> Within<T>(Task<T> task, string what)
    {
        try
        {
            return await task.WaitAsync(Patience, TimeProvider.System);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"waited in vain for {what}", late);
        }
    }

    public static Task Within(Task task, string what) => Within(task.ContinueWith(done => done.IsCompletedSuccessfully, TaskScheduler.Default), what);

    public ValueTask DisposeAsync() => Link.DisposeAsync();
}
