using EdgeGate.Mqtt;

namespace EdgeGate.Service.Uplink;

/// <summary>What the health page says of the uplink.</summary>
internal sealed class UplinkStatus
{
    private long _refusedReceipts;
    private long _brokerHasUpTo;

    public MqttLinkState? Link { get; set; }

    /// <summary>The broker acknowledged every record up to here.</summary>
    public long BrokerHasUpTo
    {
        get => Interlocked.Read(ref _brokerHasUpTo);
        set => Interlocked.Exchange(ref _brokerHasUpTo, value);
    }

    /// <summary>Receipts that were about other records than ours.</summary>
    public long RefusedReceipts => Interlocked.Read(ref _refusedReceipts);

    public void CountRefusedReceipt() => Interlocked.Increment(ref _refusedReceipts);
}
