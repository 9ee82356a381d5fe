using System.Globalization;
using System.Text;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.GuardPost.Shift;
using EdgeGate.Service.GuardPost.Visitors;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost.Http;

/// <param name="Form">Made by the phone; the same when it has to send again.</param>
internal sealed record NoteForm(Guid? Form, string? Text, DateTimeOffset? EnteredAt);

internal sealed record ShiftPicture(IReadOnlyList<NotePicture> Notes, SummaryPicture Today);

internal sealed record NotePicture(string By, string Text, string At);

/// <param name="In">By the hour, 24 numbers.</param>
internal sealed record SummaryPicture(
    string Day, int[] In, int[] Out, int Denied, int Fever, int GuardCases, int LetPassByGuards, int OpenedByGuards, int Vouched, int VisitorsInside);

/// <summary>Hand-over between shifts, and the day in numbers.</summary>
internal static class ShiftEndpoints
{
    private const int LongestNote = 1000;

    public static void MapShift(this GuardApi api, IServiceProvider services)
    {
        var (notes, days) = (services.GetRequiredService<ShiftNotes>(), services.GetRequiredService<DayFollower>());
        var (desk, forms) = (services.GetRequiredService<GuardDesk>(), services.GetRequiredService<SentForms>());
        var (visitors, clock) = (services.GetRequiredService<VisitorBook>(), services.GetRequiredService<GateClock>());

        api.MapGet("/api/shift", (_, _) => Task.FromResult<IResult>(TypedResults.Json(
            new ShiftPicture([.. notes.All.Select(note => new NotePicture(note.By, note.Text, note.At.ToString("MM-dd HH:mm")))], Today()), GuardJson.Shapes.ShiftPicture)));
        api.MapGet("/api/day.csv", (_, _) =>
        {
            var today = Today();
            return Task.FromResult<IResult>(TypedResults.File(Encoding.UTF8.GetBytes(CsvOf(today)), "text/csv; charset=utf-8", $"edgegate-{today.Day}.csv"));
        });
        api.MapPost("/api/note", shapes => shapes.NoteForm, async (_, session, form) =>
        {
            if (form is not { Form: { } id, Text: { Length: <= LongestNote } text } || string.IsNullOrWhiteSpace(text))
                return GuardApi.BadForm;
            return LiveEndpoints.ResultOf(await forms.OnceAsync(id, () => TakeAsync(session, id, text, form.EnteredAt)));
        });

        async Task<DeskAnswer> TakeAsync(GuardSession session, Guid id, string text, DateTimeOffset? enteredAt)
        {
            var action = new GuardAction(GuardActionKind.HandOver, Words: new SealedGuardWords { Note = text }) { Form = id.ToString("N"), EnteredAt = enteredAt };
            if (await desk.RecordAsync(session, action) is null)
                return new DeskAnswer.NotRecorded();
            try
            {
                notes.Add(ShiftNote.Of(session.Guard, text, clock.Read()));
                forms.Take(id);
                return new DeskAnswer.Done();
            }
            catch (IOException)
            {
                return new DeskAnswer.Refused("not-kept");
            }
        }

        SummaryPicture Today() => days.Read(DateOnly.FromDateTime(clock.Read().Wall.DateTime), day => new SummaryPicture(
            day.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), [.. day.In], [.. day.Out], day.Denied, day.Fever, day.GuardCases, day.LetPassByGuards,
            day.OpenedByGuards, day.Vouched, visitors.All.Count(visitor => visitor.State is VisitorState.Inside)));
    }

    /// <summary>With a mark at the beginning, by which Excel knows UTF-8.</summary>
    private static string CsvOf(SummaryPicture day)
    {
        var text = new StringBuilder("\uFEFF").Append("date,hour,in,out\r\n");
        for (var hour = 0; hour < day.In.Length; hour++)
            text.Append($"{day.Day},{hour:00},{day.In[hour]},{day.Out[hour]}\r\n");
        text.Append("\r\ndate,what,count\r\n");
        foreach (var (what, count) in new[]
        {
            ("denied", day.Denied), ("fever", day.Fever), ("guard cases", day.GuardCases), ("let pass by guards", day.LetPassByGuards),
            ("opened by guards", day.OpenedByGuards), ("vouched for", day.Vouched), ("visitors inside", day.VisitorsInside),
        })
            text.Append($"{day.Day},{what},{count}\r\n");
        return text.ToString();
    }
}
