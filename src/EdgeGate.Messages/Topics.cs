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

    /// <summary>What was made, is held, has arrived and was lost: a <see cref="Records.TallyMessage"/> each minute.</summary>
    public string Tally => Root + "tally";

    /// <summary>To the gate: a <see cref="Records.ReceiptMessage"/> of the center.</summary>
    public string Receipt => Root + "receipt";

    /// <summary>To the gate: signed commands, <see cref="Commands.GateCommand"/>. Never retained: a retained one is refused.</summary>
    public string Commands => Root + "commands";

    /// <summary>What became of each command: a <see cref="Commands.CommandReply"/>.</summary>
    public string Replies => Root + "replies";

    /// <summary>Retained; one device's state in words.</summary>
    public string Device(string id) => Root + "devices/" + id;
}
