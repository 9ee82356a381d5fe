using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.GuardPost.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace EdgeGate.Service.GuardPost;

/// <summary>The guard post over HTTP: one page with its files, and what it asks for.</summary>
internal static class GuardPostEndpoints
{
    /// <summary>Not a secret and not a session: only tells the lock-out that a guard signed in on this phone before.</summary>
    private const string PhoneCookie = "guard-phone";

    private static readonly TimeSpan PhoneIsKnownFor = TimeSpan.FromDays(180);

    // As the kiosk's, and the camera for this page alone.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private const string Resources = "GuardPost/", Page = "guard.html";

    private static readonly Dictionary<string, string> ContentTypes = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

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
        foreach (var resource in typeof(GuardPostEndpoints).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Resources, StringComparison.Ordinal)))
            MapFile(guard, resource);
        var api = new GuardApi(services.GetRequiredService<GuardSessions>(), guard);
        MapSignIn(guard, api, services);
        api.MapLive(services);
        api.MapVisitors(services);
        api.MapShift(services);
    }

    private static void MapSignIn(RouteGroupBuilder guard, GuardApi api, IServiceProvider services)
    {
        var sessions = services.GetRequiredService<GuardSessions>();
        var records = services.GetRequiredService<GuardRecords>();
        guard.MapPost("/api/sign-in", (Delegate)((HttpContext http) => SignInAsync(http, services))); // not as a RequestDelegate, which would drop the answer
        api.MapGet("/api/session", (_, session) => Task.FromResult<IResult>(AnswerOf(session)), toNobody: TypedResults.NoContent());
        api.MapPost("/api/sign-out", GuardJson.Shapes.EmptyForm, async (http, session, _) =>
        {
            sessions.Close(session);
            GuardApi.SetSessionCookie(http, null);
            await RecordedAsync(records.SessionAsync(session, GuardSessionEvent.SignedOut, CancellationToken.None));
            return TypedResults.NoContent();
        });
    }

    private static async Task<IResult> SignInAsync(HttpContext http, IServiceProvider services)
    {
        if (!HostCheck.IsSameSite(http.Request))
            return GuardApi.Refused(StatusCodes.Status403Forbidden, "not-from-here");
        if (await GuardApi.ReadAsync(http, GuardJson.Shapes.SignInForm) is not { Guard: { Length: <= 64 } id, Secret: { Length: <= GuardSecret.Longest } secret })
            return GuardApi.BadForm;
        var phones = services.GetRequiredService<KnownPhones>();
        var answer = await services.GetRequiredService<SignIn>().CheckAsync(
            id, secret, http.Request.Cookies[PhoneCookie], http.Connection.RemoteIpAddress ?? IPAddress.None, http.RequestAborted);
        switch (answer)
        {
            case SignInAnswer.Right(var guard):
                var (session, cookie) = services.GetRequiredService<GuardSessions>().Open(guard);
                if (!await RecordedAsync(services.GetRequiredService<GuardRecords>().SessionAsync(session, GuardSessionEvent.SignedIn, CancellationToken.None)))
                {
                    services.GetRequiredService<GuardSessions>().Close(session);
                    return GuardApi.Refused(StatusCodes.Status503ServiceUnavailable, "not-recorded");
                }
                GuardApi.SetSessionCookie(http, cookie);
                GuardApi.SetCookie(http, PhoneCookie, phones.NewCookie(guard), PhoneIsKnownFor);
                return AnswerOf(session);
            case SignInAnswer.Wait(var wait):
                http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                return GuardApi.Refused(StatusCodes.Status429TooManyRequests, "wait", Math.Ceiling(wait.TotalSeconds));
            default:
                return GuardApi.Refused(StatusCodes.Status401Unauthorized, "wrong");
        }
    }

    private static JsonHttpResult<SessionAnswer> AnswerOf(GuardSession session) =>
        TypedResults.Json(new SessionAnswer(session.Guard, session.Role, session.FormToken), GuardJson.Shapes.SessionAnswer);

    /// <returns>False when the journal takes no records.</returns>
    private static async Task<bool> RecordedAsync(ValueTask<long> record)
    {
        try
        {
            await record;
            return true;
        }
        catch (JournalException)
        {
            return false; // the journal itself tells of its failure, in the log and under /health
        }
    }

    private static void MapFile(RouteGroupBuilder guard, string resource)
    {
        using var file = typeof(GuardPostEndpoints).Assembly.GetManifestResourceStream(resource)!;
        using var content = new MemoryStream();
        file.CopyTo(content);
        var bytes = content.ToArray();
        var name = resource[Resources.Length..];
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\"");
        guard.MapGet(name == Page ? "" : "/" + name, () => TypedResults.Bytes(bytes, ContentTypes[Path.GetExtension(name)], entityTag: tag));
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-cache";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()";
    }
}
