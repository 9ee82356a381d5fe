namespace EdgeGate.Messages;

/// <summary>Where a gate's messages go: <c>edgegate/v1/{site}/{gate}/…</c>.</summary>
public sealed record GateTopics(string Site, string Gate)
{
    private string Root { get; } = $"edgegate/v1/{Site}/{Gate}/";

    /// <summary>Retained; the last will says <c>offline</c>.</summary>
    public string State => Root + "state";

    /// <summary>Records while they are fresh.</summary>
    public string Passages => Root + "passages";

    /// <summary>The same records, late: what was made while the broker was away.</summary>
    public string Backlog => Root + "backlog";

    /// <summary>Those of the records that somebody should look at at once, once more: the same bytes with the same id, live and late.</summary>
    public string Alarms => Root + "alarms";

    /// <summary>What was made, is held, has arrived and was lost: a <see cref="Records.TallyMessage"/> each minute.</summary>
    public string Tally => Root + "tally";

    /// <summary>To the gate: a <see cref="Records.ReceiptMessage"/> of the center.</summary>
    public string Receipt => Root + "receipt";

    /// <summary>To the gate: signed commands, <see cref="Commands.GateCommand"/>. Never retained: a retained one is refused.</summary>
    public string Commands => Root + "commands";

    /// <summary>What became of each command: a <see cref="Commands.CommandReply"/>.</summary>
    public string Replies => Root + "replies";

    /// <summary>Retained; this gate's <see cref="Records.OccupancyMessage"/>.</summary>
    public string Occupancy { get; } = $"edgegate/v1/{Site}/occupancy/{Gate}";

    /// <summary>Filter for the occupancy of every gate of the site.</summary>
    public string OccupancyOfAll { get; } = $"edgegate/v1/{Site}/occupancy/+";

    /// <summary>Filter for the records of every gate of the site while they are fresh.</summary>
    public string PassagesOfAll { get; } = $"edgegate/v1/{Site}/+/passages";

    /// <summary>Filter for the records of every gate of the site that come late.</summary>
    public string BacklogOfAll { get; } = $"edgegate/v1/{Site}/+/backlog";

    /// <summary>Retained; one device's state in words.</summary>
    public string Device(string id) => Root + "devices/" + id;

    /// <summary>Retained; how Home Assistant shows one thing of this gate (its MQTT discovery, by its default prefix).</summary>
    /// <param name="component">For example <c>binary_sensor</c>.</param>
    public string HomeAssistant(string component, string thing) => $"homeassistant/{component}/{Site}_{Gate}/{thing}/config";

    /// <summary>Filter for all of these.</summary>
    public string HomeAssistantOfAll => HomeAssistant("+", "+");
}

/// <summary>What belongs to a site as a whole: <c>edgegate/v1/{site}/…</c>.</summary>
public sealed record SiteTopics(string Site)
{
    /// <summary>Retained, from the center: a signed <see cref="Registers.RegisterAnnouncement"/> of one list.</summary>
    public string Register(string name) => $"edgegate/v1/{Site}/registers/{name}";

    /// <summary>Retained, from the center or an operator: a signed <see cref="Notices.SiteNoticeSet"/> for every gate.</summary>
    public string Notices { get; } = $"edgegate/v1/{Site}/notices";

    /// <summary>From the center: what somebody of the site should do, for whoever listens. Counts and times, nothing about persons.</summary>
    public string Reminders { get; } = $"edgegate/v1/{Site}/reminders";

    /// <summary>Retained, from the center: bytes of one version of a list.</summary>
    /// <param name="part">From 0.</param>
    public string RegisterPart(string name, Registers.RegisterFile file, int part) =>
        $"{Register(name)}/{file.Version}/{(file.Base is null ? "whole" : "changes")}/{part}";
}
