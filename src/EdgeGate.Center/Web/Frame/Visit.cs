using System.Globalization;
using EdgeGate.Center.Web.Accounts;

namespace EdgeGate.Center.Web.Frame;

internal enum Language
{
    Chinese,
    English,
}

/// <summary>One request for a page: who asks, in which language, at which clock.</summary>
internal sealed class Visit(HttpContext http, AccountSession? session, TimeProvider time)
{
    public const string LanguageCookie = "language";

    public HttpContext Http => http;

    /// <summary>Of a page that needs a permission there always is one.</summary>
    public AccountSession Session => session ?? throw new InvalidOperationException("this page is open to anybody and knows no account");
    public bool IsSignedIn => session is not null;
    public TimeProvider Time => time;
    public CancellationToken Gone => http.RequestAborted;

    /// <summary>What was chosen on a page; else what the browser likes best; Chinese when it likes neither.</summary>
    public Language Language { get; } = (http.Request.Cookies[LanguageCookie] ?? http.Request.Headers.AcceptLanguage.ToString()).StartsWith("en", StringComparison.OrdinalIgnoreCase)
        ? Language.English
        : Language.Chinese;

    public string Say(string zh, string en) => Language is Language.Chinese ? zh : en;

    public bool May(Permission permission) => session is not null && session.Role.May(permission);

    /// <summary>Whether there is this site for whoever asks.</summary>
    public bool Sees(string site) => session is not null && session.Sees(site);

    /// <summary>Whether the account sees every site.</summary>
    public bool SeesAll => session is not null && session.Sites is null;

    /// <summary>The hidden field that every form carries.</summary>
    public Html FormToken => Html.Of($"""<input type="hidden" name="{CenterPages.FormTokenField}" value="{Session.FormToken}">""");

    /// <summary>By the center's own clock and zone.</summary>
    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, time.LocalTimeZone);

    /// <summary>How far the local time is from UTC then: UTC+08:00.</summary>
    public string Offset(DateTimeOffset at) => Local(at).ToString("'UTC'zzz", CultureInfo.InvariantCulture);

    /// <summary>A local time as people write it, with the whole of it for machines.</summary>
    public Html When(DateTimeOffset? at, string format = "MM-dd HH:mm:ss") => at is not { } known ? Html.None
        : Html.Of($"""<time datetime="{known.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}">{Local(known).ToString(format, CultureInfo.InvariantCulture)}</time>""");

    /// <summary>A length of time in one unit: 8 s, 12 min, 3 h, 5 d.</summary>
    public string Long(TimeSpan span) => span switch
    {
        { TotalSeconds: < 100 } => Say($"{span.TotalSeconds:0} 秒", $"{span.TotalSeconds:0} s"),
        { TotalMinutes: < 100 } => Say($"{span.TotalMinutes:0} 分钟", $"{span.TotalMinutes:0} min"),
        { TotalHours: < 48 } => Say($"{span.TotalHours:0} 小时", $"{span.TotalHours:0} h"),
        _ => Say($"{span.TotalDays:0} 天", $"{span.TotalDays:0} d"),
    };

    public IResult Page(string title, Html body, int status = StatusCodes.Status200OK) => PageFrame.Of(this, title, body, status);

    /// <summary>After something was changed: the browser asks for the page anew, so that going back or reloading sends nothing twice.</summary>
    /// <param name="said">A word of <see cref="PageFrame.Said"/>, shown above the page.</param>
    public static IResult Redirect(string path, string? said = null) =>
        new SeeOther(said is null ? path : $"{path}{(path.Contains('?') ? '&' : '?')}said={said}");

    private sealed class SeeOther(string location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = location;
            return Task.CompletedTask;
        }
    }
}
