using System.Text;
using System.Text.Json.Nodes;
using EdgeGate.Messages;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Uplink;

/// <summary>
/// How Home Assistant shows this gate (its MQTT discovery): the link, each device, doors that open or give an alarm, people counted. Everything is
/// read from topics that are there anyway; nothing is shown about persons.
/// </summary>
internal static class HomeAssistant
{
    private const int DoorOpenSeconds = 3;

    /// <returns>Retained messages: topic, and configuration as JSON.</returns>
    public static IEnumerable<(string Topic, byte[] Config)> Discovery(GateSettings settings, GateTopics topics)
    {
        yield return Thing("binary_sensor", "link", "Link", topics.State, "{{ 'ON' if value_json.online else 'OFF' }}", ("device_class", "connectivity"));
        yield return Thing("sensor", "inside", "In minus out", topics.Occupancy, "{{ value_json['in'] - value_json['out'] }}", ("state_class", "measurement"));
        foreach (var device in settings.Lanes.SelectMany(DevicesOf).Distinct(StringComparer.Ordinal))
        {
            yield return Thing(
                "binary_sensor", "device-" + device, device, topics.Device(device), "{{ 'OFF' if value_json.state in ['connected', 'closed'] else 'ON' }}", ("device_class", "problem"));
        }
        foreach (var lane in settings.Lanes)
        {
            // A template that gives no text leaves the state as it is: most records are about something else.
            yield return Thing(
                "binary_sensor", "door-" + lane.Id, $"{lane.Id} opened", topics.Passages,
                OfLane(PassageRecord.Type, lane.Id, "{{ 'ON' if value_json.data.portal == 'opened' else '' }}"), ("device_class", "door"), ("off_delay", DoorOpenSeconds));
            if (lane.Portal is GpioPortalSettings { DoorContact: not null })
            {
                yield return Thing(
                    "binary_sensor", "alarm-" + lane.Id, $"{lane.Id} forced or held open", topics.Passages,
                    OfLane(PortalEventRecord.Type, lane.Id, "{{ {'forced-open': 'ON', 'held-open': 'ON', 'closed-again': 'OFF'}.get(value_json.data.event, '') }}"), ("device_class", "safety"));
            }
        }

        (string, byte[]) Thing(string component, string id, string name, string stateTopic, string template, params ReadOnlySpan<(string Key, JsonNode Value)> more)
        {
            var gate = $"edgegate_{settings.Site}_{settings.Gate}";
            var config = new JsonObject
            {
                ["name"] = name,
                ["unique_id"] = $"{gate}_{id}",
                ["state_topic"] = stateTopic,
                ["value_template"] = template,
                ["device"] = new JsonObject { ["identifiers"] = new JsonArray(gate), ["name"] = $"Gate {settings.Site}/{settings.Gate}", ["manufacturer"] = "EdgeGate" },
                ["origin"] = new JsonObject { ["name"] = "EdgeGate" },
            };
            if (stateTopic != topics.State) // the link is the one thing that is known when the gate is away
                config["availability"] = new JsonArray(new JsonObject { ["topic"] = topics.State, ["value_template"] = "{{ 'online' if value_json.online else 'offline' }}" });
            foreach (var (key, value) in more)
                config[key] = value;
            return (topics.HomeAssistant(component, id), Encoding.UTF8.GetBytes(config.ToJsonString()));
        }
    }

    private static string OfLane(string type, string lane, string template) =>
        $"{{% if value_json.type == '{type}' and value_json.data.lane == '{lane}' %}}{template}{{% endif %}}";

    /// <summary>Those that have a state of their own.</summary>
    private static IEnumerable<string> DevicesOf(LaneSettings lane)
    {
        foreach (var reader in lane.Readers.Where(reader => reader is not HandheldReaderSettings))
            yield return reader.Id;
        if (lane.Thermometer is { } thermometer)
            yield return thermometer.Id;
        if (lane.Portal is not NoPortalSettings)
            yield return lane.Portal.Id;
    }
}
