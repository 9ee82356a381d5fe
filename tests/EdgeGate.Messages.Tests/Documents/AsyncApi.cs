using System.Text.Json.Nodes;
using EdgeGate.Messages.Records;

namespace EdgeGate.Messages.Tests.Documents;

/// <summary>All topics as AsyncAPI 3.0, seen from the gate: it sends what others may hear, and receives what the center sends.</summary>
internal sealed class AsyncApi(IReadOnlyDictionary<string, JsonObject> schemas, string[] records)
{
    private const string Gate = "edgegate/v1/{site}/{gate}/", Site = "edgegate/v1/{site}/";

    /// <param name="Sends">Whether the gate sends it.</param>
    /// <param name="Messages">Names of schemas.</param>
    private sealed record Topic(string Name, string Address, bool Sends, bool Retained, string Words, params string[] Messages);

    private Topic[] Topics =>
    [
        new("passages", Gate + "passages", true, false, "Records as they are made. At least once: the same id may come twice, in every case with the same bytes.", records),
        new("backlog", Gate + "backlog", true, false, "The same records, late: made before the gate's present login at the broker, or asked for once more.", records),
        new("alarms", Gate + "alarms", true, false, "Records with an alarm attribute once more, same id, live and late, so that who waits for alarms need not hear everything.", records),
        new("state", Gate + "state", true, true, "Retained. After each login online is true; the last will, retained too, is the same message with online false and without since, version and key. Of two the one with the higher session is newer, and of one session the last will: leave one that comes late.", "state"),
        new("devices", Gate + "devices/{device}", true, true, "Retained, at each change and after each login.", "device"),
        new("tally", Gate + "tally", true, true, "Retained, each minute and soon after a loss: what was made, is held, was delivered and was lost.", "tally"),
        new("replies", Gate + "replies", true, false, "What became of each command; MQTT 5 correlation data comes back.", "reply"),
        new("occupancy", Site + "occupancy/{gate}", true, true, "Retained. Both numbers only grow within an epoch; who is inside the site is the sum of in minus out over all gates.", "occupancy"),
        new("receipt", Gate + "receipt", false, false, "From the center: everything up to this record is committed, with this chain hash.", "receipt"),
        new("commands", Gate + "commands", false, false, "Signed commands, as JWS in compact form. Never retained: a retained one is refused.", "command"),
        new("registers", Site + "registers/{list}", false, true, "Retained. Announcement of a list of persons, as JWS in compact form.", "register"),
        new("notices", Site + "notices", false, true, "Retained. Words for every screen of the site, as JWS in compact form; a set takes the place of the one before.", "notices"),
        new("reminders", Site + "reminders", false, false, "From the center, for whoever listens: of how many persons under observation a measure that was due is missing.", MeasuresMissingNotice.Type),
        new("registerParts", Site + "registers/{list}/{version}/{form}/{part}", false, true, "Retained. The bytes of one version, form whole or changes, part counted from 0, at most 512 KiB each.", "register-part"),
    ];

    public JsonObject Document() => new()
    {
        ["asyncapi"] = "3.0.0",
        ["info"] = new JsonObject
        {
            ["title"] = "EdgeGate",
            ["version"] = "1.0.0",
            ["description"] = "What a gate sends to its MQTT broker and takes from it. Records are CloudEvents 1.0 in JSON, complete in themselves, QoS 1: take each id once. "
                + "A type or member that you do not know comes from a newer gate: leave it. In the open stand a keyed person id, a masked name and decisions; everything else about a person is in the member sealed, a JWE to the center's key. "
                + "Subscribe with a persistent session, or ask the center: nothing is retained but what says so here.",
            ["license"] = new JsonObject { ["name"] = "MIT" },
        },
        ["defaultContentType"] = "application/json",
        ["servers"] = new JsonObject
        {
            ["site"] = new JsonObject
            {
                ["host"] = "broker.example:8883",
                ["protocol"] = "secure-mqtt",
                ["protocolVersion"] = "5.0",
                ["description"] = "Also MQTT 3.1.1, without correlation data. Each gate may publish below its own topics only.",
                ["bindings"] = new JsonObject
                {
                    ["mqtt"] = new JsonObject
                    {
                        ["lastWill"] = new JsonObject { ["topic"] = Gate + "state", ["qos"] = 1, ["message"] = "{\"gate\":\"{gate}\",\"online\":false,\"session\":1764547200000001}", ["retain"] = true },
                        ["keepAlive"] = 30,
                        ["bindingVersion"] = "0.2.0",
                    },
                },
            },
        },
        ["channels"] = new JsonObject(Topics.Select(topic => KeyValuePair.Create(topic.Name, (JsonNode?)Channel(topic)))),
        ["operations"] = new JsonObject(Topics.Select(topic => KeyValuePair.Create(topic.Name, (JsonNode?)Operation(topic)))),
        ["components"] = new JsonObject
        {
            ["messages"] = new JsonObject(Topics.SelectMany(topic => topic.Messages).Distinct(StringComparer.Ordinal).Select(name => KeyValuePair.Create(name, (JsonNode?)Message(name)))),
            ["schemas"] = new JsonObject(schemas.Select(schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value.DeepClone()))),
        },
    };

    private static JsonObject Channel(Topic topic) => new()
    {
        ["address"] = topic.Address,
        ["description"] = topic.Words,
        ["parameters"] = new JsonObject(topic.Address.Split('/').Where(level => level[0] == '{').Select(level => KeyValuePair.Create(level[1..^1], (JsonNode?)new JsonObject { ["description"] = Meaning(level[1..^1]) }))),
        ["messages"] = new JsonObject(topic.Messages.Select(name => KeyValuePair.Create(name, (JsonNode?)Reference($"components/messages/{name}")))),
    };

    private static JsonObject Operation(Topic topic) => new()
    {
        ["action"] = topic.Sends ? "send" : "receive",
        ["channel"] = Reference($"channels/{topic.Name}"),
        ["bindings"] = new JsonObject { ["mqtt"] = new JsonObject { ["qos"] = 1, ["retain"] = topic.Retained, ["bindingVersion"] = "0.2.0" } },
    };

    private static JsonObject Message(string name)
    {
        var message = new JsonObject { ["name"] = name };
        (string Type, JsonObject Payload) form = name switch
        {
            "command" => ("application/jose", Token("Claims: schema command-claims; header typ edgegate-command.")),
            "register" => ("application/jose", Token("Claims: schema register-claims; header typ edgegate-register.")),
            "notices" => ("application/jose", Token("Claims: schema notices-claims; header typ edgegate-notices.")),
            "register-part" => ("application/octet-stream", new JsonObject { ["type"] = "string", ["format"] = "binary" }),
            _ when name.StartsWith("edgegate.", StringComparison.Ordinal) => ("application/cloudevents+json", Reference($"components/schemas/{name}")),
            _ => ("application/json", Reference($"components/schemas/{name}")),
        };
        (message["contentType"], message["payload"]) = form;
        return message;
    }

    private static JsonObject Token(string words) => new() { ["description"] = words, ["type"] = "string", ["pattern"] = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$" };

    private static JsonObject Reference(string to) => new() { ["$ref"] = "#/" + to };

    private static string Meaning(string parameter) => parameter switch
    {
        "site" => "The site: lower-case letters, digits and hyphens.",
        "gate" => "The gate, unique within its site.",
        "device" => "The device's id in the gate's settings.",
        "list" => "The list's name, for example residents.",
        "version" => "The version, from 1.",
        "form" => "whole or changes.",
        "part" => "From 0.",
        _ => throw new ArgumentOutOfRangeException(nameof(parameter), parameter, "has no words yet"),
    };
}
