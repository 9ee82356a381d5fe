namespace EdgeGate.Devices.Osdp;

public enum OsdpState
{
    /// <summary>Being asked who it is, or keys are being agreed on; cards are not read yet.</summary>
    Connecting,
    Online,

    /// <summary>Does not answer.</summary>
    Offline,

    /// <summary>Answers, and cannot be used: it has another key, or none where one is set.</summary>
    Unusable,
}

public enum OsdpProtection
{
    /// <summary>Whoever has the cable can read cards and send some.</summary>
    None,

    /// <summary>A secure session with the peripheral's own key.</summary>
    SecureChannel,
}

/// <summary>How a peripheral is doing, in words an installer can act on.</summary>
public sealed record OsdpStatus(OsdpState State, string Cause, OsdpIdentification? Identification, OsdpProtection Protection);

/// <summary>What a peripheral reports.</summary>
public abstract record OsdpEvent
{
    private OsdpEvent() { }

    public sealed record StatusChanged(OsdpStatus Status) : OsdpEvent;

    /// <summary>A conversation has begun: what lights and texts showed before may be gone.</summary>
    public sealed record SessionBegan : OsdpEvent;

    public sealed record CardRead(OsdpCard Card) : OsdpEvent;

    public sealed record KeysPressed(OsdpKeys Keys) : OsdpEvent;

    /// <summary>Reported when the peripheral comes online and whenever one of the two changes.</summary>
    public sealed record LocalStatus(bool Tampered, bool PowerFailed) : OsdpEvent;

    public sealed record Inputs(IReadOnlyList<bool> Active) : OsdpEvent;

    public sealed record Outputs(IReadOnlyList<bool> Active) : OsdpEvent;
}

/// <summary>What became of a command.</summary>
public abstract record OsdpResult
{
    private OsdpResult() { }

    public sealed record Done : OsdpResult;

    public sealed record Refused(OsdpNak Reason) : OsdpResult;

    /// <summary>It was not sent, or sent and not confirmed; it will not be sent again.</summary>
    public sealed record Unreachable(string Cause) : OsdpResult;
}
