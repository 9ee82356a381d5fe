using System.Buffers.Text;
using EdgeGate.Access;
using EdgeGate.Center.Settings;

namespace EdgeGate.Center.Tracing;

/// <summary>From what an officer types to the keys under which the sites' gates know the person. What was typed goes no further than this.</summary>
/// <param name="sites">Each with the file of its secret, which is read when somebody is asked about: it may be put in place while the center runs.</param>
internal sealed class PersonSearch(IReadOnlyList<SiteSettings> sites)
{
    public bool HasSites => sites.Count > 0;

    /// <returns>One key of 32 bytes for each site; null when it is no ID number.</returns>
    /// <exception cref="CenterSettingsException">A site's secret cannot be read.</exception>
    public IReadOnlyList<byte[]>? KeysOfIdNumber(string typed) =>
        CitizenNumber.TryParse(typed, out _) ? [.. sites.Select(site => Base64Url.DecodeFromChars(CenterSettingsFile.ReadSiteKey(site).KeyOfIdNumber(typed)))] : null;

    /// <inheritdoc cref="KeysOfIdNumber"/>
    public IReadOnlyList<byte[]> KeysOfCode(string typed) => [.. sites.Select(site => Base64Url.DecodeFromChars(CenterSettingsFile.ReadSiteKey(site).KeyOf("code", typed)))];

    /// <summary>At more sites nobody is known; their keys are within the length that a form's field may have.</summary>
    private const int MostCarried = 1000;

    /// <summary>Keys as a page carries them on, so that nobody types a number twice; null when they are none.</summary>
    public static IReadOnlyList<byte[]>? Read(string written)
    {
        var keys = written.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return keys.Length is > 0 and <= MostCarried && keys.All(key => key.Length == 43 && Base64Url.IsValid(key)) ? [.. keys.Select(key => Base64Url.DecodeFromChars(key))] : null;
    }

    public static string Write(IEnumerable<byte[]> keys) => string.Join(' ', keys.Take(MostCarried).Select(key => Base64Url.EncodeToString(key)));
}
