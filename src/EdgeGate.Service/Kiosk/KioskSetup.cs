using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Service.Health;
using EdgeGate.Service.Kiosk.Notices;
using EdgeGate.Service.Kiosk.Voice;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Kiosk;

internal static class KioskSetup
{
    public static VoiceFiles VoiceFilesOf(GateSettings settings) => new(Path.Combine(settings.DataDirectory, "voice"));

    /// <summary>To be called after uplink and commands were added: notices of the site come over the one, signed by keys of the other.</summary>
    public static void AddKiosk(this IServiceCollection services, GateSettings settings)
    {
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<NoticeShelf>(provider, Path.Combine(settings.DataDirectory, "notices")));
        services.AddHostedService<NoticeService>();
        if (settings.Web.Kiosk.Voice is not null)
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<VoiceMaking>(provider, VoiceFilesOf(settings)));
        if (services.All(service => service.ServiceType != typeof(CommandKeyRing)))
            return;
        var uplink = services.First(service => service.ImplementationType == typeof(UplinkService)); // subscribed before it logs in
        services.Insert(services.IndexOf(uplink), ServiceDescriptor.Singleton<IHostedService>(
            provider => ActivatorUtilities.CreateInstance<SiteNotices>(provider, new SiteTopics(settings.Site))));
    }

    public static void MapKiosk(this WebApplication app, GateSettings settings)
    {
        var services = app.Services;
        var voice = settings.Web.Kiosk.Voice is null ? null : VoiceFilesOf(settings);
        var surroundings = new KioskSurroundings(
            settings, services.GetRequiredService<GateClock>(), services.GetRequiredService<DeviceBoard>(), services.GetRequiredService<SiteOccupancy>(),
            new OpeningHours(settings, services.GetRequiredService<RegisterShelf>()), services.GetService<UplinkStatus>(), voice);
        var screens = services.GetRequiredService<Lanes>().All.ToDictionary(lane => lane.Id, lane => new KioskScreen(lane.Kiosk, () => surroundings.Of(lane.Id)), StringComparer.Ordinal);
        var first = screens[settings.Lanes[0].Id];
        app.MapKiosk(lane => lane is null ? first : screens.GetValueOrDefault(lane), voice, settings.Web.Kiosk.Language);
    }
}
