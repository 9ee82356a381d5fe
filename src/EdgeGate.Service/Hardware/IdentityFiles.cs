using System.Text.Json;
using EdgeGate.Devices.Ports.Identity;

namespace EdgeGate.Service.Hardware;

/// <summary>
/// What the gate and a person at the command line tell each other about one device: who it is, who was refused, and who is to be accepted. The
/// first two the gate writes, the last the person; each replaces its file whole.
/// </summary>
internal sealed class IdentityFiles(string dataDirectory, string deviceId)
{
    /// <summary>Of what answers on an OSDP line; the files without the ending are those of the line's adapter.</summary>
    public static IdentityFiles OfOsdpDevice(string dataDirectory, string deviceId) => new(dataDirectory, $"{deviceId}.osdp");

    public IdentityFile Known { get; } = new(Path.Combine(dataDirectory, "devices", $"{deviceId}.json"));
    public IdentityFile Refused { get; } = new(Path.Combine(dataDirectory, "devices", $"{deviceId}.refused.json"));
    public IdentityFile Wanted { get; } = new(Path.Combine(dataDirectory, "devices", $"{deviceId}.accepted.json"));
}

internal sealed class IdentityFile(string path)
{
    public bool Exists => File.Exists(path);

    /// <summary>Null when there is none, or none that can be read: who cannot be compared is met for the first time.</summary>
    public DeviceIdentity? Read()
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), IdentityShapes.Default.DeviceIdentity) : null;
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <exception cref="IOException">It cannot be kept.</exception>
    public void Write(DeviceIdentity identity)
    {
        DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(identity, IdentityShapes.Default.DeviceIdentity));
        // No secret, and whoever accepts may be another user than the gate's.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    public void Delete()
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            // The next opening tries again; meanwhile an old acceptance accepts nobody but the one it names.
        }
    }
}
