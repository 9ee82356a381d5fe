using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Access;
using EdgeGate.Devices.Ports;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.Journal;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Health;

/// <summary>What <c>/health</c> answers: the state of every part, in words; 200 when all is well, else 503.</summary>
internal sealed record HealthReport(
    string Status, string Site, string Gate, string Clock, IReadOnlyList<LaneReport> Lanes, JournalHealth Journal, UplinkHealth Uplink, HealthCodesHealth HealthCodes, IReadOnlyList<RegisterHealth> Registers, long? Inside, IReadOnlyCollection<DeviceStatus> Devices);

/// <param name="Mode">A portal mode.</param>
/// <param name="InService">Whether anybody can pass: something to read, something to open, a journal that takes records.</param>
internal sealed record LaneReport(string Id, string Mode, bool InService);

internal sealed record JournalHealth(long Last, long AcknowledgedUpTo, long Backlog, long Dropped, int DeadLetters, string? Failure);

internal sealed record UplinkHealth(string State, string? Cause, long BrokerHasUpTo, long RefusedReceipts);

/// <param name="Version">In force; null while there is none.</param>
/// <param name="AgeHours">Null when the clock cannot tell.</param>
/// <param name="Fault">What keeps it from being as new as it could be.</param>
internal sealed record RegisterHealth(string Name, long? Version, int Persons, double? AgeHours, string? Fault);

/// <param name="TrustList">Version in use; null without one.</param>
/// <param name="SuspendedProviders">Those that are not asked for a while, because they failed again and again.</param>
/// <param name="Faults">What keeps a list from being as it should be, in words.</param>
internal sealed record HealthCodesHealth(long? TrustList, DateTimeOffset? TrustListExpires, IReadOnlyList<string> SuspendedProviders, IReadOnlyList<string> Faults);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthReport))]
internal sealed partial class HealthShapes : JsonSerializerContext;

internal static class HealthEndpoint
{
    public static void MapHealth(this IEndpointRouteBuilder routes, string site, string gate)
    {
        var services = routes.ServiceProvider;
        var journal = services.GetRequiredService<GateJournal>();
        var devices = services.GetRequiredService<DeviceBoard>();
        var clock = services.GetRequiredService<GateClock>();
        var uplink = services.GetService<UplinkStatus>();
        var lanes = services.GetRequiredService<Lanes>();
        var lists = services.GetRequiredService<HealthCodeLists>();
        var registers = services.GetRequiredService<RegisterShelf>();
        var occupancy = services.GetRequiredService<SiteOccupancy>();
        var providers = services.GetRequiredService<IReadOnlyDictionary<string, HttpHealthCodeProvider>>();

        routes.MapGet("/health", () =>
        {
            var failing = devices.Devices.Where(device => device.State is not DeviceState.Connected).Select(device => device.DeviceId).ToArray();
            var ok = journal.Status is { Failure: null, DeadLetters.Count: 0 } && failing.Length == 0 && lists.Faults.Count == 0 && registers.Faults.IsEmpty;
            var report = new HealthReport(
                ok ? "ok" : "degraded",
                site,
                gate,
                clock.Read().Grade.ToString(),
                [.. lanes.All.Select(lane => new LaneReport(lane.Id, JsonNamingPolicy.KebabCaseLower.ConvertName(lane.Mode.Current.ToString()), lane.Health.IsInService))],
                new(journal.LastSequence, journal.AcknowledgedUpTo, journal.Backlog, journal.Status.Dropped, journal.Status.DeadLetters.Count, journal.Status.Failure?.Message),
                uplink is null
                    ? new("NotConfigured", "no broker in the settings: records stay at the gate", 0, 0)
                    : new((uplink.Link?.Phase ?? Mqtt.MqttLinkPhase.Stopped).ToString(), uplink.Link?.Cause, uplink.BrokerHasUpTo, uplink.RefusedReceipts),
                new(
                    lists.Trust.Current?.Version, lists.Trust.Current?.Document.ExpiresAt,
                    [.. providers.Values.Where(provider => provider.IsSuspended).Select(provider => provider.Id)], lists.Faults),
                RegistersOf(registers, clock.Read()),
                occupancy.Inside,
                devices.Devices);
            return TypedResults.Json(report, HealthShapes.Default.HealthReport, statusCode: ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }

    private static RegisterHealth[] RegistersOf(RegisterShelf registers, ClockReading now)
    {
        var names = registers.All.Select(register => register.Name).Union(registers.Faults.Keys).Order(StringComparer.Ordinal);
        return [.. names.Select(name => registers.Find(name) is { } register
            ? new RegisterHealth(name, register.Version, register.Persons.Count, register.AgeAt(now) is { } age ? Math.Round(age.TotalHours, 1) : null, registers.Faults.GetValueOrDefault(name))
            : new RegisterHealth(name, null, 0, null, registers.Faults.GetValueOrDefault(name)))];
    }
}
