using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using EdgeGate.HealthCodes;
using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Passing;

/// <summary>
/// Writes what happened into the journal: keyed person, masked name and decision in the open, everything else sealed before
/// it comes near the disk. One per lane, since the seal is not shared between threads.
/// </summary>
internal sealed class RecordKeeper(string site, string gate, GateJournal journal, PersonKeys persons, EvidenceSeal seal, GateClock clock)
{
    /// <summary>Completes when the record is flushed.</summary>
    /// <param name="isFollowed">By that of the passage, at once: both go out together.</param>
    /// <exception cref="JournalException">Nothing was written.</exception>
    public ValueTask<long> DecidedAsync(string lane, AccessRequest request, AccessDecision decision, bool isFollowed, CancellationToken cancellationToken)
    {
        var evidence = EvidenceOf(request);
        var record = new DecidedRecord
        {
            Lane = lane,
            Direction = request.Direction,
            Reader = request.Presentation.ReaderId,
            Credential = KindOf(request.Presentation.Credential),
            Person = persons.KeyOf(request.Presentation.Credential),
            MaskedName = MaskedNameOf(request, evidence),
            GuardActions = request.GuardActions is [_, ..] brought ? brought : null,
            PassUses = (request.Presentation.Credential as Credential.Pass)?.Uses,
            Outcome = decision.Outcome,
            Reasons = decision.Reasons.ToArray(),
            Rules = [.. decision.Answers.Select(answer => new RuleAnswerRecord(answer.Rule, answer.Objection?.Reason, answer.Objection?.Severity, answer.Flag))],
            Flags = decision.Flags.ToArray() is [_, ..] flags ? flags : null,
            Lists = request.Listings is [_, ..] lists ? [.. lists.Select(list => new ListUseRecord(list.List, list.Version, (long?)list.Age?.TotalSeconds))] : null,
            HealthCode = HealthCodeOf(request),
            Clock = ClockRecord.From(request.At),
            Sealed = seal.Seal(JsonSerializer.SerializeToUtf8Bytes(evidence, RecordShapes.Default.SealedEvidence)),
        };
        var write = WriterOf(DecidedRecord.Type, request.At, record, RecordShapes.Default.DecidedRecord, AlarmOf(decision));
        return isFollowed ? journal.AppendAheadAsync(write, cancellationToken) : journal.AppendAsync(write, cancellationToken);
    }

    /// <summary>Of a portal that nobody watches, or that did not move. The line's thread goes on to the next person: flushing this too, it would take a quarter fewer.</summary>
    public ValueTask<long> PassageAsync(string lane, long decision, PortalResult moved, CancellationToken cancellationToken)
    {
        var now = clock.Read();
        var record = new PassageRecord
        {
            Lane = lane,
            Decision = decision,
            Portal = moved is PortalResult.Moved ? PortalMovement.Opened : PortalMovement.Unreachable,
            Cause = (moved as PortalResult.Unreachable)?.Cause,
            Passage = moved is PortalResult.Moved ? PassageOutcome.Unobserved : PassageOutcome.NotTaken,
            Clock = ClockRecord.From(now),
        };
        return journal.AppendBehindAsync(WriterOf(PassageRecord.Type, now, record, RecordShapes.Default.PassageRecord), cancellationToken);
    }

    /// <summary>Of a portal that opened and is watched.</summary>
    public ValueTask<long> PassageAsync(string lane, long decision, PassageOutcome outcome, ClockReading at, CancellationToken cancellationToken)
    {
        var record = new PassageRecord { Lane = lane, Decision = decision, Portal = PortalMovement.Opened, Passage = outcome, Clock = ClockRecord.From(at) };
        return AppendAsync(PassageRecord.Type, at, record, RecordShapes.Default.PassageRecord, cancellationToken);
    }

    /// <summary>An alarm goes out as one, and so does its end: whoever heard of the one is to hear of the other.</summary>
    public ValueTask<long> PortalEventAsync(string lane, PortalEventKind happened, long? decision, ClockReading at, CancellationToken cancellationToken)
    {
        var record = new PortalEventRecord { Lane = lane, Event = happened, Decision = decision, Clock = ClockRecord.From(at) };
        return AppendAsync(PortalEventRecord.Type, at, record, RecordShapes.Default.PortalEventRecord, cancellationToken, AlarmOf(happened));
    }

    public ValueTask<long> DeviceEventAsync(string device, DeviceEventKind happened, ClockReading at, CancellationToken cancellationToken)
    {
        var record = new DeviceEventRecord { Device = device, Event = happened, Clock = ClockRecord.From(at) };
        return AppendAsync(DeviceEventRecord.Type, at, record, RecordShapes.Default.DeviceEventRecord, cancellationToken, alarm: $"device-{Word(happened)}");
    }

    /// <param name="alarm">A word when somebody should look at once.</param>
    public ValueTask<long> DoorContactAsync(DoorContactRecord contact, ClockReading at, string? alarm, CancellationToken cancellationToken) =>
        AppendAsync(DoorContactRecord.Type, at, contact, RecordShapes.Default.DoorContactRecord, cancellationToken, alarm);

    public ValueTask<long> ExitRequestedAsync(string lane, Objection? objection, ClockReading at, CancellationToken cancellationToken)
    {
        var record = new ExitRequestedRecord
        {
            Lane = lane,
            Outcome = objection?.Severity ?? Outcome.Granted,
            Reasons = objection is null ? [] : [objection.Reason],
            Clock = ClockRecord.From(at),
        };
        return AppendAsync(ExitRequestedRecord.Type, at, record, RecordShapes.Default.ExitRequestedRecord, cancellationToken);
    }

    public ValueTask<long> DeviceSwapAsync(DeviceSwapRecord swap, ClockReading now, CancellationToken cancellationToken) =>
        AppendAsync(
            DeviceSwapRecord.Type, now, swap, RecordShapes.Default.DeviceSwapRecord, cancellationToken, alarm: swap.Event is DeviceSwapEvent.Swapped ? "device-swapped" : null);

    public ValueTask<long> ClockSteppedAsync(ClockSteppedRecord stepped, ClockReading now, CancellationToken cancellationToken) =>
        AppendAsync(ClockSteppedRecord.Type, now, stepped, RecordShapes.Default.ClockSteppedRecord, cancellationToken);

    public ValueTask<long> RecordsDroppedAsync(RecordsDroppedRecord dropped, ClockReading now, CancellationToken cancellationToken) =>
        AppendAsync(RecordsDroppedRecord.Type, now, dropped, RecordShapes.Default.RecordsDroppedRecord, cancellationToken, alarm: "records-dropped");

    public ValueTask<long> CommandAsync(CommandRecord command, ClockReading now, CancellationToken cancellationToken) =>
        AppendAsync(CommandRecord.Type, now, command, RecordShapes.Default.CommandRecord, cancellationToken);

    public ValueTask<long> SettingsTrialAsync(SettingsTrialRecord ended, ClockReading now, CancellationToken cancellationToken) =>
        AppendAsync(SettingsTrialRecord.Type, now, ended, RecordShapes.Default.SettingsTrialRecord, cancellationToken);

    public ValueTask<long> CommandsRefusedAsync(CommandsRefusedRecord refused, ClockReading now, CancellationToken cancellationToken) =>
        AppendAsync(CommandsRefusedRecord.Type, now, refused, RecordShapes.Default.CommandsRefusedRecord, cancellationToken);

    /// <summary>As the records have the person; null when nobody could be read.</summary>
    public string? PersonOf(Credential credential) => persons.KeyOf(credential);

    /// <summary>What a portal is told of who passes: a code as it is, for controllers that know their cards; never an ID number.</summary>
    public string NameForPortal(Credential credential) =>
        credential is Credential.Code code ? code.Text : persons.KeyOf(credential) ?? "";

    public ValueTask<long> RegisterChangedAsync(RegisterChangedRecord changed, ClockReading now, CancellationToken cancellationToken) =>
        AppendAsync(RegisterChangedRecord.Type, now, changed, RecordShapes.Default.RegisterChangedRecord, cancellationToken);

    public ValueTask<long> OccupancyCorrectedAsync(OccupancyCorrectedRecord corrected, ClockReading now, CancellationToken cancellationToken) =>
        AppendAsync(OccupancyCorrectedRecord.Type, now, corrected, RecordShapes.Default.OccupancyCorrectedRecord, cancellationToken);

    private ValueTask<long> AppendAsync<T>(string type, ClockReading at, T record, JsonTypeInfo<T> shape, CancellationToken cancellationToken, string? alarm = null) =>
        journal.AppendAsync(WriterOf(type, at, record, shape, alarm), cancellationToken);

    private RecordWriter WriterOf<T>(string type, ClockReading at, T record, JsonTypeInfo<T> shape, string? alarm = null) =>
        (sequence, payload) => RecordEnvelope.Write(payload, site, gate, sequence, type, at.Wall, record, shape, alarm);

    /// <summary>Somebody who should be at home, is looked for, or is ill stands at the gate: whoever is responsible hears of it now.</summary>
    private static string? AlarmOf(AccessDecision decision)
    {
        foreach (var reason in decision.Reasons)
        {
            if (reason is DenyReason.UnderQuarantine or DenyReason.WatchListed or DenyReason.TemperatureTooHigh)
                return Word(reason);
        }
        return null;
    }

    private static string? AlarmOf(PortalEventKind happened) =>
        happened is PortalEventKind.FreeBegan or PortalEventKind.FreeEnded or PortalEventKind.PassedFreely ? null : Word(happened);

    /// <summary>Of what the person showed; a pass or code says no name, and who has it stands in the list that makes it known here.</summary>
    private static string? MaskedNameOf(AccessRequest request, SealedEvidence evidence) =>
        evidence.Name is { } name ? MaskedName.Of(name)
        : (request.Presentation.Credential as Credential.Statement)?.MaskedName ?? (request.Person is { MaskedName: { Length: > 0 } listed } ? listed : null);

    private static SealedEvidence EvidenceOf(AccessRequest request)
    {
        var evidence = new SealedEvidence
        {
            Body = request.Temperature?.Body.Degrees,
            Surface = request.Temperature?.Surface.Degrees,
            Ambient = request.Temperature?.Ambient.Degrees,
        };
        return request.Presentation.Credential switch
        {
            Credential.IdCard card => evidence with { Number = card.Number, Name = card.Name, Photo = card.Photo, AdditionalAddress = card.AdditionalAddress, ValidFrom = card.ValidFrom, ValidTo = card.ValidTo },
            Credential.Code code => evidence with { Code = code.Text },
            Credential.Pass pass => evidence with { Code = pass.Id },
            _ => evidence,
        };
    }

    private HealthCodeRecord? HealthCodeOf(AccessRequest request)
    {
        if (request.HealthCode is not JudgedHealthCode judged)
            return null;
        var record = new HealthCodeRecord { Status = Word(judged.Status), Holder = HealthCodeRule.MatchOf(request) is { } match ? Word(match) : null };
        return judged switch
        {
            JudgedHealthCode.Certificate { Result: var result } => record with
            {
                Code = result.Reference is { } reference ? persons.KeyOf("health-code", reference) : null,
                Certificate = result.Certificate is CertificateKinds.None ? null : Word(result.Certificate),
                Issuer = result.Issuer,
                Expires = result.ExpiresAt,
                FailedRules = result.FailedRules is { Count: > 0 } failed ? failed : null,
                TrustListVersion = result.TrustListVersion,
            },
            JudgedHealthCode.Asked { Answer: var answer } => record with
            {
                Code = persons.KeyOf("health-code", answer.TokenHash),
                Provider = answer.ProviderId,
                Source = Word(answer.Source),
                Colour = answer.Colour,
                TestAgeHours = answer.TestAge is { } age ? Math.Round(age.TotalHours, 1) : null,
                CachedMinutes = answer.CachedSince is { } since ? Math.Round(since.TotalMinutes, 1) : null,
                Fault = answer.Fault,
                Attempts = answer.Attempts,
                Took = Math.Round(answer.Took.TotalSeconds, 3),
            },
            _ => record,
        };
    }

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static CredentialKind KindOf(Credential credential) => credential switch
    {
        Credential.IdCard => CredentialKind.IdCard,
        Credential.Code => CredentialKind.Code,
        Credential.Pass => CredentialKind.Pass,
        Credential.Statement => CredentialKind.Statement,
        _ => CredentialKind.Unreadable,
    };
}
