using EdgeGate.Devices.Osdp;

namespace EdgeGate.Service.Readers.Osdp;

/// <summary>A peripheral's key as 32 hexadecimal digits in a file.</summary>
internal static class OsdpKeyFile
{
    /// <returns>The key, or why there is none in words for an installer. The words do not repeat what the file holds.</returns>
    public static (OsdpKey? Key, string? Fault) Read(string path)
    {
        try
        {
            return (new OsdpKey(Convert.FromHexString(File.ReadAllText(path).Trim())), null);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return (null, $"its key file cannot be read: {unreadable.Message}");
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            return (null, $"its key file {path} must hold {2 * OsdpKey.Length} hexadecimal digits, and not the key everybody knows");
        }
    }
}
