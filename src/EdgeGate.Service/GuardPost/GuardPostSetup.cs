using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost;

/// <summary>From what gate.json says to what the guard post is made of.</summary>
internal static class GuardPostSetup
{
    /// <summary>Connections of the local network: enough for every phone of a shift, and a bound for a stranger.</summary>
    private const int MostConnections = 256;

    public static string GuardFileOf(GateSettings settings) => Path.Combine(settings.DataDirectory, "guards.json");

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
        services.AddGuardPost(OptionsOf(settings), GuardFileOf(settings), keys.SiteSecret);
    }

    /// <summary>Needs <see cref="GuardRecords"/> and <see cref="GuardDesk"/>, and what they need.</summary>
    public static void AddGuardPost(this IServiceCollection services, GuardPostOptions options, string guardFile, byte[] siteSecret)
    {
        services.AddSingleton(options).AddSingleton(new GuardBook(guardFile)).AddSingleton(new KnownPhones(siteSecret));
        services.AddSingleton<GuardSessions>().AddSingleton<RefusedSignInCounts>().AddSingleton<SignIn>().AddSingleton<GuardBoard>();
        services.AddHostedService<RefusedSignInService>();
    }

    /// <summary>The gate's own certificate for the address in the settings; made now when there is none.</summary>
    public static void UseCertificate(IWebHostBuilder web, GateSettings settings, TimeProvider time)
    {
        if (settings.Web.GuardPost is null)
            return;
        var certificate = GateCertificate.LoadOrMakeAnyway(CertificateFileOf(settings), HostNamesOf(settings), time.GetUtcNow());
        web.UseKestrelHttpsConfiguration(); // not in the slim builder
        web.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = certificate);
        });
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
            var isGuardPost = http.Request.Path.StartsWithSegments("/guard", StringComparison.Ordinal);
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
