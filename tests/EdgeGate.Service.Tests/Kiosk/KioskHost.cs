using EdgeGate.Devices.Ports;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Kiosk.Voice;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeGate.Service.Tests.Kiosk;

/// <summary>The kiosk alone on a loopback port, without the rest of the gate.</summary>
internal sealed class KioskHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private Uri? _address;

    private KioskHost(WebApplication app) => _app = app;

    public KioskBoard Board => _app.Services.GetRequiredService<KioskBoard>();

    public Uri Address => _address ??= new Uri(_app.Urls.Single());

    /// <summary>What stands in the corner; a screen takes it up at the next beat.</summary>
    public KioskCorner Corner { get; set; } = KioskCorner.Empty;

    /// <summary>Null for a silent kiosk.</summary>
    public VoiceFiles? Voice { get; private init; }

    /// <param name="time">The clock of the heartbeat.</param>
    /// <param name="address">Where an earlier host listened, to play its restart; a free port by default.</param>
    /// <param name="voice">Where its prompts are.</param>
    /// <param name="version">What the page takes for the build's identity.</param>
    public static async Task<KioskHost> StartAsync(TimeProvider time, Uri? address = null, string? version = null, VoiceFiles? voice = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address?.ToString() ?? $"http://127.0.0.1:{FreeTcpPort.Take()}");
        builder.Services.AddSingleton<KioskBoard>();
        builder.Services.AddSingleton(time);
        var app = builder.Build();
        var host = new KioskHost(app) { Voice = voice };
        var screen = new KioskScreen(host.Board, () => host.Corner);
        app.MapKiosk(lane => lane is null or "lane-1" ? screen : null, voice, version: version);
        await app.StartAsync(CancellationToken.None);
        _ = host.Address; // while it can still be asked: a test may want it when this host is gone
        return host;
    }

    /// <summary>Stops as the service does when it is asked to: open requests may end first.</summary>
    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }
}
