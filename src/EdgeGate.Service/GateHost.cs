using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Cli;
using EdgeGate.Service.Commands;
using EdgeGate.Service.Health;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Readers;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;
using Microsoft.Extensions.Logging.Console;

namespace EdgeGate.Service;

/// <summary>Puts a gate together from its settings. Nothing it needs may be missing at start but the settings themselves.</summary>
internal static class GateHost
{
    public static async Task<WebApplication> BuildAsync(GateSettings settings, GateKeys keys, TimeProvider time, CancellationToken cancellationToken)
    {
        // No arguments and no appsettings.json: gate.json is the one place for settings.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "edgegate", EnvironmentName = "Production" });
        builder.Logging.ClearProviders().AddConsole(console => console.FormatterName = GateLogFormatter.FormatterName)
            .AddConsoleFormatter<GateLogFormatter, ConsoleFormatterOptions>();
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        builder.WebHost.UseUrls(settings.Web.Address.GetLeftPart(UriPartial.Authority));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);

        var clock = GateClock.OfThisMachine(time);
        var journal = await GateJournal.OpenAsync(JournalOptionsOf(settings, clock), time, cancellationToken);
        var services = builder.Services;
        services.AddSingleton(time).AddSingleton(clock).AddSingleton<DeviceBoard>().AddSingleton<KioskBoard>();
        services.AddSingleton(_ => journal); // by a factory, so that it is closed when everything that writes to it has stopped
        services.AddRegisters(settings, keys);
        AddLane(services, settings, keys);
        services.AddHealthCodes(settings, keys);
        AddReaders(services, settings);
        if (settings.Broker is { } broker)
            services.AddUplink(settings, broker, keys);
        services.AddOccupancy(settings);
        services.AddCommands(settings, keys);

        var app = builder.Build();
        app.MapKiosk();
        app.MapHealth(settings.Site, settings.Gate);
        MetricsPage.Map(app);
        return app;
    }

    private static void AddLane(IServiceCollection services, GateSettings settings, GateKeys keys)
    {
        services.AddSingleton(provider => new LaneMode(Path.Combine(settings.DataDirectory, "lane-mode"), provider.GetRequiredService<ILogger<LaneMode>>()));
        services.AddSingleton(LaneSetup.OptionsOf(settings)).AddSingleton(LaneSetup.PolicyOf(settings)).AddSingleton<LaneInputs>();
        services.AddSingleton(_ => new EvidenceSeal(keys.RecipientPem));
        services.AddSingleton(provider => new RecordKeeper(
            settings.Site, settings.Gate, provider.GetRequiredService<GateJournal>(),
            new PersonKeys(keys.SiteSecret), provider.GetRequiredService<EvidenceSeal>(), provider.GetRequiredService<GateClock>()));
        services.AddSingleton(provider => new LaneHealth(
            provider.GetRequiredService<DeviceBoard>(), provider.GetRequiredService<GateJournal>(),
            [.. settings.Readers.Select(reader => reader.Id)], settings.Portal.Id, provider.GetRequiredService<LaneOptions>().OpenWhenJournalFails));
        services.AddSingleton(provider => LaneSetup.PortalOf(
            settings.Portal, provider.GetRequiredService<DeviceBoard>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IPortal>(provider => provider.GetRequiredService<PulsedPortal>());
        services.AddHostedService<PortalService>();
        services.AddHostedService<LaneService>();
        services.AddHostedService<ClockWatch>();
    }

    private static void AddReaders(IServiceCollection services, GateSettings settings)
    {
        foreach (var reader in settings.Readers)
        {
            // Not AddHostedService: it takes only one service of a type, and a lane may have two readers of a kind.
            services.AddSingleton<IHostedService>(provider => reader switch
            {
                SamVReaderSettings samV => ActivatorUtilities.CreateInstance<IdCardReaderService>(provider, samV, PortOf(samV, provider)),
                LineScannerSettings scanner => ActivatorUtilities.CreateInstance<ScannerService>(provider, scanner, PortOf(scanner, provider)),
                _ => throw new NotSupportedException($"no driver for {reader.GetType().Name}"),
            });
        }
        if (settings.Thermometer is GyMcu90614Settings thermometer)
        {
            services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<ThermometerService>(
                provider, thermometer, PortOf(thermometer, provider), new TemperatureSettling(LaneSetup.SettlingOf(thermometer, settings.Rules.Temperature))));
        }
    }

    private static SerialPort PortOf(DeviceSettings device, IServiceProvider services) =>
        new(device.Port, device.Baud, services.GetRequiredService<TimeProvider>());

    public static string JournalDirectory(GateSettings settings) => Path.Combine(settings.DataDirectory, "journal");

    private static JournalOptions JournalOptionsOf(GateSettings settings, GateClock clock) => new()
    {
        Directory = JournalDirectory(settings),
        GateId = $"{settings.Site}/{settings.Gate}",
        DiskBudgetBytes = settings.Journal.DiskBudgetMegabytes * 1024L * 1024L,
        Retention = TimeSpan.FromDays(settings.Journal.RetentionDays),
        WriteHealRecord = HealRecord.WriterFor(settings.Site, settings.Gate, clock),
    };
}
