using EdgeGate.Access;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Kiosk;

namespace EdgeGate.Service.Passing;

/// <summary>What the person at the lane is shown for a state of the encounter.</summary>
internal static class LaneView
{
    public static KioskView Of(Encounter encounter, LaneStanding standing, LaneOptions options)
    {
        var face = encounter.Phase switch
        {
            _ when standing is LaneStanding.Free => KioskFace.Free, // what somebody shows all the same is on record, and changes nothing for them
            _ when standing is LaneStanding.OutOfService => KioskFace.OutOfService,
            _ when standing is LaneStanding.Closed => KioskFace.Closed,
            EncounterPhase.Idle => KioskFace.Idle,
            EncounterPhase.Decided => FaceOf(encounter.GuardAnswer ?? encounter.Decision!.Outcome),
            _ when encounter.CardOnReader => KioskFace.Reading,
            _ => KioskFace.Gathering,
        };
        return new KioskView(face)
        {
            Wanted = face is KioskFace.Gathering ? Wanted(encounter, options.Encounter) : [],
            Reasons = encounter.Decision?.Reasons.Distinct().ToArray() ?? [],
            MaskedName = encounter.Identity is { Credential: var credential } ? NameOn(credential) : null,
            Temperature = options.ShowTemperature ? encounter.Temperature?.Body : null,
            MeasuredFrom = options.MeasuredFrom,
        };
    }

    /// <summary>Masked; null for a credential without a name.</summary>
    public static string? NameOn(Credential credential) => credential switch
    {
        Credential.IdCard card => MaskedName.Of(card.Name),
        Credential.Statement statement => statement.MaskedName,
        _ => null,
    };

    private static KioskFace FaceOf(Outcome outcome) => outcome switch
    {
        Outcome.Granted => KioskFace.Granted,
        Outcome.Guard => KioskFace.SeeGuard,
        _ => KioskFace.Denied,
    };

    private static IReadOnlyList<WantedEvidence> Wanted(Encounter encounter, EncounterOptions options) => encounter switch
    {
        { Phase: EncounterPhase.Deciding } => [],
        { Identity: null } => [WantedEvidence.Identity],
        { Temperature: null } when options.TemperatureRequired => [WantedEvidence.Temperature],
        { Code: null } when encounter.NeedsHealthCode(options) => [WantedEvidence.HealthCode],
        { Code.Evidence: null } when encounter.NeedsHealthCode(options) => [], // it is being looked into: one moment
        _ => [WantedEvidence.Temperature], // measured, and not to be believed: once more
    };
}
