using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Osdp;

/// <summary>What one peripheral has told about itself and its surroundings, and what of it is news.</summary>
/// <param name="faults">Where messages that contradict themselves are counted.</param>
internal sealed class OsdpReports(FrameFaultCounts faults)
{
    private readonly List<OsdpEvent> _news = [];
    private readonly Queue<OsdpCommand> _questions = new();
    private IReadOnlyList<OsdpCapability> _capabilities = [];
    private OsdpIdentification? _identification;
    private OsdpEvent.LocalStatus? _localStatus;
    private bool _sessionIsNew;

    public OsdpStatus Status { get; private set; } = new(OsdpState.Offline, "the line is not opened yet", null, OsdpProtection.None);

    /// <summary>Null when it does not say.</summary>
    public bool? KnowsCrc => Find(OsdpFunction.Crc) is { } crc ? (crc.Level & 1) != 0 : null;

    public IReadOnlyList<OsdpEvent> Take()
    {
        if (_news.Count == 0)
            return [];
        OsdpEvent[] news = [.. _news];
        _news.Clear();
        return news;
    }

    /// <summary>Something to ask once after a session began; null when all is asked.</summary>
    public OsdpCommand? NextQuestion() => _questions.TryDequeue(out var question) ? question : null;

    public void Identify(byte[] data)
    {
        _identification = OsdpIdentification.Parse(data);
        if (_identification is null)
            faults.Add(FrameFault.BadInnerLength);
    }

    public void TakeCapabilities(byte[] data)
    {
        _capabilities = OsdpCapability.Parse(data) ?? [];
        if (data.Length > 0 && _capabilities.Count == 0)
            faults.Add(FrameFault.BadInnerLength);
    }

    public void BeginSession()
    {
        (_sessionIsNew, _localStatus) = (true, null);
        _questions.Clear();
        _questions.Enqueue(OsdpCommand.LocalStatus);
        if (Find(OsdpFunction.ContactStatus) is { Count: > 0 })
            _questions.Enqueue(OsdpCommand.InputStatus);
        if (Find(OsdpFunction.OutputControl) is { Count: > 0 })
            _questions.Enqueue(OsdpCommand.OutputStatus);
        _news.Add(new OsdpEvent.SessionBegan());
    }

    public void BecomeOnline(OsdpProtection protection)
    {
        if (!_sessionIsNew)
            return;
        _sessionIsNew = false;
        var who = _identification?.ToString() ?? "a reader that does not say who it is";
        Become(OsdpState.Online, protection == OsdpProtection.SecureChannel ? $"{who}, secure channel" : $"{who}, not encrypted", protection);
    }

    public void Become(OsdpState state, string cause, OsdpProtection protection = OsdpProtection.None)
    {
        var status = new OsdpStatus(state, cause, _identification, protection);
        if (status == Status)
            return;
        Status = status;
        _news.Add(new OsdpEvent.StatusChanged(status));
    }

    /// <summary>An answer to a poll or a question.</summary>
    public void Report(OsdpReplyCode reply, byte[] data)
    {
        OsdpEvent? news = reply switch
        {
            OsdpReplyCode.RawCard => OsdpCard.Parse(data) is { } card ? new OsdpEvent.CardRead(card) : null,
            OsdpReplyCode.Keypad => OsdpKeys.Parse(data) is { } keys ? new OsdpEvent.KeysPressed(keys) : null,
            OsdpReplyCode.LocalStatus => data is [var tamper, var power] ? new OsdpEvent.LocalStatus(tamper != 0, power != 0) : null,
            OsdpReplyCode.InputStatus => new OsdpEvent.Inputs([.. data.Select(item => item != 0)]),
            OsdpReplyCode.OutputStatus => new OsdpEvent.Outputs([.. data.Select(item => item != 0)]),
            _ => null,
        };
        if (news is null && reply is OsdpReplyCode.RawCard or OsdpReplyCode.Keypad or OsdpReplyCode.LocalStatus)
            faults.Add(FrameFault.BadInnerLength);
        if (news is null || news.Equals(_localStatus))
            return;
        _localStatus = news as OsdpEvent.LocalStatus ?? _localStatus;
        _news.Add(news);
    }

    private OsdpCapability? Find(OsdpFunction function)
    {
        foreach (var capability in _capabilities)
        {
            if (capability.Function == function)
                return capability;
        }
        return null;
    }
}
