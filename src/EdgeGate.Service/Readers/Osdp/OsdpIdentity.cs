using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Service.Hardware;

namespace EdgeGate.Service.Readers.Osdp;

/// <summary>
/// Which device is known at one address: the first that answered there, kept in a file. Another one is refused until a person accepts it by name, as of every
/// device (<c>edgegate devices accept</c>). A new firmware makes it no other device.
/// </summary>
internal sealed partial class OsdpIdentity
{
    private readonly IReadOnlyList<(string Id, IdentityFiles Files)> _devices;
    private readonly ILogger _log;
    private readonly Lock _lock = new(); // a person's word does not come on the line's loop
    private string? _known;
    private DeviceIdentity? _refused;

    /// <param name="ids">Of everything in the settings at this address: a person may accept it by any of them.</param>
    public OsdpIdentity(string dataDirectory, IReadOnlyList<string> ids, ILogger log)
    {
        (_devices, _log) = ([.. ids.Select(id => (id, IdentityFiles.OfOsdpDevice(dataDirectory, id)))], log);
        _known = _devices[0].Files.Known.Read()?.Answer;
    }

    /// <summary>Why this is not the device that is known, in words; null when it is, or when none was.</summary>
    /// <param name="answered">Null for a device that does not say who it is.</param>
    public string? ObjectionTo(OsdpIdentification? answered)
    {
        var found = new DeviceIdentity(Usb: null, answered is null ? null : WordsOf(answered));
        lock (_lock)
        {
            if (_known is null && found.Answer is not null)
                Learn(found);
            var isRefused = found.Answer != _known;
            if (isRefused && _refused != found)
                Keep(files => files.Refused.Write(found));
            else if (!isRefused)
                _devices.ToList().ForEach(device => device.Files.Refused.Delete());
            _refused = isRefused ? found : null;
            return isRefused
                ? $"it was {_known}, and now there is {found}: put the right one back, or accept this one (edgegate devices accept {_devices[0].Id})"
                : null;
        }
    }

    public static string WordsOf(OsdpIdentification answered) => $"{answered.Vendor} model {answered.Model} serial {answered.Serial:X8}";

    /// <summary>
    /// Whether a person has accepted who is refused, who is then known. What the person wrote is gone before that: neither a power cut nor a restart does it
    /// again. It waits while nobody is refused, and accepts nobody but the one it names.
    /// </summary>
    public bool TakeAcceptance()
    {
        lock (_lock)
        {
            if (_refused is not { } refused)
                return false;
            foreach (var (id, files) in _devices)
            {
                if (files.Wanted.Read() is not { } wanted)
                    continue;
                files.Wanted.Delete();
                if (wanted == refused)
                {
                    Forget();
                    if (refused.Answer is not null)
                        Learn(refused);
                    return true;
                }
                LogAcceptedAnother(id, wanted, refused);
            }
            return false;
        }
    }

    /// <summary>Whoever answers next is known from then on.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            (_known, _refused) = (null, null);
            foreach (var (_, files) in _devices)
            {
                files.Known.Delete();
                files.Refused.Delete();
            }
        }
    }

    private void Learn(DeviceIdentity who)
    {
        _known = who.Answer;
        Keep(files => files.Known.Write(who));
    }

    private void Keep(Action<IdentityFiles> write)
    {
        try
        {
            foreach (var (_, files) in _devices)
                write(files);
        }
        catch (IOException unwritable)
        {
            LogNotKept(_devices[0].Id, unwritable);
        }
    }

    [LoggerMessage(LogLevel.Error, "Device {Device}: who it is, or who is refused, could not be kept; after a restart whoever answers is taken for it")]
    private partial void LogNotKept(string device, Exception cause);

    [LoggerMessage(LogLevel.Warning, "Device {Device}: {Wanted} was accepted, and there is {Found}: it is not taken")]
    private partial void LogAcceptedAnother(string device, DeviceIdentity wanted, DeviceIdentity found);
}
