using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Guards;

namespace EdgeGate.Service.GuardPost.Http;

/// <summary>
/// The one way into everything the guard post can be asked: signed in, from our own page, within the rate, and of a role that may. What is
/// mapped through this cannot forget a check.
/// </summary>
internal sealed class GuardApi(GuardSessions sessions, IEndpointRouteBuilder routes)
{
    public const string FormTokenHeader = "X-Form-Token";

    /// <summary>The browser sends a cookie of this name back only over https, to this very host, for every path.</summary>
    private const string SecureCookie = "__Host-guard";
    private const string LocalCookie = "guard";

    /// <summary>Larger than any form of the page.</summary>
    public const int LongestForm = 16 * 1024;

    /// <param name="toNobody">What somebody gets who is not signed in, where that is no fault.</param>
    public void MapGet(string path, Func<HttpContext, GuardSession, Task<IResult>> answer, GuardRole least = GuardRole.Guard, Func<IResult>? toNobody = null) =>
        routes.MapGet(path, async (HttpContext http) =>
            toNobody is not null && sessions.Find(CookieOf(http)) is null ? toNobody() : Objection(http, least, out var session) ?? await answer(http, session));

    /// <param name="shape">Asked for with the first form that comes, for making it takes a while, and a gate starts in a hurry.</param>
    /// <param name="change">Gets the form, whole and of its type.</param>
    public void MapPost<TForm>(string path, Func<GuardShapes, JsonTypeInfo<TForm>> shape, Func<HttpContext, GuardSession, TForm, Task<IResult>> change, GuardRole least = GuardRole.Guard)
        where TForm : class =>
        routes.MapPost(path, async (HttpContext http) =>
            Objection(http, least, out var session) ?? (await ReadAsync(http, shape(GuardJson.Shapes)) is { } form ? await change(http, session, form) : BadForm));

    public static IResult BadForm { get; } = Refused(StatusCodes.Status400BadRequest, "bad-form");

    public static IResult Refused(int status, string error, double? wait = null, string? by = null) =>
        TypedResults.Json(new RefusedAnswer(error, wait, by), GuardJson.Shapes.RefusedAnswer, statusCode: status);

    /// <summary>Null when it is too large, no JSON, or not of this shape.</summary>
    public static async Task<TForm?> ReadAsync<TForm>(HttpContext http, JsonTypeInfo<TForm> shape)
        where TForm : class
    {
        if (!http.Request.HasJsonContentType() || http.Request.ContentLength is not <= LongestForm)
            return null; // also one whose length is not told
        try
        {
            return await JsonSerializer.DeserializeAsync(http.Request.Body, shape, http.RequestAborted);
        }
        catch (Exception unreadable) when (unreadable is JsonException or BadHttpRequestException)
        {
            return null;
        }
    }

    public static string? CookieOf(HttpContext http) => http.Request.Cookies[http.Request.IsHttps ? SecureCookie : LocalCookie];

    public static void SetSessionCookie(HttpContext http, string? value) => SetCookie(http, http.Request.IsHttps ? SecureCookie : LocalCookie, value, maxAge: null);

    /// <param name="value">Null takes the cookie away.</param>
    /// <param name="maxAge">Null: until the browser is closed.</param>
    public static void SetCookie(HttpContext http, string name, string? value, TimeSpan? maxAge)
    {
        var options = new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, Path = "/", MaxAge = maxAge, IsEssential = true };
        if (value is null)
            http.Response.Cookies.Delete(name, options);
        else
            http.Response.Cookies.Append(name, value, options);
    }

    /// <returns>Why it is not answered; null when it is, and then there is a session.</returns>
    private IResult? Objection(HttpContext http, GuardRole least, out GuardSession session)
    {
        session = null!;
        if (sessions.Find(CookieOf(http)) is not { } found)
            return Refused(StatusCodes.Status401Unauthorized, "signed-out");
        session = found;
        var isChange = !HttpMethods.IsGet(http.Request.Method);
        if (isChange && !(HostCheck.IsSameSite(http.Request) && IsFormToken(http.Request.Headers[FormTokenHeader].ToString(), session)))
            return Refused(StatusCodes.Status403Forbidden, "not-from-here");
        if (!session.MayAskNow())
            return Refused(StatusCodes.Status429TooManyRequests, "too-fast", wait: 1);
        if (session.Role < least)
            return Refused(StatusCodes.Status403Forbidden, "not-allowed");
        if (isChange)
            sessions.Touch(session);
        return null;
    }

    private static bool IsFormToken(string written, GuardSession session) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(written), Encoding.ASCII.GetBytes(session.FormToken));
}
