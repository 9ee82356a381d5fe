using EdgeGate.Center.Database;
using EdgeGate.Center.Fleet;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.People;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Web;
using EdgeGate.Mqtt;
using Microsoft.Extensions.Logging.Console;

namespace EdgeGate.Center;

/// <summary>Puts a center together from its settings. It starts without broker and without database, says so, and goes on when they come.</summary>
internal static class CenterHost
{
    /// <exception cref="CenterSettingsException">A file that the settings name cannot be used.</exception>
    public static WebApplication Build(CenterSettings settings, TimeProvider time)
    {
        // No arguments, no environment, no appsettings.json: center.json is the one place for settings. (Any other builder watches the working directory
        // with all its folders for an appsettings.json to come; a service's is "/".)
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "edgegate-center", EnvironmentName = "Production" });
        builder.Services.AddRoutingCore();
        builder.Logging.AddConsole(console => (console.FormatterName, console.QueueFullMode) = (LineLogFormatter.FormatterName, ConsoleLoggerQueueFullMode.DropWrite)) // nothing waits for a log that hangs
            .AddConsoleFormatter<LineLogFormatter, ConsoleFormatterOptions>();
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Npgsql", LogLevel.Error);
        builder.WebHost.UseUrls(settings.Web.Address.GetLeftPart(UriPartial.Authority));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        if (CenterSettingsFile.ReadWebCertificate(settings.Web) is { } certificate)
        {
            builder.WebHost.UseKestrelHttpsConfiguration(); // not in Kestrel's core
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = certificate));
        }
        CenterWeb.Add(builder, settings);

        var link = CenterSettingsFile.LinkOptions(settings);
        var signer = CenterSettingsFile.ReadCommandKey(settings);
        var services = builder.Services;
        services.AddSingleton(time).AddSingleton(settings.Retention).AddSingleton<IngestCounters>().AddSingleton<Partitions>().AddSingleton<LaneIds>();
        services.AddSingleton(new IngestOptions(settings.Broker.ShareGroup is { Length: > 0 } group ? group : null, RecordsByAmqp: settings.Broker.Amqp is not null));
        services.AddSingleton(_ => CenterSettingsFile.OpenDatabase(settings.Database));
        services.AddSingleton(_ => new MqttLink(link, time));
        services.AddSingleton<IMqttLink>(provider => provider.GetRequiredService<MqttLink>());
        services.AddSingleton<CenterOutbox>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RecordStore>(provider, settings.Retention.RecordDays));
        services.AddSingleton<PatientCommit>().AddSingleton<SecondReading>();
        services.AddSingleton(settings.Database).AddHostedService<MigrationService>(); // first: the others find their tables
        services.AddHostedService<UpkeepService>();
        services.AddHostedService<SecondReadingService>();
        services.AddHostedService<FleetListener>(); // before the link starts
        services.AddHostedService<IngestService>();
        if (settings.Broker.Amqp is { } amqp)
        {
            services.AddSingleton(AmqpOptions.Of(settings, amqp, link));
            services.AddSingleton<AmqpIngestService>().AddHostedService(provider => provider.GetRequiredService<AmqpIngestService>());
        }
        if (signer is not null)
            services.AddSingleton(signer).AddHostedService<GapService>();
        PeopleSetup.AddLoops(services, settings);

        var app = builder.Build();
        HealthPage.Map(app, settings.Instance);
        CenterWeb.Map(app);
        return app;
    }
}
