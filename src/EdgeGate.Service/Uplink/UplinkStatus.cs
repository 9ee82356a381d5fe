using EdgeGate.Mqtt;

namespace EdgeGate.Service.Uplink;

/// <summary>What the health page says of the uplink.</summary>
internal sealed class UplinkStatus
{
    private long _setAside;

    public MqttLinkState? Link { get; set; }

    /// <summary>Records the broker refused for good.</summary>
    public long SetAside => Interlocked.Read(ref _setAside);

    public void CountSetAside() => Interlocked.Increment(ref _setAside);
}
