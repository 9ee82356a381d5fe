using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Registers;

internal static class RegisterSetup
{
    public static string DirectoryOf(GateSettings settings) => Path.Combine(settings.DataDirectory, "registers");

    public static void AddRegisters(this IServiceCollection services, GateSettings settings, GateKeys keys)
    {
        services.AddSingleton<RegisterShelf>();
        services.AddSingleton(provider => new LaneFacts(
            ListRules.ListsOf(settings), provider.GetRequiredService<RegisterShelf>(), new PersonKeys(keys.SiteSecret),
            provider.GetRequiredService<SiteOccupancy>(), provider.GetRequiredService<PassageMemory>()));
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<RegisterService>(
            provider, new RegisterStore(DirectoryOf(settings)), Path.Combine(settings.DataDirectory, "recorded-registers")));
    }
}
