using System.Collections.Concurrent;
using EdgeGate.Center.Settings;
using EdgeGate.Messages.Privacy;

namespace EdgeGate.Center.Registers;

/// <summary>The secrets that key the persons of each site, read when they are first needed: at a new site the gate makes its own after the center has started.</summary>
internal sealed class SiteKeys(IReadOnlyList<SiteSettings> sites)
{
    private readonly ConcurrentDictionary<string, PersonKeys> _read = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Sites { get; } = [.. sites.Select(site => site.Id)];

    /// <exception cref="CenterSettingsException">The site is not in the settings, or its key file cannot be used.</exception>
    public PersonKeys Of(string site) => _read.GetOrAdd(site, id =>
        CenterSettingsFile.ReadSiteKey(sites.FirstOrDefault(known => known.Id == id) ?? throw new CenterSettingsException($"sites: {id} is not in the settings")));
}
