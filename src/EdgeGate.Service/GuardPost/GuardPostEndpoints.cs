using System.Globalization;
using System.Net;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Deliveries;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.GuardPost.Http;
using EdgeGate.Service.GuardPost.Rounds;
using EdgeGate.Service.GuardPost.Visitors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeGate.Service.GuardPost;

/// <summary>The guard post over HTTP: one page with its files, and what it asks for.</summary>
internal static class GuardPostEndpoints
{
    /// <summary>Not a secret and not a session: only tells the lock-out that a guard signed in on this phone before.</summary>
    private const string PhoneCookie = "guard-phone";

    private static readonly TimeSpan PhoneIsKnownFor = TimeSpan.FromDays(180);

    /// <summary>Maps <c>/guard</c> and everything below. Needs what <see cref="GuardPostSetup"/> adds.</summary>
    public static void MapGuardPost(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var hosts = new HostCheck(services.GetRequiredService<GuardPostOptions>().HostNames);
        var guard = routes.MapGroup("/guard").AddEndpointFilter((context, next) =>
        {
            SetHeaders(context.HttpContext.Response.Headers);
            return hosts.IsOurs(context.HttpContext.Request.Host)
                ? next(context)
                : ValueTask.FromResult<object?>(GuardApi.Refused(StatusCodes.Status421MisdirectedRequest, "not-this-host"));
        });
        guard.MapPageFiles(services.GetRequiredService<CameraModule>());
        var api = new GuardApi(services.GetRequiredService<GuardSessions>(), guard);
        MapSignIn(guard, api, services);
        api.MapLive(services);
        api.MapVisitors(services);
        api.MapRounds(services);
        api.MapDeliveries(services);
        api.MapShift(services);
    }

    private static void MapSignIn(RouteGroupBuilder guard, GuardApi api, IServiceProvider services)
    {
        var sessions = services.GetRequiredService<GuardSessions>();
        var records = services.GetRequiredService<GuardRecords>();
        guard.MapPost("/api/sign-in", (Delegate)((HttpContext http) => SignInAsync(http, services))); // not as a RequestDelegate, which would drop the answer
        var book = services.GetRequiredService<GuardBook>();
        api.MapGet("/api/session", (_, session) => Task.FromResult<IResult>(AnswerOf(session, services)), toNobody: () =>
            book.All(out var fault).Count == 0 && fault is null ? TypedResults.Json(new NobodyAnswer(NoAccounts: true), GuardJson.Shapes.NobodyAnswer) : TypedResults.NoContent());
        api.MapPost("/api/sign-out", shapes => shapes.EmptyForm, async (http, session, _) =>
        {
            sessions.Close(session);
            GuardApi.SetSessionCookie(http, null);
            await GuardRecords.WasKeptAsync(records.SessionAsync(session, GuardSessionEvent.SignedOut, CancellationToken.None));
            return TypedResults.NoContent();
        });
    }

    private static async Task<IResult> SignInAsync(HttpContext http, IServiceProvider services)
    {
        if (!HostCheck.IsSameSite(http.Request))
            return GuardApi.Refused(StatusCodes.Status403Forbidden, "not-from-here");
        if (await GuardApi.ReadAsync(http, GuardJson.Shapes.SignInForm) is not { Guard: { Length: <= 64 } id, Secret: { Length: <= GuardSecret.Longest } secret })
            return GuardApi.BadForm;
        var phones = services.GetRequiredService<KnownDevices>();
        var answer = await services.GetRequiredService<SignIn>().CheckAsync(
            id, secret, http.Request.Cookies[PhoneCookie], http.Connection.RemoteIpAddress ?? IPAddress.None, http.RequestAborted);
        switch (answer)
        {
            case SignInAnswer.Right(var guard):
                var (session, cookie) = services.GetRequiredService<GuardSessions>().Open(guard);
                if (!await GuardRecords.WasKeptAsync(services.GetRequiredService<GuardRecords>().SessionAsync(session, GuardSessionEvent.SignedIn, CancellationToken.None)))
                {
                    services.GetRequiredService<GuardSessions>().Close(session);
                    return GuardApi.Refused(StatusCodes.Status503ServiceUnavailable, "not-recorded");
                }
                GuardApi.SetSessionCookie(http, cookie);
                GuardApi.SetCookie(http, PhoneCookie, phones.NewCookie(guard.PhoneOwner), PhoneIsKnownFor);
                return AnswerOf(session, services);
            case SignInAnswer.Wait(var wait):
                http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                return GuardApi.Refused(StatusCodes.Status429TooManyRequests, "wait", Math.Ceiling(wait.TotalSeconds));
            default:
                return GuardApi.Refused(StatusCodes.Status401Unauthorized, "wrong");
        }
    }

    private static JsonHttpResult<SessionAnswer> AnswerOf(GuardSession session, IServiceProvider services) => TypedResults.Json(
        new SessionAnswer(
            session.Guard, session.Role, session.FormToken, services.GetRequiredService<CameraModule>().IsInstalled, services.GetRequiredService<PassDesk>().CanIssue,
            services.GetRequiredService<RoundDesk>().Duties.Count > 0, [.. services.GetRequiredService<DeliveryDesk>().Shelves.Select(shelf => shelf.Building)]),
        GuardJson.Shapes.SessionAnswer);

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = PageFiles.ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-cache";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()";
    }
}
