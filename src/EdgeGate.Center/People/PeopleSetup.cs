using EdgeGate.Center.Households;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Tracing;
using EdgeGate.Mqtt;

namespace EdgeGate.Center.People;

/// <summary>Lists, passes, person files and households, as far as there are keys for them.</summary>
internal static class PeopleSetup
{
    /// <exception cref="CenterSettingsException">A key file cannot be used.</exception>
    public static void Add(IServiceCollection services, CenterSettings settings)
    {
        var dataKey = CenterSettingsFile.ReadDataKey(settings);
        services.AddSingleton<Audit>().AddSingleton(new SiteKeys(settings.Sites)).AddSingleton<GateLists>().AddSingleton<PeopleRetention>();
        services.AddSingleton(provider => new RegisterBook(provider.GetRequiredService<Npgsql.NpgsqlDataSource>(), provider.GetRequiredService<Audit>(), provider.GetRequiredService<TimeProvider>(), dataKey));
        if (settings.CommandKey is not null)
        {
            var options = CenterSettingsFile.LinkOptions(settings) with { ClientId = $"edgegate-{settings.Instance}-registers", SessionExpiry = TimeSpan.Zero };
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<RegisterPublisher>(provider, new MqttLink(options, provider.GetRequiredService<TimeProvider>())));
        }
        if (CenterSettingsFile.ReadPassKey(settings) is { } passSigner)
            services.AddSingleton(passSigner).AddSingleton<PassDesk>();
        if (dataKey is null)
            return;
        services.AddSingleton(dataKey).AddSingleton<PersonFiles>();
        services.AddSingleton(provider => new MeasurePlan(settings.Measures.By, provider.GetRequiredService<TimeProvider>().LocalTimeZone));
        services.AddHostedService<MeasureWatch>();
        if (settings.PassKeyFile is not null)
            services.AddSingleton<HouseholdAccess>().AddSingleton<HouseholdView>();
    }
}
