using System.Globalization;
using System.Text;
using EdgeGate.Devices.Ports;
using EdgeGate.Journal;
using EdgeGate.Mqtt;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Health;

/// <summary>
/// <c>/metrics</c> for Prometheus, text format 0.0.4: counters and gauges read from the parts when asked, so that nothing is counted
/// twice. No person and no credential in it.
/// </summary>
internal sealed class MetricsPage
{
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    private readonly StringBuilder _text = new();

    public static void Map(IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var journal = services.GetRequiredService<GateJournal>();
        var devices = services.GetRequiredService<DeviceBoard>();
        var uplink = services.GetService<UplinkStatus>();
        routes.MapGet("/metrics", () => TypedResults.Text(Render(journal, devices, uplink), ContentType));
    }

    internal static string Render(GateJournal journal, DeviceBoard devices, UplinkStatus? uplink)
    {
        var page = new MetricsPage();
        var status = journal.Status;
        page.Counter("edgegate_records_made_total", "Records made since the gate was set up: the highest number given.", status.LastSequence);
        page.Gauge("edgegate_records_held", "Records that lie at the gate.", status.Held);
        page.Gauge("edgegate_records_backlog", "Records that have not arrived at the far end.", journal.Backlog);
        page.Counter("edgegate_records_dropped_total", "Records deleted undelivered because the disk budget ran out.", status.Dropped);
        page.Gauge("edgegate_records_dead_letters", "Records that the broker refuses for good.", status.DeadLetters.Count);
        page.Gauge("edgegate_journal_failing", "1 while records cannot be written.", status.Failure is null ? 0 : 1);
        page.Counter("edgegate_journal_commits_total", "Flushes since the start; records that come together share one.", status.Commits);
        page.Counter("edgegate_journal_written_bytes_total", "Bytes the journal handed to the disk since the start: what wears a flash card.", status.BytesWritten);
        if (uplink is not null)
        {
            page.Gauge("edgegate_uplink_online", "1 while the broker is there.", uplink.Link?.Phase is MqttLinkPhase.Online ? 1 : 0);
            page.Gauge("edgegate_uplink_broker_has_up_to", "The broker acknowledged every record up to here.", uplink.BrokerHasUpTo);
            page.Counter("edgegate_uplink_receipts_refused_total", "Receipts that were about other records than this gate's.", uplink.RefusedReceipts);
        }
        page.Head("edgegate_device_connected", "1 while the device answers.", "gauge");
        foreach (var device in devices.Devices)
            page.Line($"edgegate_device_connected{{device=\"{device.DeviceId}\"}}", device.State is DeviceState.Connected or DeviceState.Doubtful ? 1 : 0); // ids are letters, digits and hyphens
        page.Gauge("process_resident_memory_bytes", "Memory in use.", Environment.WorkingSet);
        page.Counter("process_cpu_seconds_total", "Processor time used.", Environment.CpuUsage.TotalTime.TotalSeconds);
        return page._text.ToString();
    }

    private void Counter(string name, string help, double value) => One(name, help, "counter", value);

    private void Gauge(string name, string help, double value) => One(name, help, "gauge", value);

    private void One(string name, string help, string type, double value)
    {
        Head(name, help, type);
        Line(name, value);
    }

    private void Head(string name, string help, string type) => _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private void Line(string name, double value) => _text.Append(name).Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
}
