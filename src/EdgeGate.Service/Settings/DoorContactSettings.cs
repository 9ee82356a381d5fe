using System.ComponentModel;

namespace EdgeGate.Service.Settings;

internal enum DoorPayload
{
    Zigbee2mqtt,
    IasZone,
    Ws301,
}

internal sealed record DoorContactSettings : DeviceSettings
{
    [Pattern("^[^+#$\\u0000-\\u001f][^+#\\u0000-\\u001f]{0,199}$", "1 to 200 characters without + and #, not beginning with $")]
    [Description("Topic on the gate's broker where its messages come, such as zigbee2mqtt/contact-17.")]
    public required string Topic { get; init; }

    [Description("What its messages are: zigbee2mqtt (JSON), ias-zone (the two bytes of a Zigbee zone status), ws301 (bytes of a Milesight WS301).")]
    public required DoorPayload Payload { get; init; }

    [Pattern("^[A-Za-z_][A-Za-z0-9_]{0,31}([.][A-Za-z_][A-Za-z0-9_]{0,31}){0,7}$", "names of JSON members joined by dots, such as uplink_message.frm_payload")]
    [Description("Where in a JSON message the bytes stand, as Base64; leave it out where the message is the bytes.")]
    public string? Member { get; init; }

    [Description("Whether the door is that of a home under quarantine: its opening is an alarm.")]
    public bool QuarantineHome { get; init; }

    [Duration("00:01:00", "7.00:00:00"), Description("How long it may say nothing; twice the time between its reports is a good choice.")]
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromHours(25);
}
