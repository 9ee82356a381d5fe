using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;

namespace EdgeGate.Service.Hardware;

/// <summary>
/// Who every device of the gate is: kept durably when it is first seen, compared at each opening. Another one in its place is refused until a
/// person accepts it, by name (<c>edgegate devices accept</c>), so that what is accepted is what was looked at.
/// </summary>
internal sealed partial class DeviceIdentities(string dataDirectory, ILogger<DeviceIdentities> log)
{
    private readonly ConcurrentDictionary<string, DeviceIdentity> _refused = new();

    /// <summary>Raised on the loop of the device: a person's acceptance has taken effect.</summary>
    public event Action<string, DeviceIdentity>? Accepted;

    /// <param name="deviceId">The id it has in the settings.</param>
    /// <param name="named">
    /// What the settings say of its adapter; null for nothing. Who is remembered and does not fit it is of settings before these: whoever named another one
    /// in gate.json has accepted it.
    /// </param>
    public IDeviceAdmission Of(string deviceId, UsbSelector? named = null) => new Admission(this, deviceId, named, new IdentityFiles(dataDirectory, deviceId));

    /// <summary>For a device whose identity is kept elsewhere, such as one of several on a line.</summary>
    public void TellAccepted(string deviceId, DeviceIdentity identity) => Accepted?.Invoke(deviceId, identity);

    private void Remember(string deviceId, IdentityFiles files, DeviceIdentity identity)
    {
        try
        {
            files.Known.Write(identity);
            LogRemembered(deviceId, identity);
        }
        catch (IOException full)
        {
            LogNotKept(deviceId, full); // a full disk is no reason to refuse the device
        }
    }

    private void Forget(string deviceId, IdentityFiles files)
    {
        _refused.TryRemove(deviceId, out _);
        files.Refused.Delete();
        files.Wanted.Delete();
    }

    private DevicePortException Refuse(string deviceId, IdentityFiles files, DeviceIdentity known, DeviceIdentity found)
    {
        try
        {
            if (!_refused.TryGetValue(deviceId, out var before) || before != found)
                files.Refused.Write(found);
            _refused[deviceId] = found;
        }
        catch (IOException full)
        {
            LogNotKept(deviceId, full);
        }
        return new DevicePortException(
            DevicePortFault.Swapped, $"it was {known}, and now there is {found}: put the right one back, or accept this one (edgegate devices accept {deviceId})");
    }

    private bool TakeAcceptance(string deviceId, IdentityFiles files, DeviceIdentity found)
    {
        if (files.Wanted.Read() is not { } wanted)
            return false;
        files.Wanted.Delete();
        if (!Fits(wanted, found))
        {
            LogAcceptedAnother(deviceId, wanted, found);
            return false;
        }
        Remember(deviceId, files, found);
        Forget(deviceId, files);
        Accepted?.Invoke(deviceId, found);
        return true;
    }

    private static bool Fits(DeviceIdentity known, DeviceIdentity found) =>
        (known.Usb is null || found.Usb is null || known.Usb.IsSameAs(found.Usb)) && (known.Answer is null || found.Answer is null || known.Answer == found.Answer);

    private sealed class Admission(DeviceIdentities identities, string deviceId, UsbSelector? named, IdentityFiles files) : IDeviceAdmission
    {
        private DeviceIdentity? Known => files.Known.Read() is { } known && (named is null || known.Usb is null || named.Matches(known.Usb)) ? known : null;

        public void Plugged(UsbDevice usb)
        {
            var found = new DeviceIdentity(usb, Answer: null);
            // What answers on it is not asked yet; whoever is accepted is asked before anything is taken from it.
            if (Known is { } known && !Fits(known, found) && !(files.Wanted.Read() is { Usb: { } wanted } && wanted.IsSameAs(usb)))
                throw identities.Refuse(deviceId, files, known, found);
        }

        public void Answered(DeviceIdentity found)
        {
            if (found is { Usb: null, Answer: null })
                return; // says nothing of itself, as a relay on a built-in port
            if (Known is not { } known)
            {
                identities.Remember(deviceId, files, found);
                return;
            }
            if (!Fits(known, found))
            {
                if (!identities.TakeAcceptance(deviceId, files, found))
                    throw identities.Refuse(deviceId, files, known, found);
                return;
            }
            if (known.Answer is not null && found.Answer is null)
                throw new DevicePortException(DevicePortFault.Silent, $"the device does not answer who it is: is it powered, is the line's speed right? It was {known}");
            identities.Forget(deviceId, files);
            if (known.Usb is null && found.Usb is not null || known.Answer is null && found.Answer is not null) // it says more than it did
                identities.Remember(deviceId, files, new DeviceIdentity(found.Usb ?? known.Usb, found.Answer ?? known.Answer));
        }
    }

    [LoggerMessage(LogLevel.Information, "Device {Device} is remembered as {Identity}")]
    private partial void LogRemembered(string device, DeviceIdentity identity);

    [LoggerMessage(LogLevel.Warning, "Who device {Device} is could not be kept")]
    private partial void LogNotKept(string device, Exception cause);

    [LoggerMessage(LogLevel.Warning, "Device {Device}: {Wanted} was accepted, and there is {Found}: it is not taken")]
    private partial void LogAcceptedAnother(string device, DeviceIdentity wanted, DeviceIdentity found);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(DeviceIdentity))]
internal sealed partial class IdentityShapes : JsonSerializerContext;
