using System.Net;
using System.Security.Cryptography;
using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.GuardPost.Deliveries;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.GuardPost.Http;
using EdgeGate.Service.GuardPost.Rounds;
using EdgeGate.Service.GuardPost.Shift;
using EdgeGate.Service.GuardPost.Visitors;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EdgeGate.Service.GuardPost;

/// <summary>From what gate.json says to what the guard post is made of.</summary>
internal static class GuardPostSetup
{
    /// <summary>Connections of the local network: enough for every phone of a shift, and a bound for a stranger.</summary>
    private const int MostConnections = 256;

    public static string GuardFileOf(GateSettings settings) => GuardFileIn(settings.DataDirectory);

    public static string GuardFileIn(string dataDirectory) => Path.Combine(dataDirectory, "guards.json");

    public static string CertificateFileOf(GateSettings settings) => Path.Combine(settings.DataDirectory, "keys", "guard-post.pem");

    /// <summary>What the gate is called on its network, beside its own name and addresses.</summary>
    public static IReadOnlyList<string> HostNamesOf(GateSettings settings) => settings.Web.GuardPost?.Names ?? [];

    public static GuardPostOptions OptionsOf(GateSettings settings) => new()
    {
        HostNames = HostNamesOf(settings),
        SupervisorFor = (settings.Web.GuardPost?.SupervisorFor ?? GuardPostDefaults.SupervisorFor).ToHashSet(),
    };

    public static void AddGuardPost(this IServiceCollection services, GateSettings settings, GateKeys keys)
    {
        services.AddSingleton(provider => new GuardRecords(
            settings.Site, settings.Gate, provider.GetRequiredService<GateJournal>(), new EvidenceSeal(keys.RecipientPem), provider.GetRequiredService<GateClock>()));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<GuardDesk>(provider, OccupancySetup.CorrectionFileOf(settings)));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<VisitorDesk>(provider, settings.Registers.Persons, new PersonKeys(keys.SiteSecret)));
        services.AddSingleton(provider => new AnnouncedAtHome(provider.GetRequiredService<RegisterShelf>(), new PersonKeys(keys.SiteSecret)));
        services.AddSingleton(provider => HandheldsOf(settings, provider));
        services.AddSingleton(provider => new PassDesk(
            settings.Gate, Path.Combine(settings.DataDirectory, "visitor-passes.json"), settings.VisitorPasses,
            settings.Registers.Central.Contains(PassRegister.Issued) ? null : new IssuedPasses(new RegisterStore(RegisterSetup.DirectoryOf(settings)), new PersonKeys(keys.SiteSecret)),
            [.. settings.Rules.WatchLists.Select(watch => watch.List).Append(settings.Rules.Quarantine?.List).OfType<string>()], provider.GetRequiredService<RegisterShelf>(),
            new PersonKeys(keys.SiteSecret), provider.GetRequiredService<GuardDesk>(), provider.GetRequiredService<VisitorBook>(), provider.GetRequiredService<GateClock>(),
            provider.GetRequiredService<ILogger<PassDesk>>()));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RoundDesk>(
            provider, settings.Site, settings.Rounds.Places, Path.Combine(settings.DataDirectory, "rounds.json")));
        services.AddSingleton(provider => new DeliveryDesk(
            settings.Deliveries, Path.Combine(settings.DataDirectory, "deliveries.json"), provider.GetRequiredService<AnnouncedAtHome>(), provider.GetRequiredService<GuardRecords>(), provider.GetRequiredService<SentForms>(),
            provider.GetRequiredService<GateClock>(), provider.GetRequiredService<ILogger<DeliveryDesk>>()));
        services.AddGuardPost(OptionsOf(settings), settings.DataDirectory, keys.SiteSecret);
    }

    /// <summary>Needs <see cref="GuardRecords"/>, all desks and <see cref="HandheldReaders"/>, and what they need.</summary>
    public static void AddGuardPost(this IServiceCollection services, GuardPostOptions options, string dataDirectory, byte[] siteSecret)
    {
        services.AddSingleton(options).AddSingleton(new GuardBook(GuardFileIn(dataDirectory))).AddSingleton(new KnownDevices(HMACSHA256.HashData(siteSecret, "guard-post-phone"u8)));
        services.AddSingleton(new SentForms(Path.Combine(dataDirectory, "guard-forms")));
        services.AddSingleton(provider => new VisitorBook(Path.Combine(dataDirectory, "visitors.json"), provider.GetRequiredService<ILogger<VisitorBook>>()));
        services.AddSingleton(new CameraModule(Path.Combine(dataDirectory, "camera")));
        services.AddSingleton<GuardSessions>().AddSingleton<RefusedSignInCounts>().AddSingleton<SignIn>().AddSingleton<GuardBoard>();
        services.AddSingleton(provider => new ShiftNotes(Path.Combine(dataDirectory, "shift-notes"), siteSecret, provider.GetRequiredService<ILogger<ShiftNotes>>()));
        services.AddSingleton<DayFollower>().AddHostedService(provider => provider.GetRequiredService<DayFollower>());
        services.AddHostedService<RefusedSignInService>();
    }

    private static HandheldReaders HandheldsOf(GateSettings settings, IServiceProvider services)
    {
        var handhelds = new Dictionary<string, (string, CodeIntake)>(StringComparer.Ordinal);
        foreach (var lane in settings.Lanes)
        {
            if (lane.Readers.OfType<HandheldReaderSettings>().FirstOrDefault() is { } reader)
                handhelds[lane.Id] = (reader.Id, HealthCodeSetup.IntakeOf(settings, lane, services.GetRequiredService<Lanes>().Find(lane.Id)!.Inputs, services));
        }
        return new HandheldReaders(handhelds);
    }

    /// <summary>Where the gate's web server listens: the kiosk on this machine and, once it is set up, the guard post on the local network.</summary>
    public static void Listen(WebApplicationBuilder builder, GateSettings settings, TimeProvider time)
    {
        if (settings.Web.GuardPost is not { Address: var address })
        {
            builder.WebHost.UseUrls(settings.Web.Address.GetLeftPart(UriPartial.Authority));
            return;
        }
        var certificate = GateCertificate.LoadOrMakeAnyway(CertificateFileOf(settings), HostNamesOf(settings), time.GetUtcNow());
        var connections = new ConnectionsPerAddress();
        builder.Services.AddSingleton(connections);
        builder.WebHost.UseKestrelHttpsConfiguration(); // not in the slim builder
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxConcurrentConnections = MostConnections; // of each address listened at
            Listen(kestrel, settings.Web.Address, _ => { });
            Listen(kestrel, address, listen =>
            {
                listen.Use(connections.Bound);
                listen.UseHttps(certificate);
            });
        });
    }

    private static void Listen(KestrelServerOptions kestrel, Uri address, Action<ListenOptions> configure)
    {
        if (IPAddress.TryParse(address.DnsSafeHost, out var literal))
            kestrel.Listen(literal, address.Port, configure);
        else
            kestrel.ListenLocalhost(address.Port, configure);
    }

    /// <summary>
    /// Nothing but the guard post answers the local network, and where it does, the guard post answers nobody without https: PINs and
    /// cookies never cross a wire in the clear.
    /// </summary>
    public static void KeepApart(WebApplication app, GateSettings settings)
    {
        if (settings.Web.GuardPost is null)
            return;
        app.Use((http, next) =>
        {
            var isGuardPost = http.Request.Path.StartsWithSegments("/guard", StringComparison.OrdinalIgnoreCase);
            if (http.Request.IsHttps && http.Request.Path == "/")
                http.Response.Redirect("/guard");
            else if (http.Request.IsHttps != isGuardPost)
                http.Response.StatusCode = StatusCodes.Status404NotFound;
            else
                return next(http);
            return Task.CompletedTask;
        });
    }
}
