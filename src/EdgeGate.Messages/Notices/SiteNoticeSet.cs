using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Messages.Commands;

namespace EdgeGate.Messages.Notices;

/// <summary>
/// All that an operator has to tell at every gate of a site, retained on <see cref="SiteTopics.Notices"/>: JWS as for commands, <c>typ</c>
/// <c>edgegate-notices</c>. A set takes the place of the one before, so an empty one takes everything back.
/// </summary>
/// <remarks>It may be retained and repeated, unlike a command: a gate never goes back to a set that was issued earlier, and each notice ends by itself.</remarks>
/// <param name="Site">Whose gates.</param>
/// <param name="IssuedAt">Seconds since 1970 (RFC 7519 section 2, NumericDate).</param>
/// <param name="Notices">They take turns on the screen.</param>
public sealed record SiteNoticeSet(
    string Site,
    [property: JsonPropertyName("iat"), JsonConverter(typeof(NumericDate))] DateTimeOffset IssuedAt,
    IReadOnlyList<SiteNotice> Notices)
{
    internal const string Type = "edgegate-notices";

    /// <summary>More nobody reads while walking up to a gate.</summary>
    public const int MostNotices = 8;

    /// <param name="keyId">By which gates know the public half.</param>
    /// <param name="key">P-256, with its private half.</param>
    /// <exception cref="InvalidOperationException">It is outside its limits: every gate would refuse it.</exception>
    public string Sign(string keyId, ECDsa key) => Fault() is { } fault
        ? throw new InvalidOperationException(fault)
        : CommandToken.Sign(JsonSerializer.SerializeToUtf8Bytes(this, NoticeShapes.Default.SiteNoticeSet), Type, keyId, key);

    internal string? Fault() => Notices.Count > MostNotices ? $"there are more than {MostNotices} notices" : Notices.Select(notice => notice.Fault()).FirstOrDefault(fault => fault is not null);
}

/// <param name="Zh">At most <see cref="NoticeCommand.LongestZh"/> characters.</param>
/// <param name="En">At most <see cref="NoticeCommand.LongestEn"/>.</param>
public sealed record SiteNotice(string Zh, string En, DateTimeOffset Until)
{
    internal string? Fault() => NoticeCommand.WordsFault(Zh, En);
}

/// <summary>Strict, since it comes from outside: nothing unknown, nothing twice, nothing deep.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 3)]
[JsonSerializable(typeof(SiteNoticeSet))]
internal sealed partial class NoticeShapes : JsonSerializerContext;
