using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary>A device named at the command line: by its id in gate.json, or by a port and what is on it.</summary>
internal sealed class DeviceArgument
{
    private readonly Argument<string> _device = new("device") { Description = "Its id in the settings, or a port such as /dev/serial/by-id/usb-…" };
    private readonly Option<string?> _kind = new("--kind") { Description = "What is on the port, as in the settings; devices probe finds out.", HelpName = "kind" };
    private readonly Option<int?> _baud = new("--baud") { Description = "Speed of the line; by default the usual one of its kind.", HelpName = "speed" };
    private readonly Option<string> _settings = EdgeGateCommand.SettingsOption();

    public void AddTo(Command command)
    {
        command.Add(_device);
        command.Add(_kind);
        command.Add(_baud);
        command.Add(_settings);
    }

    /// <summary>Null when it is none, and the person was told why.</summary>
    public DeviceSettings? Find(ParseResult parsed)
    {
        var (named, errors) = (parsed.GetValue(_device)!, parsed.InvocationConfiguration.Error);
        if (!named.Contains('/', StringComparison.Ordinal))
            return FindById(named, parsed.GetValue(_settings)!, errors);
        // Without a kind it is only listened to, as a scanner is.
        if (Make(parsed.GetValue(_kind) ?? "line-scanner", Path.GetFullPath(named), parsed.GetValue(_baud)) is { } device)
            return device;
        errors.WriteLine($"{parsed.GetValue(_kind)} is no kind that needs a port and nothing else: put the device into gate.json and name its id.");
        return null;
    }

    private static DeviceSettings? FindById(string id, string file, TextWriter errors)
    {
        if (RunCommand.Read(file, errors) is not { } settings)
            return null;
        var found = settings.Devices().FirstOrDefault(device => device.Id == id);
        if (found is null)
            errors.WriteLine($"\"{id}\" is no device in {file}; there are {string.Join(", ", settings.Devices().Select(device => device.Id))}.");
        return found;
    }

    private static DeviceSettings? Make(string kind, string port, int? baud)
    {
        var block = new JsonObject { ["id"] = "watched", ["kind"] = kind, ["port"] = port };
        if (baud is not null)
            block["baud"] = baud;
        return Bind<ReaderSettings>() ?? Bind<ThermometerSettings>() ?? (DeviceSettings?)Bind<PortalSettings>();

        T? Bind<T>()
            where T : DeviceSettings
        {
            try
            {
                return block.Deserialize(SettingsJson.ShapeOf<T>());
            }
            catch (JsonException)
            {
                return null; // of another family, or one that needs more
            }
        }
    }
}
