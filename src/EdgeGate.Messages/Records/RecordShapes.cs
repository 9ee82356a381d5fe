using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Access;
using EdgeGate.Messages.Commands;

namespace EdgeGate.Messages.Records;

/// <summary>The JSON of everything that leaves the gate: camelCase members, kebab-case words, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters =
    [
        typeof(KebabCase<Direction>), typeof(KebabCase<Outcome>), typeof(KebabCase<DenyReason>), typeof(KebabCase<ClockGrade>),
        typeof(KebabCase<CredentialKind>), typeof(KebabCase<PortalMovement>), typeof(KebabCase<PassageOutcome>),
        typeof(KebabCase<PortalMode>), typeof(KebabCase<CommandOutcome>), typeof(KebabCase<CommandReason>),
        typeof(KebabCase<PortalEventKind>), typeof(KebabCase<DeviceSwapEvent>), typeof(KebabCase<DeviceEventKind>),
        typeof(KebabCase<RoundTask>), typeof(KebabCase<DeliveryState>),
        typeof(KebabCase<GuardRole>), typeof(KebabCase<GuardSessionEvent>), typeof(KebabCase<SignInRefusal>), typeof(KebabCase<GuardActionKind>),
    ])]
[JsonSerializable(typeof(DecidedRecord))]
[JsonSerializable(typeof(PassageRecord))]
[JsonSerializable(typeof(PortalEventRecord))]
[JsonSerializable(typeof(DeviceSwapRecord))]
[JsonSerializable(typeof(ExitRequestedRecord))]
[JsonSerializable(typeof(DeviceEventRecord))]
[JsonSerializable(typeof(DoorContactRecord))]
[JsonSerializable(typeof(StoreHealedRecord))]
[JsonSerializable(typeof(RecordsDroppedRecord))]
[JsonSerializable(typeof(ClockSteppedRecord))]
[JsonSerializable(typeof(CommandRecord))]
[JsonSerializable(typeof(CommandsRefusedRecord))]
[JsonSerializable(typeof(SettingsTrialRecord))]
[JsonSerializable(typeof(SealedEvidence))]
[JsonSerializable(typeof(RegisterChangedRecord))]
[JsonSerializable(typeof(OccupancyMessage))]
[JsonSerializable(typeof(OccupancyCorrectedRecord))]
[JsonSerializable(typeof(GuardSessionRecord))]
[JsonSerializable(typeof(GuardSignInsRefusedRecord))]
[JsonSerializable(typeof(GuardActionRecord))]
[JsonSerializable(typeof(SealedGuardWords))]
[JsonSerializable(typeof(RoundRecord))]
[JsonSerializable(typeof(DeliveryRecord))]
[JsonSerializable(typeof(GateStateMessage))]
[JsonSerializable(typeof(ReceiptMessage))]
[JsonSerializable(typeof(TallyMessage))]
[JsonSerializable(typeof(CommandReply))]
[JsonSerializable(typeof(DeviceStateMessage))]
[JsonSerializable(typeof(MeasuresMissingNotice))]
public sealed partial class RecordShapes : JsonSerializerContext;

internal sealed class KebabCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower)
    where T : struct, Enum;
