using System.Security.Cryptography;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Privacy;
using EdgeGate.Mqtt;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Commands;

internal static partial class CommandSetup
{
    /// <summary>To be called after the uplink was added. Without keys, or without an uplink, the gate does not listen for commands.</summary>
    public static void AddCommands(this IServiceCollection services, GateSettings settings, GateKeys keys, SettingsTrial? trial)
    {
        if (settings.Commands.Keys.Count == 0 || services.All(service => service.ServiceType != typeof(IMqttLink)))
            return;
        services.AddSingleton(provider => KeyRingOf(settings.Commands, provider.GetRequiredService<ILogger<CommandKeyRing>>()));
        services.AddSingleton(provider => new UsedCommandIds(
            Path.Combine(settings.DataDirectory, "used-commands"), provider.GetRequiredService<ILogger<UsedCommandIds>>()));
        services.AddSingleton<RefusalCounts>().AddSingleton<CommandEffects>().AddSingleton<Reboot>(RebootBySystemd);
        services.AddSingleton(provider => new SettingsChange(settings, trial, provider.GetRequiredService<GateRestart>()));
        services.AddSingleton(provider => new CommandJudge(
            $"{settings.Site}/{settings.Gate}", provider.GetRequiredService<CommandKeyRing>(), provider.GetRequiredService<UsedCommandIds>(),
            provider.GetRequiredService<GateClock>(), new TokenBucket(capacity: 20, refill: TimeSpan.FromSeconds(3), provider.GetRequiredService<TimeProvider>())));
        // Not the lane's seal, which belongs to the lane's thread. Before the uplink: started before it, stopped after it.
        var uplink = services.First(service => service.ImplementationType == typeof(UplinkService));
        services.Insert(services.IndexOf(uplink), ServiceDescriptor.Singleton<IHostedService>(
            provider => ActivatorUtilities.CreateInstance<CommandService>(provider, new EvidenceSeal(keys.RecipientPem))));
    }

    /// <summary>What is on trial is watched, what has ended is recorded. To be called after the uplink was added.</summary>
    public static void AddSettingsTrial(this IServiceCollection services, SettingsTrial trial, ProposedSettings proposed) =>
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<SettingsTrialService>(
            provider, trial, proposed, provider.GetService<UplinkStatus>() ?? new UplinkStatus(), provider.GetService<CommandKeyRing>() ?? new CommandKeyRing()));

    /// <summary>The unit of the gate, or a rule of polkit, must allow its user to.</summary>
    private static string? RebootBySystemd()
    {
        try
        {
            using var systemctl = System.Diagnostics.Process.Start("/usr/bin/systemctl", ["--no-ask-password", "reboot"]);
            return !systemctl.WaitForExit(TimeSpan.FromSeconds(10)) || systemctl.ExitCode == 0 ? null : "systemctl reboot is not allowed to the user of this service";
        }
        catch (System.ComponentModel.Win32Exception absent)
        {
            return absent.Message;
        }
    }

    /// <summary>A key that cannot be used is left out and named: it must not keep the gate from starting.</summary>
    public static CommandKeyRing KeyRingOf(CommandSettings settings, ILogger log)
    {
        var ring = new CommandKeyRing();
        foreach (var key in settings.Keys)
        {
            try
            {
                ring.Add(new CommandKey(key.Id, File.ReadAllText(key.PublicKeyFile), key.NotBefore, key.NotAfter));
            }
            catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException)
            {
                LogUnusable(log, key.Id, key.PublicKeyFile, unusable.Message);
            }
        }
        return ring;
    }

    [LoggerMessage(LogLevel.Error, "Commands of key {Key} are refused: {File} cannot be used: {Cause}")]
    private static partial void LogUnusable(ILogger log, string key, string file, string cause);
}
