using static EdgeGate.Service.Settings.SettingsPaths;

namespace EdgeGate.Service.Settings;

/// <summary>What is allowed, but worth a second look.</summary>
internal static class SettingsNotes
{
    public static IEnumerable<(string Path, string Text)> Of(GateSettings settings)
    {
        foreach (var (path, device) in DevicesOf(settings))
        {
            if (device is ISerialDevice { Port: { } port, Usb: null } && (port.StartsWith("/dev/ttyUSB", StringComparison.Ordinal) || port.StartsWith("/dev/ttyACM", StringComparison.Ordinal)))
                yield return ($"{path}.port", "may be another device after the next start: use its name under /dev/serial/by-id, or usb.");
        }
        foreach (var (path, _) in DevicesOf(settings).Where(device => device.Device is IOsdpDevice { KeyFile: null }))
            yield return ($"{path}.keyFile", "is left out: whoever has the cable can read cards and show some that are not there.");
        foreach (var (path, _) in LanesOf(settings).Where(lane => lane.Lane.Thermometer is not null && !lane.Lane.Asks(LaneEvidence.Temperature)))
            yield return ($"{path}.thermometer", "is not used: evidence does not ask for temperature.");
        foreach (var (path, _) in LanesOf(settings).Where(lane => lane.Lane.Asks(LaneEvidence.Temperature) && lane.Lane.Thermometer is { Conversion: null }))
            yield return ($"{path}.thermometer.conversion", "is left out: what is measured on the skin, which is cooler than the body, is compared with maxCelsius as it is.");
        if (settings.Rules is { CredentialGroups.Count: 0, Register: null } && settings.HealthCodes.PassKeyFiles.Count == 0
            && settings.Lanes.Any(lane => !lane.Asks(LaneEvidence.HealthCode) && lane.Readers.Any(reader => reader is ICodeScanner)))
            yield return ("rules.credentialGroups", "is empty: every scanned pass is refused.");
        if (settings.Commands.Keys.Count > 0 && settings.Broker is null)
            yield return ("commands", "are never heard: there is no broker.");
        if (settings.Rules.AntiPassback is not null && settings.Broker is null)
            yield return ("rules.antiPassback", "hears of no other gate without a broker: whoever leaves elsewhere counts as inside until forgetAfter is over.");
        if (settings.Broker is not { } broker)
            yield return ("broker", "is left out: records are kept at the gate and sent nowhere.");
        else if (broker.PasswordFile is not null && !broker.Tls.Enabled && !IsLocal(broker.Host))
            yield return ("broker.passwordFile", "crosses the network in the clear: switch broker.tls on.");
    }

    private static bool IsLocal(string host) =>
        host is "localhost" || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));
}
