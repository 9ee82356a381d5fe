using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeGate.Service.GuardPost.Http;
using Microsoft.Net.Http.Headers;

namespace EdgeGate.Service.GuardPost;

/// <summary>The page and its files, from the program itself, and the camera module where an installer put it.</summary>
internal static class PageFiles
{
    // As the kiosk's, and the camera for this page alone. Workers are its own two, made through one policy that names them.
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self'; worker-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types guard-workers";

    /// <summary>The worker that reads codes compiles the camera module; the page itself may not compile anything.</summary>
    private const string CameraWorkerPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

    private const string Resources = "GuardPost/", Page = "guard.html", ServiceWorker = "sw.js", CameraWorker = "camera-worker.js";

    private static readonly Dictionary<string, string> ContentTypes = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".wasm"] = "application/wasm",
    };

    public static void MapPageFiles(this IEndpointRouteBuilder guard, CameraModule camera)
    {
        var files = typeof(PageFiles).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Resources, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToDictionary(name => name[Resources.Length..], BytesOf);
        foreach (var (name, bytes) in files.Where(file => file.Key is not ServiceWorker))
            MapFile(guard, PathOf(name), bytes, name is CameraWorker ? CameraWorkerPolicy : null);
        MapServiceWorker(guard, files);
        foreach (var file in CameraModule.Files.Keys)
        {
            guard.MapGet("/camera/" + file, () => camera.Read(file) is { } bytes
                ? TypedResults.Bytes(bytes, ContentTypes[Path.GetExtension(file)], entityTag: new EntityTagHeaderValue($"\"{CameraModule.Files[file]}\""))
                : (IResult)TypedResults.NotFound());
        }
    }

    /// <summary>
    /// Keeps the page on the phone, so that one that is reloaded without network still has it, and what waits to be sent. Its text begins with what it keeps and of
    /// which version: a browser takes a service worker up anew when one byte of it has changed.
    /// </summary>
    private static void MapServiceWorker(IEndpointRouteBuilder guard, Dictionary<string, byte[]> files)
    {
        var kept = files.Keys.Where(name => name is not ServiceWorker).Select(name => "/guard" + PathOf(name)).ToArray();
        var version = Convert.ToHexStringLower(SHA256.HashData([.. files.Values.SelectMany(bytes => bytes), .. Encoding.ASCII.GetBytes(string.Concat(CameraModule.Files.Values))]))[..16];
        var head = $"const VERSION = '{version}';\nconst FILES = {JsonSerializer.Serialize(kept, GuardShapes.Default.StringArray)};\n";
        MapFile(guard, PathOf(ServiceWorker), [.. Encoding.UTF8.GetBytes(head), .. files[ServiceWorker]], policy: null, scope: "/guard");
    }

    private static void MapFile(IEndpointRouteBuilder guard, string path, byte[] bytes, string? policy, string? scope = null)
    {
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\"");
        var type = ContentTypes[path.Length == 0 ? ".html" : Path.GetExtension(path)];
        guard.MapGet(path, (HttpContext http) =>
        {
            if (policy is not null)
                http.Response.Headers.ContentSecurityPolicy = policy;
            if (scope is not null)
                http.Response.Headers["Service-Worker-Allowed"] = scope;
            return TypedResults.Bytes(bytes, type, entityTag: tag);
        });
    }

    private static string PathOf(string name) => name is Page ? "" : "/" + name;

    private static byte[] BytesOf(string resource)
    {
        using var file = typeof(PageFiles).Assembly.GetManifestResourceStream(resource)!;
        using var content = new MemoryStream();
        file.CopyTo(content);
        return content.ToArray();
    }
}
