using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.GuardPost.Visitors;
using EdgeGate.Service.Passing;

namespace EdgeGate.Service.GuardPost.Http;

/// <summary>The live view: what stands before each lane, and a guard's answers.</summary>
internal static class LiveEndpoints
{
    /// <summary>The page calls itself out of date after three missed beats.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    private const int LongestNote = 500;

    public static void MapLive(this GuardApi api, IServiceProvider services)
    {
        var (lanes, desk) = (services.GetRequiredService<Lanes>(), services.GetRequiredService<GuardDesk>());
        var signIn = services.GetRequiredService<SignIn>();
        MapEvents(api, services);
        api.MapPost("/api/answer", shapes => shapes.AnswerForm, async (http, session, form) =>
        {
            if (lanes.Find(form.Lane ?? "") is not { } lane || form.Decision is not > 0 || ActionOf(form) is not { } action)
                return GuardApi.BadForm;
            if (form is { Supervisor: { Length: <= 64 } supervisor, SupervisorSecret: { Length: <= GuardSecret.Longest } secret })
            {
                var answer = await signIn.ApproveAsync(supervisor, secret, session, http.RequestAborted);
                if (answer is not SignInAnswer.Right { Guard: { Role: >= GuardRole.Supervisor } approving })
                    return GuardApi.Refused(StatusCodes.Status403Forbidden, "not-approved", (answer as SignInAnswer.Wait)?.For.TotalSeconds);
                action = action with { ApprovedBy = approving.Id };
            }
            return ResultOf(await desk.AnswerAsync(session, lane, action, http.RequestAborted));
        });
        var visitors = services.GetRequiredService<VisitorDesk>();
        api.MapPost("/api/open", shapes => shapes.OpenForm, async (_, session, form) =>
        {
            if (lanes.Find(form.Lane ?? "") is not { } lane || !GuardWords.OpenReasons.Contains(form.Reason ?? "") || !IsNote(form.Note))
                return GuardApi.BadForm;
            var opening = new GuardAction(GuardActionKind.OpenOnce, Reason: form.Reason, Words: WordsOf(form.Note));
            return ResultOf(form.Visitor is { } visitor ? await visitors.LetInAsync(session, lane, visitor, opening) : await desk.OpenOnceAsync(session, lane, opening));
        });
        api.MapPost("/api/mode", shapes => shapes.ModeForm, async (_, session, form) =>
            lanes.Find(form.Lane ?? "") is { } lane && form.Mode is null == form.ByHours is true ? ResultOf(await desk.SetModeAsync(session, lane, form.Mode)) : GuardApi.BadForm,
            least: GuardRole.Supervisor);
        api.MapPost("/api/count", shapes => shapes.CountForm, (_, session, form) =>
            Task.FromResult(form.Inside is { } inside ? ResultOf(desk.CorrectOccupancy(session, inside)) : GuardApi.BadForm),
            least: GuardRole.Supervisor);
    }

    public static IResult ResultOf(DeskAnswer answer) => answer switch
    {
        DeskAnswer.Done(var notOpened) => TypedResults.Json(new DoneAnswer(notOpened), GuardJson.Shapes.DoneAnswer),
        DeskAnswer.Gone(var end) => TypedResults.Json(
            new RefusedAnswer("gone", By: end?.By, End: end?.End), GuardJson.Shapes.RefusedAnswer, statusCode: StatusCodes.Status409Conflict),
        DeskAnswer.NeedsSupervisor => GuardApi.Refused(StatusCodes.Status403Forbidden, "needs-supervisor"),
        DeskAnswer.Refused(var word) => GuardApi.Refused(StatusCodes.Status409Conflict, word),
        _ => GuardApi.Refused(StatusCodes.Status503ServiceUnavailable, "not-recorded"),
    };

    /// <summary>Null when the form asks for nothing that can be done.</summary>
    private static GuardAction? ActionOf(AnswerForm form) => form.Wish switch
    {
        CaseEnd.Granted when GuardWords.GrantReasons.Contains(form.Reason ?? "") && IsNote(form.Note) =>
            new GuardAction(GuardActionKind.Grant, Decision: form.Decision, Reason: form.Reason, Words: WordsOf(form.Note)),
        CaseEnd.Denied when GuardWords.DenyReasons.Contains(form.Reason ?? "") && IsNote(form.Note) =>
            new GuardAction(GuardActionKind.Deny, Decision: form.Decision, Reason: form.Reason, Words: WordsOf(form.Note)),
        CaseEnd.MeasuredAgain => new GuardAction(GuardActionKind.MeasureAgain, Decision: form.Decision),
        _ => null,
    };

    private static bool IsNote(string? note) => note is not { Length: > LongestNote };

    private static SealedGuardWords? WordsOf(string? note) => string.IsNullOrWhiteSpace(note) ? null : new SealedGuardWords { Note = note };

    private static void MapEvents(GuardApi api, IServiceProvider services)
    {
        var (board, sessions) = (services.GetRequiredService<GuardBoard>(), services.GetRequiredService<GuardSessions>());
        var time = services.GetRequiredService<TimeProvider>();
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var version = typeof(LiveEndpoints).Module.ModuleVersionId.ToString("N");
        api.MapGet("/api/events", (http, session) =>
        {
            if (!board.TryEnter())
                return Task.FromResult(GuardApi.Refused(StatusCodes.Status503ServiceUnavailable, "full", wait: 5));
            http.Response.OnCompleted(() =>
            {
                board.Leave();
                return Task.CompletedTask;
            });
            return Task.FromResult<IResult>(TypedResults.ServerSentEvents(Events(board, session, sessions, version, time, stopping)));
        });
    }

    /// <summary>Ends when the session does. The heartbeat is the picture itself, so that whatever went wrong in a page is put right a second later.</summary>
    private static async IAsyncEnumerable<SseItem<string>> Events(
        GuardBoard board, GuardSession session, GuardSessions sessions, string version, TimeProvider time, [EnumeratorCancellation] CancellationToken ending)
    {
        yield return new SseItem<string>(version, "version") { ReconnectionInterval = Heartbeat };
        while (!ending.IsCancellationRequested && sessions.IsAlive(session))
        {
            var changed = board.Changed; // before the picture, or a change in between is missed
            yield return new SseItem<string>(JsonSerializer.Serialize(board.Picture(), GuardJson.Shapes.BoardPicture));
            await changed.WaitAsync(Heartbeat, time, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
