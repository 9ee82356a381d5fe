using EdgeGate.Benchmarks.Appending;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Journal;
using EdgeGate.Mqtt;
using EdgeGate.Testing;

namespace EdgeGate.Benchmarks.Draining;

/// <summary>The uplink catching up after an outage, beside the bare client and a mosquitto bridge.</summary>
internal sealed class DrainBench(BenchSetting setting)
{
    private readonly int _rounds = setting.Quick ? 1 : 5;
    private readonly int _backlog = setting.Quick ? 100_000 : 200_000;

    /// <param name="PerSecond">At the far end's subscriber, from the first message to the last.</param>
    /// <param name="LiveMilliseconds">From the append of a live record to its arrival, while the backlog drained.</param>
    private sealed record Round(double PerSecond, double PeakMegabytes, double OnlineMegabytes, double ProcessorSeconds, IReadOnlyList<double> LiveMilliseconds);

    public async Task RunAsync(ReportSection report)
    {
        if (!TestBroker.IsInstalled)
        {
            report.Say(TestBroker.NotInstalled);
            return;
        }
        var rounds = new List<(Round Whole, Round Quarter, Round Client, Round Bridge)>();
        for (var i = 0; i < _rounds; i++)
            rounds.Add((await DrainAsync(_backlog), await DrainAsync(_backlog / 4), await PublishAsync(), await BridgeAsync()));

        report.Say($"{_backlog:N0} records of {JournalBench.PayloadBytes} bytes from the journal to a local mosquitto, QoS 1, by the service's own uplink in a process of its own, while 50 live records a second are appended; "
            + $"medians of {_rounds} interleaved rounds. Rates are taken at a subscriber (mosquitto_sub) of the backlog. *Bare client*: the same MQTT client, one message again and again, no journal. *Bridge*: a mosquitto that holds the same messages in its RAM and hands them on.");
        report.Table(
            ["", "messages/s", "of the bare client", "memory online MB", "peak MB", "processor µs/message", "live p50 ms", "live p99 ms"],
            [
                Row($"EdgeGate, {_backlog:N0}", _backlog, round => round.Whole),
                Row($"EdgeGate, {_backlog / 4:N0}", _backlog / 4, round => round.Quarter),
                Row("bare client", _backlog, round => round.Client),
                Row("mosquitto bridge", _backlog, round => round.Bridge),
            ]);
        report.Say($"Peak memory with {_backlog:N0} over that with {_backlog / 4:N0}: {rounds.Select(round => round.Whole.PeakMegabytes - round.Quarter.PeakMegabytes).Median().Figure()} MB.");
        report.Say("Budget: at least 0.70 of the bare client and as fast as the bridge; memory does not grow with the backlog; live p99 under 1 s.");

        string[] Row(string name, int messages, Func<(Round Whole, Round Quarter, Round Client, Round Bridge), Round> which) =>
        [
            name,
            rounds.Select(round => which(round).PerSecond).Median().Figure(),
            rounds.Select(round => which(round).PerSecond / round.Client.PerSecond).Median().Ratio(),
            rounds.Select(round => which(round).OnlineMegabytes).Median().Figure(),
            rounds.Select(round => which(round).PeakMegabytes).Median().Figure(),
            rounds.Select(round => which(round).ProcessorSeconds * 1e6 / messages).Median().Figure(),
            rounds.Select(round => which(round).LiveMilliseconds.Median()).Median().Figure(),
            rounds.Select(round => which(round).LiveMilliseconds.Percentile(0.99)).Median().Figure(),
        ];
    }

    private async Task<Round> DrainAsync(int backlog)
    {
        using var folder = new TemporaryFolder(setting.Directory);
        await using (var journal = await GateJournal.OpenAsync(JournalFilling.Options(folder.Path), setting.Time, setting.Stopping))
            await JournalFilling.FillAsync(journal, backlog, (_, to) => LiveRecord.Write(to, timestamp: 0));

        await using var broker = await TestBroker.StartAsync();
        await using var farEnd = await CountingSubscriber.StartAsync(DrainProbe.Topics.Backlog, broker.Port, setting.Time, setting.Stopping);
        await using var live = new MqttLink(DrainProbe.LinkOptions("bench-live", broker.Port), setting.Time);
        var arrivals = new List<(long At, double Milliseconds)>();
        var subscribed = live.SubscribeAsync(
            DrainProbe.Topics.Passages,
            (message, _) =>
            {
                var now = setting.Time.GetTimestamp();
                arrivals.Add((now, setting.Time.GetElapsedTime(LiveRecord.MadeAt(message.Payload.Span), now).TotalMilliseconds));
                return ValueTask.CompletedTask;
            },
            setting.Stopping);
        await live.StartAsync(setting.Stopping);
        await subscribed;

        var gate = await DrainProbe.DrainAsync(folder.Path, broker.Port, setting.Stopping);
        await farEnd.WaitForAsync(backlog, setting.Stopping);
        await live.StopAsync(TimeSpan.Zero, setting.Stopping); // no arrival from here on
        if (farEnd.Count != backlog || arrivals.Count != gate.LiveSent)
            throw new InvalidOperationException($"sent {backlog} late and {gate.LiveSent} live, arrived {farEnd.Count} and {arrivals.Count}");
        return new Round(
            farEnd.Rate, gate.PeakMegabytes, gate.OnlineMegabytes, gate.ProcessorSeconds,
            [.. arrivals.Where(one => one.At >= farEnd.FirstAt && one.At <= farEnd.LatestAt).Select(one => one.Milliseconds)]);
    }

    private async Task<Round> PublishAsync()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var farEnd = await CountingSubscriber.StartAsync(DrainProbe.Topics.Backlog, broker.Port, setting.Time, setting.Stopping);
        var client = await DrainProbe.PublishAsync(_backlog, broker.Port, setting.Stopping);
        await farEnd.WaitForAsync(_backlog, setting.Stopping);
        return new Round(farEnd.Rate, client.PeakMegabytes, client.OnlineMegabytes, client.ProcessorSeconds, []);
    }

    private async Task<Round> BridgeAsync()
    {
        await using var center = await TestBroker.StartAsync();
        await using var edge = await TestBroker.StartAsync(
            "allow_anonymous true",
            "connection to-center",
            $"address 127.0.0.1:{center.Port}",
            $"topic {DrainProbe.Topics.Backlog} out 1",
            "cleansession false",
            "restart_timeout 2",
            "notifications false");
        await using (var before = await CountingSubscriber.StartAsync(DrainProbe.Topics.Backlog, center.Port, setting.Time, setting.Stopping))
        {
            // Until the bridge stands: before that it keeps nothing for the center.
            while (before.Count == 0)
            {
                await DrainProbe.PublishAsync(1, edge.Port, setting.Stopping);
                await before.WaitForAsync(1, setting.Stopping);
            }
        }
        center.Kill();
        await DrainProbe.PublishAsync(_backlog, edge.Port, setting.Stopping);
        var (online, worked) = (Machine.ResidentMegabytes(edge.ProcessId), Machine.ProcessorTime(edge.ProcessId));
        await center.RestartAsync();
        await using var farEnd = await CountingSubscriber.StartAsync(DrainProbe.Topics.Backlog, center.Port, setting.Time, setting.Stopping);
        await farEnd.WaitForAsync(_backlog, setting.Stopping);
        return new Round(farEnd.Rate, Machine.PeakMegabytes(edge.ProcessId), online, (Machine.ProcessorTime(edge.ProcessId) - worked).TotalSeconds, []);
    }
}
