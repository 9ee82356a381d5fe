using System.Text.Json.Serialization;
using EdgeGate.Access;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Registers;

namespace EdgeGate.Service.GuardPost.Deliveries;

/// <summary>A delivery as the guards know it.</summary>
/// <param name="Id">Made by the phone that entered it.</param>
/// <param name="Unit">For whom.</param>
/// <param name="Slot">Its place on the building's shelf, from 1; null while it is not there.</param>
/// <param name="CourierPhone">Masked; the whole one is sealed in the record.</param>
/// <param name="By">The guard; empty while only a household has said that it will come.</param>
/// <param name="At">When it came into its state.</param>
/// <param name="Announced">What the household said of it on its page; null when it said nothing.</param>
internal sealed record Delivery(
    Guid Id, string Building, string Unit, int? Slot, string? CourierPhone, DeliveryState State, string By, ClockReading At, Announced? Announced = null)
{
    [JsonIgnore]
    public bool IsOver => State is DeliveryState.Collected or DeliveryState.Withdrawn;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Delivery[]))]
internal sealed partial class DeliveryFileShapes : JsonSerializerContext;
