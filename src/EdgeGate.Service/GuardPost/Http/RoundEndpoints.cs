using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Rounds;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost.Http;

/// <param name="Form">Made by the phone; the same when it has to send again.</param>
/// <param name="Place">A scanned code, or a place's id as it was typed.</param>
/// <param name="EnteredAt">By the phone's clock, in what it tells late.</param>
/// <param name="SentAt">By the phone's clock too.</param>
internal sealed record RoundForm(Guid? Form, string? Place, RoundTask? Task, string? Note, DateTimeOffset? EnteredAt, DateTimeOffset? SentAt);

internal sealed record RoundsPicture(IReadOnlyList<DutyPicture> Duties);

/// <param name="Last">When it was last done; null when never.</param>
/// <param name="DueIn">Minutes, negative when overdue; null when nobody says how often, or it was never done.</param>
internal sealed record DutyPicture(string Place, string Name, string? Building, RoundTask Task, string? Last, string? By, int? DueIn, bool IsOverdue);

/// <summary>Rounds: what is overdue, and what was done.</summary>
internal static class RoundEndpoints
{
    private const int LongestCode = 128, LongestNote = 500;

    public static void MapRounds(this GuardApi api, IServiceProvider services)
    {
        var desk = services.GetRequiredService<RoundDesk>();
        api.MapGet("/api/rounds", (_, _) => Task.FromResult<IResult>(TypedResults.Json(new RoundsPicture([.. desk.Duties.Select(PictureOf)]), GuardJson.Shapes.RoundsPicture)));
        api.MapPost("/api/round", shapes => shapes.RoundForm, async (_, session, form) =>
            form is { Form: { } id, Place: { Length: > 0 and <= LongestCode } place, Task: { } task, Note: not { Length: > LongestNote } }
                ? LiveEndpoints.ResultOf(await desk.DoneAsync(session, place.Trim(), task, string.IsNullOrWhiteSpace(form.Note) ? null : form.Note, id, ToldLate.Of(form.EnteredAt, form.SentAt)))
                : GuardApi.BadForm);
    }

    private static DutyPicture PictureOf(RoundDuty duty) => new(
        duty.Place.Id, duty.Place.Name, duty.Place.Building, duty.Task, duty.Last?.At.Wall.ToString("MM-dd HH:mm"), duty.Last?.By,
        duty.DueIn is { } due ? (int)Math.Floor(due.TotalMinutes) : null, duty.IsOverdue);
}
