using EdgeGate.Devices.Portals;

namespace EdgeGate.Service.Passing;

/// <summary>Keeps the way to one portal open.</summary>
internal sealed class PortalService(IPortal portal) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => portal.RunAsync(stoppingToken);
}
