using System.Text.Json.Serialization;
using EdgeGate.Service.Occupancy;

namespace EdgeGate.Service;

/// <summary>Small things that parts of the gate keep in files of their own, from one start to the next.</summary>
[JsonSerializable(typeof(PassageFollower.Checkpoint))]
[JsonSerializable(typeof(CountedInside))]
[JsonSerializable(typeof(Dictionary<string, bool>), TypeInfoPropertyName = "OpenDoors")]
[JsonSerializable(typeof(Dictionary<string, long>), TypeInfoPropertyName = "RecordedVersions")]
[JsonSerializable(typeof(IReadOnlyList<int>), TypeInfoPropertyName = "Medians")]
internal sealed partial class StateShapes : JsonSerializerContext;
