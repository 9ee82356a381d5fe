using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.Messages.Enrolment;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Enrolment;

/// <summary>
/// Makes this box the gate of a bundle: its keys into files that only their owner reads, in a directory of their own for each bundle, and then in one
/// stroke the sections of gate.json that name them. What else stands there stays.
/// </summary>
internal static class GateEnrolment
{
    private const string PassKeyName = "center-passes.public.pem";

    /// <param name="settingsFile">Made from the sample when there is none.</param>
    /// <returns>The directory of the keys, and what is still to be seen to in the settings; the gate can start nevertheless when that is empty.</returns>
    /// <exception cref="InvalidDataException">The bundle is too old, for another gate than this box already is, or holds what is no key; nothing was changed.</exception>
    /// <exception cref="IOException">A file cannot be read or written; gate.json is the old one.</exception>
    public static (string Directory, SettingsResult Settings) Apply(EnrolmentBundle bundle, string settingsFile, DateTimeOffset now)
    {
        if (bundle.Expires < now)
            throw new InvalidDataException($"the bundle was good until {bundle.Expires.ToLocalTime():yyyy-MM-dd HH:mm}, and by this machine's clock that is over: let the center make a new one");
        var before = File.Exists(settingsFile) ? File.ReadAllBytes(settingsFile) : Encoding.UTF8.GetBytes(SettingsFile.Sample);
        CheckIdentity(bundle, SettingsFile.Parse(before, settingsFile, []));
        CheckKeys(bundle);
        var directory = Path.Combine(Path.GetDirectoryName(settingsFile)!, "enrolment-" + bundle.Ticket.Id[..8]);
        var after = Edited(before, bundle, directory);
        foreach (var (name, content) in FilesOf(bundle))
            DurableFile.Write(Path.Combine(directory, name), Encoding.UTF8.GetBytes(content));
        if (File.Exists(settingsFile))
            DurableFile.Write(settingsFile + ".before-enrolment", before);
        DurableFile.Write(settingsFile, after); // last: until here the gate is what it was
        return (directory, SettingsFile.Parse(after, settingsFile, []));
    }

    /// <summary>Records that are here carry the gate's name: they could never be delivered under another.</summary>
    private static void CheckIdentity(EnrolmentBundle bundle, SettingsResult before)
    {
        if (before is SettingsResult.Valid { Settings: var settings } && (settings.Site, settings.Gate) != (bundle.Site, bundle.Gate) && Directory.Exists(GateHost.JournalDirectory(settings)))
            throw new InvalidDataException($"the bundle is for {bundle.Site}/{bundle.Gate}, and the journal of this box ({GateHost.JournalDirectory(settings)}) is that of {settings.Site}/{settings.Gate}");
    }

    private static void CheckKeys(EnrolmentBundle bundle)
    {
        try
        {
            if (Convert.FromBase64String(bundle.SiteKey).Length != 32)
                throw new FormatException("the site key is not of 32 bytes");
            new EvidenceSeal(bundle.EvidenceKeyPem).Dispose();
            foreach (var key in bundle.CommandKeys.Where(key => !new IdAttribute().IsValid(key.Id)))
                throw new FormatException($"\"{key.Id}\" is no key's id"); // it becomes part of a file's name
            if (bundle.PassKeyPem is { } passKey)
                PassKey.FromPem(passKey);
            bundle.Ticket.Prove(bundle.Site, bundle.Gate, "");
        }
        catch (Exception wrong) when (wrong is FormatException or System.Security.Cryptography.CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"the bundle holds a key that is none: {wrong.Message}", wrong);
        }
    }

    private static IEnumerable<(string Name, string Content)> FilesOf(EnrolmentBundle bundle)
    {
        yield return ("site.key", bundle.SiteKey + "\n");
        yield return ("evidence.public.pem", bundle.EvidenceKeyPem);
        foreach (var key in bundle.CommandKeys)
            yield return (CommandKeyName(key), key.PublicPem);
        if (bundle.PassKeyPem is { } passKey)
            yield return (PassKeyName, passKey);
        if (bundle.Broker.AuthorityPem is { } authority)
            yield return ("broker-ca.pem", authority);
        if (bundle.Broker is { CertificatePem: { } certificate, KeyPem: { } privateKey })
        {
            yield return ("gate.pem", certificate);
            yield return ("gate.key", privateKey);
        }
        if (bundle.Broker.Password is { } password)
            yield return ("broker.password", password + "\n");
        yield return ("ticket.json", JsonSerializer.Serialize(bundle.Ticket, EnrolmentShapes.Default.EnrolmentTicket) + "\n");
    }

    private static string CommandKeyName(BundleKey key) => $"command-{key.Id}.public.pem";

    private static byte[] Edited(byte[] before, EnrolmentBundle bundle, string directory)
    {
        try
        {
            var sections = new Dictionary<string, Func<JsonNode?, JsonNode>>(StringComparer.Ordinal)
            {
                ["site"] = _ => bundle.Site,
                ["gate"] = _ => bundle.Gate,
                ["broker"] = broker => Broker(broker as JsonObject ?? [], bundle.Broker, directory),
                ["commands"] = commands => Commands(commands as JsonObject ?? [], bundle.CommandKeys, directory),
                ["privacy"] = privacy => Privacy(privacy as JsonObject ?? [], directory),
            };
            if (bundle.PassKeyPem is not null)
            {
                sections["healthCodes"] = codes => HealthCodes(codes as JsonObject ?? [], directory);
                sections["registers"] = registers => Registers(registers as JsonObject ?? []);
            }
            return SettingsEdit.Apply(before, sections);
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"gate.json cannot be read (edgegate config check tells more): {broken.Message}", broken);
        }
    }

    private static JsonObject Broker(JsonObject section, BundleBroker broker, string directory)
    {
        (section["host"], section["port"]) = (broker.Host, broker.Port);
        var tls = new JsonObject { ["enabled"] = true };
        if (broker.AuthorityPem is not null)
            tls["caFile"] = Path.Combine(directory, "broker-ca.pem");
        if (broker.CertificatePem is not null)
            (tls["clientCertificateFile"], tls["clientKeyFile"]) = (Path.Combine(directory, "gate.pem"), Path.Combine(directory, "gate.key"));
        section["tls"] = tls;
        section.Remove("user"); // of a login that was replaced
        section.Remove("passwordFile");
        if (broker.User is { } user)
            (section["user"], section["passwordFile"]) = (user, Path.Combine(directory, "broker.password"));
        section["receipts"] = "center";
        section["enrolmentTicketFile"] = Path.Combine(directory, "ticket.json");
        return section;
    }

    private static JsonObject Commands(JsonObject section, IReadOnlyList<BundleKey> keys, string directory)
    {
        var kept = (section["keys"] as JsonArray ?? []).Where(known => !keys.Any(key => key.Id == (string?)known?["id"])).Select(known => known?.DeepClone());
        section["keys"] = new JsonArray([.. kept, .. keys.Select(key => new JsonObject { ["id"] = key.Id, ["publicKeyFile"] = Path.Combine(directory, CommandKeyName(key)) })]);
        return section;
    }

    private static JsonObject HealthCodes(JsonObject section, string directory)
    {
        var others = (section["passKeyFiles"] as JsonArray ?? []).Select(file => (string?)file).Where(file => Path.GetFileName(file) != PassKeyName);
        section["passKeyFiles"] = new JsonArray([.. others.Append(Path.Combine(directory, PassKeyName)).Select(file => (JsonNode?)file)]);
        return section;
    }

    /// <summary>The center keeps the lists of its passes; who is on them is known here, and a household's announcements reach the guards.</summary>
    private static JsonObject Registers(JsonObject section)
    {
        (section["persons"], section["central"]) = (With("persons", PassRegister.Issued), With("central", PassRegister.Issued, PassRegister.Revoked));
        return section;

        JsonArray With(string member, params string[] lists) => new([.. (section[member] as JsonArray ?? []).Select(list => (string?)list).Union(lists).Select(list => (JsonNode?)list)]);
    }

    private static JsonObject Privacy(JsonObject section, string directory)
    {
        section["siteKeyFile"] = Path.Combine(directory, "site.key");
        section["centerPublicKeyFile"] = Path.Combine(directory, "evidence.public.pem");
        return section;
    }
}
