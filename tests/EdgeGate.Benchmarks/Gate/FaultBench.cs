using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Testing;

namespace EdgeGate.Benchmarks.Gate;

/// <summary>What arrives when the broker goes away, when the program is killed, and both at once: counts, for this gate and the peers.</summary>
internal sealed class FaultBench(BenchSetting setting)
{
    private const double Rate = 50;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);

    private enum Fault
    {
        BrokerAway,
        BrokerBack,
        Killed,
    }

    /// <param name="Faults">When each comes, as a share of the course.</param>
    private sealed record Course(string Name, int Seconds, (double At, Fault What)[] Faults);

    private static readonly Course[] Courses =
    [
        new("broker away for 30 s", 50, [(0.2, Fault.BrokerAway), (0.8, Fault.BrokerBack)]),
        new("killed three times", 60, [(1 / 6.0, Fault.Killed), (3 / 6.0, Fault.Killed), (5 / 6.0, Fault.Killed)]),
        new("broker away, killed meanwhile", 40, [(0.25, Fault.BrokerAway), (0.5, Fault.Killed), (0.75, Fault.BrokerBack)]),
    ];

    public async Task RunAsync(ReportSection report)
    {
        if (!TestBroker.IsInstalled)
        {
            report.Say(TestBroker.NotInstalled);
            return;
        }
        GateProgram[] programs = [new OwnGate(), .. Peer.Installed()];
        foreach (var course in Courses)
        {
            var rows = new List<string[]>();
            foreach (var program in programs)
                rows.Add([program.Name, .. await RunAsync(program, course)]);
            report.Say($"**{course.Name}** ({course.Seconds * Scale:0} s, {Rate:0} scans a second); counts of codes.");
            report.Table(["", "shown", "opened", "opened, not journaled", "opened, never published", "journaled, never published", "decided twice", "messages more than one a code", "MB at most"], rows);
        }
        report.Say("A code that was shown while a program was being killed may never have been read: *opened* may be less than *shown*. A message that comes again is no loss, but the receiver must be able to tell.");
    }

    private double Scale => setting.Quick ? 0.4 : 1;

    private async Task<string[]> RunAsync(GateProgram program, Course course)
    {
        using var folder = new TemporaryFolder(setting.Directory);
        await using var broker = await TestBroker.StartAsync("allow_anonymous true", "persistence true", "persistence_location {folder}/");
        await using var subscriber = await Subscriber.StartAsync(program, broker.Port, setting.Stopping);
        await using var gate = new GateUnderTest(program, folder, broker.Port, setting.Time);
        gate.Start();
        await gate.WaitUntilReadyAsync(setting.Stopping);
        var (shown, peak) = await ShowAsync(gate, broker, course);
        await SettleAsync(gate, program, shown, subscriber);
        var opened = shown.Where(code => gate.OpenedAt(code) is not null).Select(program.IdOf).ToHashSet();
        var mine = shown.Select(program.IdOf).ToHashSet();
        var journaled = (await program.JournaledAsync(gate.Surroundings, setting.Stopping)).Where(mine.Contains).ToList();
        var seen = subscriber.Seen;
        return
        [
            $"{shown.Count:N0}", $"{opened.Count:N0}", Count(opened.Except(journaled)), Count(opened.Where(id => !seen.ContainsKey(id))), Count(journaled.Where(id => !seen.ContainsKey(id))),
            $"{journaled.Count - journaled.Distinct().Count():N0}", $"{mine.Sum(id => Math.Max(0, seen.GetValueOrDefault(id) - 1)):N0}", peak.Figure(),
        ];

        static string Count(IEnumerable<string> ids) => $"{ids.Count():N0}";
    }

    private async Task<(List<string> Shown, double PeakMb)> ShowAsync(GateUnderTest gate, TestBroker broker, Course course)
    {
        var (shown, peak, next) = (new List<string>(), 0.0, 0);
        var begun = setting.Time.GetTimestamp();
        while (setting.Time.GetElapsedTime(begun).TotalSeconds is var elapsed && elapsed < course.Seconds * Scale)
        {
            if (next < course.Faults.Length && elapsed >= course.Faults[next].At * course.Seconds * Scale)
            {
                peak = Math.Max(peak, Machine.PeakMegabytes(gate.ProcessId));
                await DoAsync(course.Faults[next++].What, gate, broker);
            }
            while (shown.Count < elapsed * Rate)
                shown.Add(await gate.ShowAsync(setting.Stopping));
            await Task.Delay(TimeSpan.FromMilliseconds(2), setting.Time, setting.Stopping);
        }
        return (shown, Math.Max(peak, Machine.PeakMegabytes(gate.ProcessId)));
    }

    private static async Task DoAsync(Fault fault, GateUnderTest gate, TestBroker broker)
    {
        switch (fault)
        {
            case Fault.BrokerAway:
                await broker.SignalAsync("TERM"); // it saves what it holds for the subscriber
                break;
            case Fault.BrokerBack:
                await broker.RestartAsync();
                break;
            case Fault.Killed:
                await gate.KillAsync();
                gate.Start();
                break;
        }
    }

    /// <summary>Until everything came or nothing has for a while.</summary>
    private async Task SettleAsync(GateUnderTest gate, GateProgram program, List<string> shown, Subscriber subscriber)
    {
        var (last, since) = ((-1, -1), setting.Time.GetTimestamp());
        while (setting.Time.GetElapsedTime(since) < Quiet)
        {
            var now = (shown.Count(code => gate.OpenedAt(code) is not null), subscriber.Seen.Count);
            if (now != last)
                (last, since) = (now, setting.Time.GetTimestamp());
            if (now.Item1 == shown.Count && shown.TrueForAll(code => subscriber.Seen.ContainsKey(program.IdOf(code))))
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(200), setting.Time, setting.Stopping);
        }
    }

    /// <summary>The far end with a session that the broker keeps: mosquitto_sub, which comes back by itself.</summary>
    private sealed class Subscriber : IAsyncDisposable
    {
        private const string Executable = "/usr/bin/mosquitto_sub";
        private readonly Process _process;
        private readonly Task _listening;

        private Subscriber(Process process, GateProgram program)
        {
            _process = process;
            _listening = Task.Run(async () =>
            {
                while (await process.StandardOutput.ReadLineAsync() is { } message)
                {
                    if (program.IdIn(message) is { } id)
                        Seen.AddOrUpdate(id, 1, (_, before) => before + 1);
                }
            });
        }

        /// <summary>How many messages named each.</summary>
        public ConcurrentDictionary<string, int> Seen { get; } = new(StringComparer.Ordinal);

        /// <summary>The subscription stands when this returns: a first, short-lived client makes the session.</summary>
        public static async Task<Subscriber> StartAsync(GateProgram program, int port, CancellationToken cancellationToken)
        {
            string[] session = ["-h", "127.0.0.1", "-p", $"{port}", "-q", "1", "-t", "#", "-i", "central-consumer", "-c"];
            using (var first = Process.Start(Executable, [.. session, "-E"]))
                await first.WaitForExitAsync(cancellationToken);
            return new Subscriber(Process.Start(new ProcessStartInfo(Executable, session) { RedirectStandardOutput = true, UseShellExecute = false })!, program);
        }

        public async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _listening;
            _process.Dispose();
        }
    }
}
