using EdgeGate.Service.Hardware;
using EdgeGate.Service.Health;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Readers.Osdp;

/// <summary>All RS-485 lines of the gate, whichever lanes their readers and portals belong to.</summary>
internal sealed class OsdpLines
{
    private readonly Dictionary<string, OsdpLine> _lines;

    public OsdpLines(GateSettings settings, DevicePorts ports, DeviceBoard board, DeviceEvents events, DeviceIdentities identities, TimeProvider time, ILogger<OsdpLine> log) =>
        _lines = PortsOf(settings).ToDictionary(
            port => port.Key,
            port => new OsdpLine([.. port], settings.DataDirectory, ports.Of(port.First()), board, events, identities, time, log),
            StringComparer.Ordinal);

    public OsdpDevice Find(IOsdpDevice settings) => _lines[NameOf(settings)].Find(settings);

    /// <summary>One hosted service for each line.</summary>
    public static void Add(IServiceCollection services, GateSettings settings)
    {
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<OsdpLines>(provider, settings));
        foreach (var port in PortsOf(settings))
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<OsdpLines>()._lines[port.Key]);
    }

    private static IEnumerable<IGrouping<string, IOsdpDevice>> PortsOf(GateSettings settings) => settings.Lanes
        .SelectMany(lane => lane.Readers.Cast<DeviceSettings>().Append(lane.Portal))
        .OfType<IOsdpDevice>().GroupBy(NameOf, StringComparer.Ordinal);

    private static string NameOf(IOsdpDevice device) => device.Place;
}
