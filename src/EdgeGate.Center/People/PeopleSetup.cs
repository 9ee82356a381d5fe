using EdgeGate.Center.Households;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Settings;
using EdgeGate.Mqtt;

namespace EdgeGate.Center.People;

/// <summary>Lists, passes, person files and households, as far as there are keys for them.</summary>
internal static class PeopleSetup
{
    /// <summary>What pages and loops work with.</summary>
    /// <exception cref="CenterSettingsException">A key file cannot be used.</exception>
    public static void Add(IServiceCollection services, CenterSettings settings)
    {
        var dataKey = CenterSettingsFile.ReadDataKey(settings);
        services.AddSingleton(new SiteKeys(settings.Sites)).AddSingleton<GateLists>().AddSingleton<PeopleRetention>();
        services.AddSingleton(provider => new RegisterBook(provider.GetRequiredService<Npgsql.NpgsqlDataSource>(), provider.GetRequiredService<Audit>(), provider.GetRequiredService<TimeProvider>(), dataKey));
        if (CenterSettingsFile.ReadPassKey(settings) is { } passSigner)
            services.AddSingleton(passSigner).AddSingleton<PassDesk>();
        if (dataKey is null)
            return;
        services.AddSingleton(dataKey).AddSingleton<PersonFiles>().AddSingleton<BuildingPlaces>();
        services.AddSingleton(provider => new MeasurePlan(settings.Measures.By, provider.GetRequiredService<TimeProvider>().LocalTimeZone));
        if (settings.PassKeyFile is not null)
            services.AddSingleton<HouseholdAccess>().AddSingleton<HouseholdView>();
    }

    /// <summary>What runs by itself. To be called after the broker's link, the outbox and the signer were added.</summary>
    public static void AddLoops(IServiceCollection services, CenterSettings settings)
    {
        if (settings.CommandKey is not null)
        {
            var options = CenterSettingsFile.LinkOptions(settings) with { ClientId = $"edgegate-{settings.Instance}-registers", SessionExpiry = TimeSpan.Zero };
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<RegisterPublisher>(provider, new MqttLink(options, provider.GetRequiredService<TimeProvider>())));
        }
        if (settings.DataKeyFile is not null)
            services.AddHostedService<MeasureWatch>();
        if (settings.DataKeyFile is not null && settings.PassKeyFile is not null)
            services.AddHostedService<DeliveryWatch>();
    }
}
