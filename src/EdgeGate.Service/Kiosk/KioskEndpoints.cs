using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Service.Kiosk.Voice;
using EdgeGate.Service.Settings;
using Microsoft.Net.Http.Headers;

namespace EdgeGate.Service.Kiosk;

/// <summary>The kiosk over HTTP: a page, its files, its voice, and a stream of pictures. Everything answers GET only.</summary>
internal static class KioskEndpoints
{
    /// <summary>The page calls itself out of date after three missed beats.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    // Nothing but our own files, no framing, no forms, no script written into the page.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    /// <summary>
    /// Maps <c>/kiosk</c>, its files and <c>/kiosk/events</c>, and leads <c>/</c> there. Which lane's screen it is says <c>?lane=</c>; without it, it
    /// is the first one's. Needs <see cref="TimeProvider"/> as a singleton.
    /// </summary>
    /// <param name="routes">Where to map.</param>
    /// <param name="screenOf">The screen of a lane, or of the first one for null; null when there is no such lane.</param>
    /// <param name="voice">Where the prompts are; null for a silent kiosk.</param>
    /// <param name="language">The one that leads where the address does not ask for another.</param>
    /// <param name="version">A page that finds another version behind its stream loads itself anew; by default the build's identity.</param>
    public static void MapKiosk(
        this IEndpointRouteBuilder routes, Func<string?, KioskScreen?> screenOf, VoiceFiles? voice = null, KioskLanguage language = KioskLanguage.Zh, string? version = null)
    {
        version ??= typeof(KioskEndpoints).Module.ModuleVersionId.ToString("N");
        var time = routes.ServiceProvider.GetRequiredService<TimeProvider>();
        var stopping = routes.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

        var kiosk = routes.MapGroup("").AddEndpointFilter(SecurityHeaders);
        kiosk.MapGet("/", () => TypedResults.Redirect("/kiosk"));
        var page = Encoding.UTF8.GetString(PageFile("kiosk.html"))
            .Replace("{version}", version, StringComparison.Ordinal).Replace("{language}", language is KioskLanguage.En ? "en" : "zh", StringComparison.Ordinal);
        MapFile(kiosk, "/kiosk", "text/html; charset=utf-8", Encoding.UTF8.GetBytes(page), lane => screenOf(lane) is not null);
        MapFile(kiosk, "/kiosk/kiosk.css", "text/css; charset=utf-8", PageFile("kiosk.css"));
        MapFile(kiosk, "/kiosk/kiosk.js", "text/javascript; charset=utf-8", PageFile("kiosk.js"));
        MapFile(kiosk, "/kiosk/voice.js", "text/javascript; charset=utf-8", PageFile("voice.js"));
        MapFile(kiosk, "/kiosk/icon.svg", "image/svg+xml", PageFile("icon.svg"));
        kiosk.MapGet("/kiosk/voice/{spoken}/{prompt}.wav", IResult (string spoken, string prompt) => voice?.Find(spoken, prompt) is { } sound
            ? TypedResults.PhysicalFile(sound, "audio/wav", enableRangeProcessing: true)
            : TypedResults.NotFound());
        kiosk.MapGet("/kiosk/events", IResult (HttpContext http, string? lane) =>
        {
            if (screenOf(lane) is not { } screen)
                return TypedResults.NotFound();
            if (screen.Board.TryWatch() is not { } watcher)
                return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
            http.Response.RegisterForDispose(watcher);
            // The result itself ends the stream when the browser goes. Without our token an open stream would also hold a
            // stopping service up until the host's shutdown time-out.
            return TypedResults.ServerSentEvents(Events(screen, watcher, version, time, stopping));
        });
    }

    private static async IAsyncEnumerable<SseItem<string>> Events(
        KioskScreen screen, KioskBoard.Watcher watcher, string version, TimeProvider time, [EnumeratorCancellation] CancellationToken ending)
    {
        yield return new SseItem<string>(version, "version") { ReconnectionInterval = Heartbeat };
        string? told = null;
        // The heartbeat is the picture itself, so that whatever went wrong in a page is put right a second later.
        await foreach (var view in watcher.ViewsAsync(Heartbeat, time, ending))
        {
            yield return new SseItem<string>(KioskMessage.For(view).ToJson());
            if (screen.Corner().ToJson() is var corner && corner != told)
                yield return new SseItem<string>(told = corner, "corner"); // after the picture, which somebody waits for
        }
    }

    private static void MapFile(RouteGroupBuilder kiosk, string path, string contentType, byte[] content, Func<string?, bool>? isThere = null)
    {
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\"");
        kiosk.MapGet(path, IResult (string? lane) => isThere?.Invoke(lane) is false
            ? TypedResults.NotFound()
            : TypedResults.Bytes(content, contentType, entityTag: tag));
    }

    private static byte[] PageFile(string name)
    {
        using var resource = typeof(KioskEndpoints).Assembly.GetManifestResourceStream("Kiosk/" + name)
            ?? throw new InvalidOperationException($"The kiosk's {name} is not in the assembly.");
        using var content = new MemoryStream();
        resource.CopyTo(content);
        return content.ToArray();
    }

    private static ValueTask<object?> SecurityHeaders(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-cache";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return next(context);
    }
}
