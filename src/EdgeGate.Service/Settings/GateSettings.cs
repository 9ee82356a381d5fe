using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace EdgeGate.Service.Settings;

/// <summary>
/// The whole of gate.json. These records are the only list of settings there is: keys, types, defaults, limits and
/// explanations are read from them by <see cref="SettingsFile"/>, which checks and binds, and by
/// <see cref="SettingsSchema"/>, which helps the editor. Rules that need more than one value are in <see cref="SettingsRules"/>.
/// </summary>
internal sealed record GateSettings
{
    [JsonPropertyName("$schema"), Description("Where the editor finds the schema of this file.")]
    public string? Schema { get; init; }

    [Id, Description("Short name of the site, the same at all its gates; part of every topic and record.")]
    public required string Site { get; init; }

    [Id, Description("Short name of this gate, unique within the site; part of every topic and record.")]
    public required string Gate { get; init; }

    [AbsolutePath, Description("Directory for the journal and the keys the gate makes for itself.")]
    public required string DataDirectory { get; init; }

    [Description("The web server for the kiosk page.")]
    public WebSettings Web { get; init; } = new();

    [Count(1, 32), Description("The ways through this gate, each with its own readers, portal and screen.")]
    public required IReadOnlyList<LaneSettings> Lanes { get; init; }

    [Description("Whose health codes and passes are believed, and which servers are asked about codes.")]
    public HealthCodeSettings HealthCodes { get; init; } = new();

    [Description("Who may pass.")]
    public RuleSettings Rules { get; init; } = new();

    [Description("Which lists of persons this gate goes by; \"edgegate register import\" fills them.")]
    public RegisterSettings Registers { get; init; } = new();

    [Description("Rounds of the guards: where they go, and how often.")]
    public RoundSettings Rounds { get; init; } = new();

    [Description("The hand-over area for deliveries; without it, the guard post has none.")]
    public DeliverySettings? Deliveries { get; init; }

    [Description("Passes that guards make for visitors and print from their phones; without it, they cannot.")]
    public VisitorPassSettings? VisitorPasses { get; init; }

    [Description("The MQTT broker that records go to; without one they are only kept here.")]
    public BrokerSettings? Broker { get; init; }

    [Description("Whose signed commands are obeyed.")]
    public CommandSettings Commands { get; init; } = new();

    [Count(0, 1000), Description("Wireless contacts on doors, heard at the broker: of homes under quarantine, or any other.")]
    public IReadOnlyList<DoorContactSettings> DoorContacts { get; init; } = [];

    [Description("Keys that keep personal data closed.")]
    public PrivacySettings Privacy { get; init; } = new();

    [Description("How much is kept, and for how long.")]
    public JournalSettings Journal { get; init; } = new();

    /// <summary>Everything attached, of all lanes.</summary>
    public IEnumerable<DeviceSettings> Devices() => Lanes.SelectMany(lane => lane.Devices());
}

internal sealed record WebSettings
{
    // Exact host names on purpose: Kestrel takes any other name, even "loopback", to mean every network interface.
    [Pattern(
        @"^http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?/?$",
        "an http URL on this machine itself, such as \"http://localhost:8080\" (access from elsewhere is for web.guardPost)")]
    [Description("Address the kiosk page is served at, only on this machine.")]
    public Uri Address { get; init; } = new("http://localhost:8080");

    [Description("What the kiosk's screens speak, say and look like.")]
    public KioskSettings Kiosk { get; init; } = new();

    [Description("The guard post for phones on the local network; without it, it is served to this machine only, beside the kiosk.")]
    public GuardPostSettings? GuardPost { get; init; }
}

internal sealed record PrivacySettings
{
    [SecretFile, Description("Secret that turns ID numbers into person keys, the same at all gates of a site; made at the first start when absent.")]
    public string? SiteKeyFile { get; init; }

    [AbsolutePath, Description("Public key (PEM) of the center that personal data is sealed to; a key pair of the site's own is made when absent.")]
    public string? CenterPublicKeyFile { get; init; }
}

internal enum FullJournal
{
    Refuse,
    DropOldest,
}

internal sealed record JournalSettings
{
    [Range(16, 1_048_576), Description("Most disk space the journal may take, in megabytes.")]
    public int DiskBudgetMegabytes { get; init; } = 2048;

    [Description("What happens when records that have not arrived use up the budget. refuse: no record, so each portal does as its whenJournalFails says, until the center has taken some; drop-oldest: people go on passing, the oldest records are lost, counted in the tally and alarmed.")]
    public FullJournal WhenFull { get; init; } = FullJournal.Refuse;

    [Range(1, 3650), Description("Days a record stays here after it has arrived at the far end.")]
    public int RetentionDays { get; init; } = 30;
}
