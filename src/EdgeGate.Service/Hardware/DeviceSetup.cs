using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Hardware;

internal static class DeviceSetup
{
    public static void AddDevices(this IServiceCollection services, GateSettings settings)
    {
        services.AddSingleton(new UsbTree());
        services.AddSingleton(provider => new DeviceIdentities(settings.DataDirectory, provider.GetRequiredService<ILogger<DeviceIdentities>>()));
        services.AddSingleton<DevicePorts>();
        services.AddHostedService<SwapRecords>();
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<DeviceNotices>(provider, settings.Lanes));
    }
}
