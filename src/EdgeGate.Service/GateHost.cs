using EdgeGate.Devices.I2c;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Commands;
using EdgeGate.Service.DoorContacts;
using EdgeGate.Service.GuardPost;
using EdgeGate.Service.Hardware;
using EdgeGate.Service.Health;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Readers;
using EdgeGate.Service.Readers.Osdp;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;
using Microsoft.Extensions.Logging.Console;

namespace EdgeGate.Service;

/// <summary>Puts a gate together from its settings. Nothing it needs may be missing at start but the settings themselves.</summary>
internal static class GateHost
{
    /// <param name="trial">Where settings that commands bring are tried out; null to take none.</param>
    /// <param name="proposed">Settings on trial now, or whose trial has ended and is not on record yet.</param>
    public static async Task<WebApplication> BuildAsync(
        GateSettings settings, GateKeys keys, TimeProvider time, CancellationToken cancellationToken, SettingsTrial? trial = null, ProposedSettings? proposed = null)
    {
        var clock = GateClock.OfThisMachine(time);
        var opening = GateJournal.OpenAsync(JournalOptionsOf(settings, clock), time, cancellationToken); // on a thread of its own, meanwhile:
        try
        {
            var builder = NewBuilder(settings, time);
            return PutTogether(builder, await opening, clock, settings, keys, time, trial, proposed);
        }
        catch
        {
            await (await opening).DisposeAsync(); // it belongs to one gate at a time, and the next attempt may be within this process
            throw;
        }
    }

    private static WebApplicationBuilder NewBuilder(GateSettings settings, TimeProvider time)
    {
        // No arguments, no environment, no appsettings.json: gate.json is the one place for settings. (Any other builder watches the working directory
        // with all its folders for an appsettings.json to come; a service's is "/".)
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "edgegate", EnvironmentName = "Production" });
        builder.Services.AddRoutingCore();
        // Who writes a line never waits for whoever reads them: a log that hangs or floods must not stand in a lane's way. What was dropped is counted in the log.
        builder.Logging.AddConsole(console => (console.FormatterName, console.QueueFullMode) = (LineLogFormatter.FormatterName, ConsoleLoggerQueueFullMode.DropWrite));
        builder.Services.AddSingleton<ConsoleFormatter, LineLogFormatter>();
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        GuardPostSetup.Listen(builder, settings, time);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        return builder;
    }

    private static WebApplication PutTogether(
        WebApplicationBuilder builder, GateJournal journal, GateClock clock, GateSettings settings, GateKeys keys, TimeProvider time, SettingsTrial? trial, ProposedSettings? proposed)
    {
        var services = builder.Services;
        services.AddSingleton(time).AddSingleton(clock).AddSingleton<DeviceBoard>();
        services.AddDevices(settings);
        services.AddSingleton(_ => journal); // by a factory, so that it is closed when everything that writes to it has stopped
        services.AddRegisters(settings, keys);
        services.AddSingleton<DeviceEvents>().AddHostedService(provider => provider.GetRequiredService<DeviceEvents>());
        OsdpLines.Add(services, settings); // before the lanes, so that it stops after them: a grant is carried to its end
        AddLanes(services, settings, keys);
        services.AddListAgeNotices(settings);
        services.AddHealthCodes(settings, keys);
        AddReaders(services, settings);
        if (settings.Broker is { } broker)
            services.AddUplink(settings, broker, keys);
        services.AddOccupancy(settings);
        AddDoorContacts(services, settings);
        services.AddSingleton<GateRestart>();
        services.AddCommands(settings, keys, trial);
        services.AddCentralRegisters(settings);
        services.AddKiosk(settings);
        if (trial is not null && proposed is not null)
            services.AddSettingsTrial(trial, proposed);
        services.AddGuardPost(settings, keys);
        services.AddHostedService<StartLeftovers>();
        services.AddHostedService(provider => ServiceNotices.FromEnvironment(Environment.GetEnvironmentVariable, provider));

        var app = builder.Build();
        GuardPostSetup.KeepApart(app, settings);
        app.MapKiosk(settings);
        app.MapHealth(settings.Site, settings.Gate);
        MetricsPage.Map(app);
        app.MapGuardPost();
        return app;
    }

    private static void AddLanes(IServiceCollection services, GateSettings settings, GateKeys keys)
    {
        services.AddSingleton<Interlocks>();
        services.AddSingleton(provider => new Lanes([.. settings.Lanes.Select(lane => LaneSetup.LaneOf(settings, lane, provider))]));
        services.AddSingleton(RecordKeeperOf);
        foreach (var lane in settings.Lanes)
        {
            // Not AddHostedService: it takes only one service of a type. The portal first, for a grant is carried to its end also when the gate stops.
            services.AddSingleton<IHostedService>(provider => new PortalService(LaneOf(lane, provider).Portal));
            if (lane.Portal is IWatchedPortalSettings { IsWatched: true } watched)
                services.AddSingleton<IHostedService>(provider => PassageWatchOf(watched, LaneOf(lane, provider), RecordKeeperOf(provider), provider));
            services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<FreePassageService>(provider, LaneOf(lane, provider), RecordKeeperOf(provider)));
            services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<LaneService>(
                provider, LaneOf(lane, provider), LaneSetup.PolicyOf(settings, lane), RecordKeeperOf(provider)));
        }
        services.AddHostedService<ClockWatch>();
        services.AddHostedService<DroppedRecordsWatch>();

        // A seal is not shared between threads.
        RecordKeeper RecordKeeperOf(IServiceProvider provider) => new(
            settings.Site, settings.Gate, provider.GetRequiredService<GateJournal>(),
            new PersonKeys(keys.SiteSecret), new EvidenceSeal(keys.RecipientPem), provider.GetRequiredService<GateClock>());
    }

    private static PassageWatch PassageWatchOf(IWatchedPortalSettings portal, Lane lane, RecordKeeper records, IServiceProvider services) =>
        ActivatorUtilities.CreateInstance<PassageWatch>(services, lane, lane.Passages!, LaneSetup.WatchOf(portal), records);

    private static void AddReaders(IServiceCollection services, GateSettings settings)
    {
        foreach (var lane in settings.Lanes)
        {
            foreach (var reader in lane.Readers.Where(reader => reader is not HandheldReaderSettings)) // the guard post brings what those read
                services.AddSingleton(provider => ReaderOf(settings, lane, reader, provider));
            if (lane.Thermometer is { } thermometer)
                services.AddSingleton<IHostedService>(provider => ThermometerOf(settings, lane, thermometer, provider));
        }
    }

    /// <summary>Before the uplink, as whatever hears something at the broker. Without one that can be used nothing is heard.</summary>
    private static void AddDoorContacts(IServiceCollection services, GateSettings settings)
    {
        if (settings.DoorContacts.Count > 0 && services.FirstOrDefault(service => service.ImplementationType == typeof(UplinkService)) is { } uplink)
        {
            services.Insert(services.IndexOf(uplink), ServiceDescriptor.Singleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<DoorContactService>(
                provider, settings.DoorContacts, Path.Combine(settings.DataDirectory, "door-contacts"))));
        }
    }

    private static IHostedService ReaderOf(GateSettings settings, LaneSettings lane, ReaderSettings reader, IServiceProvider services)
    {
        var inputs = LaneOf(lane, services).Inputs;
        return reader switch
        {
            SamVReaderSettings samV => ActivatorUtilities.CreateInstance<IdCardReaderService>(services, samV, PortOf(samV), inputs),
            ICodeScanner => ActivatorUtilities.CreateInstance<ScannerService>(
                services, reader, PortOf((IPortDevice)reader), HealthCodeSetup.IntakeOf(settings, lane, inputs, services)),
            OsdpReaderSettings osdp => ActivatorUtilities.CreateInstance<OsdpReaderService>(
                services, osdp, services.GetRequiredService<OsdpLines>().Find(osdp), LaneOf(lane, services)),
            WiegandReaderSettings wiegand => ActivatorUtilities.CreateInstance<WiegandReaderService>(
                services, wiegand, Drivers.PortOf(wiegand, services.GetRequiredService<TimeProvider>()), inputs),
            _ => throw new NotSupportedException($"no driver for {reader.GetType().Name}"),
        };

        IDevicePort PortOf(IPortDevice device) => services.GetRequiredService<DevicePorts>().Of(device);
    }

    private static IHostedService ThermometerOf(GateSettings settings, LaneSettings lane, ThermometerSettings thermometer, IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        return thermometer switch
        {
            SerialThermometerSettings serial => Service<IDeviceLine>(services.GetRequiredService<DevicePorts>().Of(serial), line => Drivers.ThermometerOf(serial, line, time)),
            I2cThermometerSettings chip => Service<II2cDevice>(Drivers.PortOf(chip), device => Drivers.ThermometerOf(chip, device, time)),
            _ => throw new NotSupportedException($"no driver for {thermometer.GetType().Name}"),
        };

        IHostedService Service<TLine>(IDevicePort<TLine> port, Func<TLine, IThermometer> driver)
            where TLine : IAsyncDisposable => ActivatorUtilities.CreateInstance<ThermometerService<TLine>>(
                services, thermometer, port, driver, LaneOf(lane, services).Inputs, CareOf(), new TemperatureSettling(LaneSetup.SettlingOf(thermometer, settings.Rules.Temperature)));

        ThermometerCare CareOf() =>
            ActivatorUtilities.CreateInstance<ThermometerCare>(services, thermometer, Path.Combine(settings.DataDirectory, $"thermometer-{thermometer.Id}"));
    }

    private static Lane LaneOf(LaneSettings lane, IServiceProvider services) => services.GetRequiredService<Lanes>().Find(lane.Id)!;

    public static string JournalDirectory(GateSettings settings) => Path.Combine(settings.DataDirectory, "journal");

    private static JournalOptions JournalOptionsOf(GateSettings settings, GateClock clock) => new()
    {
        Directory = JournalDirectory(settings),
        GateId = $"{settings.Site}/{settings.Gate}",
        DiskBudgetBytes = settings.Journal.DiskBudgetMegabytes * 1024L * 1024L,
        DropUnacknowledged = settings.Journal.WhenFull is FullJournal.DropOldest,
        Retention = TimeSpan.FromDays(settings.Journal.RetentionDays),
        WriteHealRecord = HealRecord.WriterFor(settings.Site, settings.Gate, clock),
    };
}
