using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost;

internal static class GuardPostSetup
{
    public static string GuardFileOf(GateSettings settings) => Path.Combine(settings.DataDirectory, "guards.json");

    public static string CertificateFileOf(GateSettings settings) => Path.Combine(settings.DataDirectory, "keys", "guard-post.pem");

    /// <summary>What the gate is called on its network, beside its own name and addresses.</summary>
    public static IReadOnlyList<string> HostNamesOf(GateSettings settings) => [];

    public static void AddGuardPost(this IServiceCollection services, GateSettings settings, GateKeys keys)
    {
        services.AddSingleton(provider => new GuardRecords(
            settings.Site, settings.Gate, provider.GetRequiredService<GateJournal>(), new EvidenceSeal(keys.RecipientPem), provider.GetRequiredService<GateClock>()));
        services.AddGuardPost(new GuardPostOptions(), GuardFileOf(settings), keys.SiteSecret);
    }

    /// <summary>Needs <see cref="GuardRecords"/>, and what they need.</summary>
    public static void AddGuardPost(this IServiceCollection services, GuardPostOptions options, string guardFile, byte[] siteSecret)
    {
        services.AddSingleton(options).AddSingleton(new GuardBook(guardFile)).AddSingleton(new KnownPhones(siteSecret));
        services.AddSingleton<GuardSessions>().AddSingleton<RefusedSignInCounts>().AddSingleton<SignIn>();
        services.AddHostedService<RefusedSignInService>();
    }
}
