using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Deliveries;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost.Http;

/// <param name="Form">Made by the phone; the same when it has to send again. Also the delivery's id from now on.</param>
/// <param name="Announced">True when a household only said that it will come.</param>
/// <param name="EnteredAt">By the phone's clock, in what it tells late.</param>
/// <param name="SentAt">By the phone's clock too.</param>
internal sealed record DeliveryForm(Guid? Form, string? Building, string? Unit, string? Phone, bool? Announced, DateTimeOffset? EnteredAt, DateTimeOffset? SentAt);

internal sealed record DeliveryStepForm(Guid? Form, Guid? Delivery, DeliveryState? State, DateTimeOffset? EnteredAt, DateTimeOffset? SentAt);

internal sealed record DeliveriesPicture(IReadOnlyList<DeliveryPicture> Deliveries);

/// <param name="Phone">Masked.</param>
/// <param name="StandsFor">Seconds that it must still stand; null unless it is disinfected.</param>
/// <param name="At">When it came into its state; of what a household announced, from when until when it is expected.</param>
/// <param name="What">A word, from the household; <paramref name="Name"/> is masked.</param>
internal sealed record DeliveryPicture(
    Guid Id, string Building, string Unit, int? Slot, string? Phone, DeliveryState State, int? StandsFor, string By, string At, string? What, string? Name);

/// <summary>The hand-over area.</summary>
internal static class DeliveryEndpoints
{
    private const int LongestUnit = 32, MostShown = AnnouncedAtHome.Most + 200;

    public static void MapDeliveries(this GuardApi api, IServiceProvider services)
    {
        var desk = services.GetRequiredService<DeliveryDesk>();
        api.MapGet("/api/deliveries", (_, _) => Task.FromResult<IResult>(TypedResults.Json(
            new DeliveriesPicture([.. desk.All.Take(MostShown).Select(delivery => PictureOf(delivery, desk.StandsFor(delivery)))]),
            GuardJson.Shapes.DeliveriesPicture)));
        api.MapPost("/api/delivery", shapes => shapes.DeliveryForm, async (_, session, form) =>
            form is { Form: { } id, Building: { } building, Unit: { Length: > 0 and <= LongestUnit } unit } && TryReadPhone(form.Phone, out var phone)
                ? LiveEndpoints.ResultOf(await desk.EnterAsync(session, new EnteredDelivery(id, building, unit, phone, IsHere: form.Announced is not true), id, ToldLate.Of(form.EnteredAt, form.SentAt)))
                : GuardApi.BadForm);
        api.MapPost("/api/delivery-step", shapes => shapes.DeliveryStepForm, async (_, session, form) =>
            form is { Form: { } id, Delivery: { } delivery, State: { } state }
                ? LiveEndpoints.ResultOf(await desk.StepAsync(session, delivery, state, id, ToldLate.Of(form.EnteredAt, form.SentAt)))
                : GuardApi.BadForm);
    }

    /// <param name="digits">Null when nothing was written.</param>
    /// <returns>False when it is no telephone number.</returns>
    private static bool TryReadPhone(string? written, out string? digits)
    {
        digits = string.Concat((written ?? "").Where(character => !char.IsWhiteSpace(character) && character is not ('-' or '+')));
        if (digits.Length == 0)
            digits = null;
        return digits is null or { Length: >= 5 and <= 20 } && digits?.All(char.IsAsciiDigit) is not false;
    }

    private static DeliveryPicture PictureOf(Delivery delivery, TimeSpan? stands) => new(
        delivery.Id, delivery.Building, delivery.Unit, delivery.Slot, delivery.CourierPhone, delivery.State,
        stands is { } left ? (int)Math.Ceiling(left.TotalSeconds) : null, delivery.By,
        delivery is { State: DeliveryState.Announced, Announced: { } expected } ? VisitorEndpoints.PeriodOf(expected) : delivery.At.Wall.ToString("MM-dd HH:mm"),
        delivery.Announced?.What, delivery.Announced?.MaskedName);
}
