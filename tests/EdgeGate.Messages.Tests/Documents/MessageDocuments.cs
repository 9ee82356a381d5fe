using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Notices;
using EdgeGate.Messages.Records;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Messages.Tests.Documents;

/// <summary>
/// What is published for other subscribers, made from the types: a JSON Schema (draft 2020-12) for each record and message, and one AsyncAPI 3
/// document of all topics, seen from the gate.
/// </summary>
internal sealed class MessageDocuments
{
    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Records = RecordShapes.Default.Options;
    private readonly TypeSchema _schema;
    private readonly DocumentationComments _comments = new(typeof(RecordShapes).Assembly);

    public MessageDocuments() => _schema = new TypeSchema(_comments);

    /// <summary>Every document by its path below <c>Documents/</c>.</summary>
    public Dictionary<string, string> All()
    {
        var schemas = Schemas();
        var documents = schemas.ToDictionary(schema => $"schemas/{schema.Key}.schema.json", schema => Text(StandAlone(schema.Key, schema.Value)), StringComparer.Ordinal);
        documents["asyncapi.json"] = Text(new AsyncApi(schemas, RecordTypes().Select(type => type.Name).ToArray()).Document());
        return documents;
    }

    /// <summary>Every type of this assembly that says which record it is.</summary>
    public static IEnumerable<(string Name, Type Type)> RecordTypes() =>
        typeof(RecordShapes).Assembly.GetExportedTypes()
            .Select(type => (Name: type.GetField("Type", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string, Type: type))
            .Where(record => record.Name?.StartsWith("edgegate.", StringComparison.Ordinal) is true && record.Type != typeof(MeasuresMissingNotice)) // no gate's
            .Select(record => (record.Name!, record.Type)).OrderBy(record => record.Item1, StringComparer.Ordinal);

    private SortedDictionary<string, JsonObject> Schemas()
    {
        var schemas = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal)
        {
            ["state"] = Of<GateStateMessage>(),
            ["device"] = Of<DeviceStateMessage>(),
            ["tally"] = Signed(Of<TallyMessage>()),
            ["occupancy"] = Of<OccupancyMessage>(),
            ["receipt"] = Of<ReceiptMessage>(),
            ["reply"] = Of<CommandReply>(),
            ["command-claims"] = _schema.Of(new JsonSerializerOptions(CommandShapes.Default.Options) { MaxDepth = 64 }.GetTypeInfo(typeof(GateCommand))), // a command is flat, its schema is not
            ["register-claims"] = _schema.Of(RegisterShapes.Default.RegisterAnnouncement),
            ["sealed-evidence"] = Of<SealedEvidence>(),
            ["sealed-guard-words"] = Of<SealedGuardWords>(),
        };
        schemas["notices-claims"] = _schema.Of(new JsonSerializerOptions(NoticeShapes.Default.Options) { MaxDepth = 64 }.GetTypeInfo(typeof(SiteNoticeSet)));
        foreach (var (name, type) in RecordTypes())
            schemas[name] = Enveloped(name, type);
        schemas[MeasuresMissingNotice.Type] = OfCenter(Enveloped(MeasuresMissingNotice.Type, typeof(MeasuresMissingNotice)));
        return schemas;
    }

    private JsonObject Of<T>() => _schema.Of(Records.GetTypeInfo(typeof(T)));

    /// <summary>CloudEvents 1.0, as <see cref="RecordEnvelope"/> writes it.</summary>
    private JsonObject Enveloped(string name, Type type)
    {
        var data = _schema.Of(Records.GetTypeInfo(type));
        return new JsonObject
        {
            ["description"] = _comments.Of(type),
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["specversion"] = new JsonObject { ["const"] = "1.0" },
                ["id"] = new JsonObject { ["description"] = "site/gate/sequence: the same on every delivery of the record.", ["type"] = "string", ["pattern"] = "^[^/]+/[^/]+/[1-9][0-9]*$" },
                ["source"] = new JsonObject { ["type"] = "string", ["pattern"] = "^/edgegate/v1/[^/]+/[^/]+$" },
                ["type"] = new JsonObject { ["const"] = name },
                ["time"] = new JsonObject { ["description"] = "Wall time at the gate; what it is worth stands in data.clock.", ["type"] = "string", ["format"] = "date-time" },
                ["datacontenttype"] = new JsonObject { ["const"] = "application/json" },
                ["sequence"] = new JsonObject { ["description"] = "From 1, without gaps, for each gate.", ["type"] = "string", ["pattern"] = "^[1-9][0-9]*$" },
                ["alarm"] = new JsonObject { ["description"] = "Why somebody should look at once; only where there is such a reason.", ["type"] = "string" },
                ["data"] = data,
            },
            ["required"] = new JsonArray("specversion", "id", "source", "type", "time", "datacontenttype", "sequence", "data"),
        };
    }

    /// <summary>From no journal, so without a number.</summary>
    private static JsonObject OfCenter(JsonObject schema)
    {
        var properties = schema["properties"]!.AsObject();
        properties.Remove("sequence");
        properties.Remove("alarm");
        properties["id"] = new JsonObject { ["description"] = "The same however often it is told.", ["type"] = "string" };
        schema["required"] = new JsonArray("specversion", "id", "source", "type", "time", "datacontenttype", "data");
        return schema;
    }

    /// <summary>With the member that <see cref="SignedJson"/> puts last.</summary>
    private static JsonObject Signed(JsonObject schema)
    {
        schema["properties"]!["jws"] = new JsonObject
        {
            ["description"] = "Detached JWS (ES256) over the bytes of the object without this member, by the key on the state topic.",
            ["type"] = "string",
            ["pattern"] = "^[A-Za-z0-9_-]+\\.\\.[A-Za-z0-9_-]+$",
        };
        schema["required"]!.AsArray().Add("jws");
        return schema;
    }

    private static JsonObject StandAlone(string name, JsonObject schema)
    {
        var alone = (JsonObject)schema.DeepClone();
        alone.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        alone.Insert(1, "title", name);
        return alone;
    }

    private static string Text(JsonObject document) => document.ToJsonString(Written) + "\n";
}
