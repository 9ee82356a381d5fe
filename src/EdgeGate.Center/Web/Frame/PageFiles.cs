using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace EdgeGate.Center.Web.Frame;

/// <summary>Style, scripts and icon: inside the program, under <c>/assets</c>.</summary>
internal static class PageFiles
{
    private const string Resources = "Assets/";

    private static readonly Dictionary<string, string> ContentTypes = new()
    {
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    public static void Map(CenterPages pages)
    {
        var assembly = typeof(PageFiles).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Resources, StringComparison.Ordinal)))
        {
            using var file = assembly.GetManifestResourceStream(resource)!;
            using var content = new MemoryStream();
            file.CopyTo(content);
            var bytes = content.ToArray();
            var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\"");
            var type = ContentTypes[Path.GetExtension(resource)];
            pages.MapOpenGet("/assets/" + resource[Resources.Length..], visit =>
            {
                visit.Http.Response.Headers.CacheControl = "no-cache"; // kept, and asked about: a new program brings new ones
                return Task.FromResult<IResult>(TypedResults.Bytes(bytes, type, entityTag: tag));
            });
        }
    }
}
