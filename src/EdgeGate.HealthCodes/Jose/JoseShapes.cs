using System.Text.Json.Serialization;

namespace EdgeGate.HealthCodes.Jose;

[JsonSerializable(typeof(JsonWebKey))]
[JsonSerializable(typeof(Dictionary<string, string>), TypeInfoPropertyName = "Header")]
internal sealed partial class JoseShapes : JsonSerializerContext;
