using EdgeGate.Service.Kiosk;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeGate.Service.Tests.Kiosk;

/// <summary>The kiosk alone on a loopback port, without the rest of the gate.</summary>
internal sealed class KioskHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private KioskHost(WebApplication app) => (_app, Address) = (app, new Uri(app.Urls.Single()));

    public KioskBoard Board => _app.Services.GetRequiredService<KioskBoard>();

    public Uri Address { get; }

    /// <param name="time">The clock of the heartbeat.</param>
    /// <param name="address">Where an earlier host listened, to play its restart; a free port by default.</param>
    /// <param name="version">What the page takes for the build's identity.</param>
    public static async Task<KioskHost> StartAsync(TimeProvider time, Uri? address = null, string? version = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address?.ToString() ?? "http://127.0.0.1:0");
        builder.Services.AddSingleton<KioskBoard>();
        builder.Services.AddSingleton(time);
        var app = builder.Build();
        app.MapKiosk(lane => lane is null or "lane-1" ? app.Services.GetRequiredService<KioskBoard>() : null, version);
        await app.StartAsync(CancellationToken.None);
        return new KioskHost(app);
    }

    /// <summary>Stops as the service does when it is asked to: open requests may end first.</summary>
    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }
}
