using System.Buffers;
using System.CommandLine;
using System.Text;
using EdgeGate.Benchmarks.Appending;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Uplink;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGate.Benchmarks.Draining;

/// <param name="OnlineMegabytes">Resident when the link was up and nothing had been sent.</param>
/// <param name="LiveSent">Records appended while the backlog drained.</param>
internal sealed record DrainProbeResult(double OnlineMegabytes, double PeakMegabytes, int LiveSent, double ProcessorSeconds);

/// <summary>The sending side in a process of its own, so that memory and processor time are the gate's alone.</summary>
internal static class DrainProbe
{
    private const string DrainName = "drain-probe";
    private const string PublishName = "publish-probe";
    private const string Port = "--port";
    private const string Messages = "--messages";

    /// <summary>Live records a second meanwhile: a busy gate's.</summary>
    private static readonly TimeSpan LiveEvery = TimeSpan.FromMilliseconds(20);

    public static GateTopics Topics { get; } = new("bench", "gate-1");

    public static Task<DrainProbeResult> DrainAsync(string directory, int port, CancellationToken cancellationToken) =>
        Probe.RunAsync<DrainProbeResult>(cancellationToken, DrainName, "--directory", directory, Port, $"{port}");

    public static Task<DrainProbeResult> PublishAsync(int messages, int port, CancellationToken cancellationToken) =>
        Probe.RunAsync<DrainProbeResult>(cancellationToken, PublishName, Messages, $"{messages}", Port, $"{port}");

    public static IEnumerable<Command> Commands(TimeProvider time)
    {
        var port = new Option<int>(Port) { Required = true };
        var messages = new Option<int>(Messages) { Required = true };
        var drain = new Command(DrainName) { port };
        drain.Hidden = true;
        drain.SetAction(async (parsed, stopping) =>
            Probe.Answer(await DrainAsync(parsed.GetRequiredValue<DirectoryInfo>("--directory").FullName, parsed.GetValue(port), time, stopping)));
        var publish = new Command(PublishName) { port, messages };
        publish.Hidden = true;
        publish.SetAction(async (parsed, stopping) =>
            Probe.Answer(await PublishAsync(parsed.GetValue(messages), parsed.GetValue(port), time, stopping)));
        return [drain, publish];
    }

    public static MqttLinkOptions LinkOptions(string client, int port) =>
        new() { Endpoints = [new MqttEndpoint("127.0.0.1", port)], ClientId = client, SessionExpiry = TimeSpan.Zero };

    /// <summary>The service's own parts, as they are: nothing of the uplink is rebuilt here.</summary>
    private static async Task<DrainProbeResult> DrainAsync(string directory, int port, TimeProvider time, CancellationToken stopping)
    {
        await using var journal = await GateJournal.OpenAsync(JournalFilling.Options(directory), time, stopping);
        await using var link = new MqttLink(LinkOptions("bench-gate", port), time);
        var status = new UplinkStatus();
        var receipts = new Receipts(journal, ReceiptsFrom.Broker, TimeSpan.FromMinutes(1), status, time, NullLogger<Receipts>.Instance);
        using var uplink = new UplinkService(journal, link, Topics, new RetainedOutbox(), receipts, new ResendRequests(), status, time, NullLogger<UplinkService>.Instance);
        var backlogEnds = journal.LastSequence;

        await uplink.StartAsync(stopping);
        while (link.State.Phase is not MqttLinkPhase.Online)
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, stopping);
        var online = Machine.ResidentMegabytes();
        var sent = 0;
        using var ticks = new PeriodicTimer(LiveEvery, time);
        while (status.BrokerHasUpTo < backlogEnds && await ticks.WaitForNextTickAsync(stopping))
        {
            var now = time.GetTimestamp();
            await journal.AppendAsync((_, to) => LiveRecord.Write(to, now), stopping);
            sent++;
        }
        while (status.BrokerHasUpTo < journal.LastSequence)
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, stopping);
        await uplink.StopAsync(stopping);
        return new DrainProbeResult(online, Machine.PeakMegabytes(), sent, Environment.CpuUsage.TotalTime.TotalSeconds);
    }

    /// <summary>The limit: the client alone, one message again and again, as fast as it finds room.</summary>
    private static async Task<DrainProbeResult> PublishAsync(int messages, int port, TimeProvider time, CancellationToken stopping)
    {
        await using var link = new MqttLink(LinkOptions("bench-client", port), time);
        await link.StartAsync(stopping);
        await link.WaitForRoomAsync(stopping);
        var online = Machine.ResidentMegabytes();
        var payload = new ArrayBufferWriter<byte>();
        LiveRecord.Write(payload, time.GetTimestamp());
        var topic = Encoding.UTF8.GetBytes(Topics.Backlog);
        var contentType = Encoding.ASCII.GetBytes(RecordEnvelope.ContentType);
        for (int sent = 0, answered = 0; answered < messages;)
        {
            while (sent < messages && link.TryPublish(new MqttOutgoing { Topic = topic, Payload = payload.WrittenSpan, ContentType = contentType }, sent))
                sent++;
            await link.Acks.WaitToReadAsync(stopping);
            while (link.Acks.TryRead(out _))
                answered++;
        }
        await link.StopAsync(TimeSpan.FromSeconds(1), stopping);
        return new DrainProbeResult(online, Machine.PeakMegabytes(), 0, Environment.CpuUsage.TotalTime.TotalSeconds);
    }
}
