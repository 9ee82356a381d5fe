using EdgeGate.Devices.Portals;

namespace EdgeGate.Service.Passing;

/// <summary>Keeps the way to one portal open.</summary>
internal sealed class PortalService(IPortal portal) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await portal.RunAsync(stoppingToken);
        }
        finally
        {
            if (portal is IAsyncDisposable held)
                await held.DisposeAsync();
        }
    }
}
