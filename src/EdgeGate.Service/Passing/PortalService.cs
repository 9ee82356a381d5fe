using EdgeGate.Devices.Portals;

namespace EdgeGate.Service.Passing;

/// <summary>Keeps the line to the portal open.</summary>
internal sealed class PortalService(PulsedPortal portal) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => portal.RunAsync(stoppingToken);
}
