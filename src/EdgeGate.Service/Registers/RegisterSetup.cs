using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Privacy;
using EdgeGate.Mqtt;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Registers;

internal static class RegisterSetup
{
    public static string DirectoryOf(GateSettings settings) => Path.Combine(settings.DataDirectory, "registers");

    public static void AddRegisters(this IServiceCollection services, GateSettings settings, GateKeys keys)
    {
        services.AddSingleton<RegisterShelf>().AddSingleton(new PassUses(new PersonKeys(keys.SiteSecret)));
        services.AddSingleton(provider => new LaneFacts(
            ListRules.ListsOf(settings), provider.GetRequiredService<RegisterShelf>(), new PersonKeys(keys.SiteSecret),
            provider.GetRequiredService<SiteOccupancy>(), provider.GetRequiredService<PassageMemory>()));
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<RegisterService>(
            provider, new RegisterStore(DirectoryOf(settings)), Path.Combine(settings.DataDirectory, "recorded-registers")));
    }

    /// <summary>To be called after the lanes were added.</summary>
    public static void AddListAgeNotices(this IServiceCollection services, GateSettings settings)
    {
        if (settings.Rules.ListAges.Count > 0)
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<ListAgeNotices>(provider, settings.Rules.ListAges));
    }

    /// <summary>To be called after uplink and commands were added: the lists come over the one, signed by keys of the other.</summary>
    public static void AddCentralRegisters(this IServiceCollection services, GateSettings settings)
    {
        if (settings.Registers.Central.Count == 0 || settings.Broker is not { } broker || services.All(service => service.ServiceType != typeof(CommandKeyRing)))
            return;
        var options = UplinkSetup.LinkOptionsOf(settings, broker, new GateTopics(settings.Site, settings.Gate)) with
        {
            ClientId = $"{settings.Site}-{settings.Gate}-registers",
            SessionExpiry = TimeSpan.Zero,
        };
        var uplink = services.First(service => service.ImplementationType == typeof(UplinkService)); // subscribed before it logs in
        services.Insert(services.IndexOf(uplink), ServiceDescriptor.Singleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<CentralRegisters>(
            provider, settings.Registers, new SiteTopics(settings.Site), new RegisterStore(DirectoryOf(settings)),
            (Func<IMqttLink>)(() => new MqttLink(options, provider.GetRequiredService<TimeProvider>())))));
    }
}
