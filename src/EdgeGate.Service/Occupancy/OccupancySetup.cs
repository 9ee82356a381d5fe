using EdgeGate.Access;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Occupancy;

internal static class OccupancySetup
{
    public static string CorrectionFileOf(GateSettings settings) => Path.Combine(settings.DataDirectory, "occupancy-correction");

    /// <summary>To be called after the uplink was added; without one the gate knows its own counters only.</summary>
    public static void AddOccupancy(this IServiceCollection services, GateSettings settings)
    {
        services.AddSingleton(new SiteOccupancy(settings.Gate)).AddSingleton<PassageMemory>();
        var uplink = services.FirstOrDefault(service => service.ImplementationType == typeof(UplinkService));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<PassageFollower>(
            provider, settings.Gate, LanesOf(settings), uplink is null, Path.Combine(settings.DataDirectory, "occupancy")));
        services.AddHostedService(provider => provider.GetRequiredService<PassageFollower>());
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<OccupancyCorrection>(provider, CorrectionFileOf(settings)));
        if (uplink is null)
            return;
        services.Insert(services.IndexOf(uplink), ServiceDescriptor.Singleton<IHostedService, OccupancyExchange>());
        if (settings.Rules.AntiPassback is not null || settings.HealthCodes.PassKeyFiles.Count > 0)
            services.Insert(services.IndexOf(uplink), ServiceDescriptor.Singleton<IHostedService, PassageHearing>());
    }

    private static Dictionary<string, Direction> LanesOf(GateSettings settings) => settings.Lanes.ToDictionary(
        lane => lane.Id, lane => lane.Direction is LaneDirection.Entry ? Direction.Entry : Direction.Exit, StringComparer.Ordinal);
}
