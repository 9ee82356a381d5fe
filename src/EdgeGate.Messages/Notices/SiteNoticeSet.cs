using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Messages.Commands;

namespace EdgeGate.Messages.Notices;

/// <summary>
/// All that an operator has to tell at every gate of a site, retained on <see cref="SiteTopics.Notices"/>: JWS as for commands, <c>typ</c>
/// <c>edgegate-notices</c>. A set takes the place of the one before, so an empty one takes everything back.
/// </summary>
/// <remarks>It may be retained and repeated, unlike a command: a gate never goes back to a set that comes before the one it has, and each notice ends by itself.</remarks>
/// <param name="Site">Whose gates.</param>
/// <param name="IssuedAt">Seconds since 1970, to the millisecond (RFC 7519 section 2, NumericDate). No publisher uses one twice.</param>
/// <param name="Notices">They take turns on the screen.</param>
public sealed record SiteNoticeSet(
    string Site,
    [property: JsonPropertyName("iat"), JsonConverter(typeof(NumericDate))] DateTimeOffset IssuedAt,
    IReadOnlyList<SiteNotice> Notices)
{
    internal const string Type = "edgegate-notices";

    /// <summary>What a stamp can tell apart.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);

    /// <summary>More nobody reads while walking up to a gate.</summary>
    public const int MostNotices = 8;

    /// <param name="keyId">By which gates know the public half.</param>
    /// <param name="key">P-256, with its private half.</param>
    /// <exception cref="InvalidOperationException">It is outside its limits: every gate would refuse it.</exception>
    public string Sign(string keyId, ECDsa key) => Fault() is { } fault
        ? throw new InvalidOperationException(fault)
        : CommandToken.Sign(Claims(), Type, keyId, key);

    /// <summary>When a new set is to be issued, so that it comes after the one that stands also when the publisher's clock was set back, or stands still.</summary>
    /// <param name="standing">The one that is retained; null when none is known.</param>
    public static DateTimeOffset StampAfter(SiteNoticeSet? standing, DateTimeOffset now) =>
        standing is null || now - standing.IssuedAt >= Step ? now : standing.IssuedAt + Step;

    /// <summary>
    /// Below zero when this set comes before the other, zero when they are the same. Of two that were issued in the same moment, by publishers who did not know of
    /// each other, the one comes later whose claims as JSON are greater byte by byte: every gate decides alike, whichever it heard first.
    /// </summary>
    public int OrderAgainst(SiteNoticeSet other) => IssuedAt.CompareTo(other.IssuedAt) is var byTime && byTime != 0 ? byTime : Claims().AsSpan().SequenceCompareTo(other.Claims());

    private byte[] Claims() => JsonSerializer.SerializeToUtf8Bytes(this, NoticeShapes.Default.SiteNoticeSet);

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
