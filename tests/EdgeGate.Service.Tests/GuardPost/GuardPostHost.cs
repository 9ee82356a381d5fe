using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Trust;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost;
using EdgeGate.Service.GuardPost.Deliveries;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.GuardPost.Http;
using EdgeGate.Service.GuardPost.Rounds;
using EdgeGate.Service.GuardPost.Visitors;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Passing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeGate.Service.Tests.GuardPost;

/// <summary>The guard post of a gate with one lane (<see cref="LaneUnderTest"/>), on a loopback port.</summary>
internal sealed class GuardPostHost : IAsyncDisposable
{
    public const string Pin = "482915", SupervisorPin = "73920164";

    private readonly WebApplication _app;
    private CancellationToken? _phone;

    private GuardPostHost(WebApplication app, LaneUnderTest lane) => (_app, Lane, Address) = (app, lane, new Uri(app.Urls.Single()));

    public LaneUnderTest Lane { get; }
    public Uri Address { get; }

    /// <summary>Every request from now on is of a phone that goes when this says so.</summary>
    public void RequestsEndWith(CancellationToken phone) => _phone = phone;
    public IServiceProvider Services => _app.Services;
    public GuardBook Book => Services.GetRequiredService<GuardBook>();

    /// <summary>With the accounts <c>li</c>, a guard, and <c>chen</c>, a supervisor.</summary>
    public static async Task<GuardPostHost> StartAsync(bool withTemperature = false, DenyReason supervisorFor = DenyReason.ClockNotSet)
    {
        var lane = await LaneUnderTest.StartAsync(withTemperature);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var services = builder.Services;
        services.AddSingleton<TimeProvider>(lane.Time).AddSingleton(lane.Clock).AddSingleton(_ => lane.Journal);
        services.AddSingleton(new Lanes([lane.Lane])).AddSingleton(lane.Keeper).AddSingleton(lane.Occupancy);
        services.AddSingleton(new GuardRecords("estate", "gate-1", lane.Journal, new EvidenceSeal(lane.PublicKeyOfCenter), lane.Clock));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<GuardDesk>(provider, lane.PathOf("count")));
        var options = new GuardPostOptions { HostNames = ["gate.estate.example"], SupervisorFor = new HashSet<DenyReason> { supervisorFor } };
        services.AddSingleton(lane.Registers).AddSingleton(HandheldOf(lane)).AddSingleton(new AnnouncedAtHome(lane.Registers, lane.Persons));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<VisitorDesk>(provider, (IReadOnlyList<string>)["residents"], lane.Persons));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RoundDesk>(provider, "estate", Places, lane.PathOf("rounds.json")));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<DeliveryDesk>(provider, HandOver, lane.PathOf("deliveries.json")));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<PassDesk>(
            provider, "gate-1", lane.PathOf("visitor-passes.json"), new VisitorPassSettings { KeyFile = lane.PathOf("visitor-passes.pem") }, new IssuedPasses(new RegisterStore(lane.PathOf("registers")), lane.Persons),
            (IReadOnlyList<string>)["quarantine", "watched"], lane.Persons));
        services.AddGuardPost(options, lane.PathOf(""), siteSecret: new byte[32]);
        var app = builder.Build();
        GuardPostHost? host = null;
        app.Use((http, next) =>
        {
            if (host?._phone is { } aborted)
                http.RequestAborted = aborted;
            return next(http);
        });
        app.MapGuardPost();
        await app.StartAsync(CancellationToken.None);
        host = new GuardPostHost(app, lane);
        host.Book.Put(Accounts.Li);
        host.Book.Put(Accounts.Wang);
        host.Book.Put(Accounts.Chen);
        return host;
    }

    /// <summary>One that must be patrolled and disinfected, and one where nobody says how often.</summary>
    public static IReadOnlyList<RoundPlaceSettings> Places { get; } =
    [
        new() { Id = "north-wall", Name = "北墙" },
        new() { Id = "b3-lobby", Name = "3号楼大堂", Building = "3", PatrolEvery = TimeSpan.FromHours(4), DisinfectionEvery = TimeSpan.FromDays(1) },
    ];

    public static DeliverySettings HandOver { get; } = new() { Shelves = [new() { Building = "3", Slots = 2 }, new() { Building = "5" }] };

    /// <summary>The lane is also that of a phone.</summary>
    private static HandheldReaders HandheldOf(LaneUnderTest lane)
    {
        var intake = new CodeIntake(
            new CodeIntakeOptions { TakesHealthCodes = false, TakesPasses = false, Patterns = [], GateNames = [], Direction = default, Place = "" },
            new HealthCodeVerifier(new TrustStore([]), new HealthCodeOptions()), lane.Providers, lane.Inputs, lane.Clock, lane.Time, new ListLogger<CodeIntake>());
        return new HandheldReaders(new Dictionary<string, (string, CodeIntake)> { ["lane-1"] = ("phone", intake) });
    }

    /// <summary>A browser of its own, signed in as nobody.</summary>
    public GuardBrowser NewBrowser() => new(Address);

    public async Task<GuardBrowser> SignedInAsync(string guard = "li", string pin = Pin)
    {
        var browser = NewBrowser();
        using var answer = await browser.SignInAsync(guard, pin);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return browser;
    }

    /// <summary>Who stands in the book so; it follows the journal, and nothing tells when it has caught up.</summary>
    public Task SeesVisitorAsync(VisitorState state) => Patience.Until(() =>
    {
        Lane.Time.Advance(TimeSpan.FromMilliseconds(200));
        return Services.GetRequiredService<VisitorBook>().All.Any(visitor => visitor.State == state);
    });

    /// <summary>The data of every record of one type.</summary>
    public IReadOnlyList<JsonElement> Records(string type) =>
        [.. Lane.Records().Where(record => record.GetProperty("type").GetString() == type).Select(record => record.GetProperty("data"))];

    public Task StopAsync() => _app.StopAsync(CancellationToken.None).InTime();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
        await Lane.DisposeAsync();
    }

    /// <summary>Hashed once: it takes a tenth of a second each, on purpose.</summary>
    private static class Accounts
    {
        public static readonly Guard Li = new("li", GuardRole.Guard, SecretHash.Of(Pin), Guid.NewGuid());
        public static readonly Guard Wang = Li with { Id = "wang" };
        public static readonly Guard Chen = new("chen", GuardRole.Supervisor, SecretHash.Of(SupervisorPin), Guid.NewGuid());
    }
}

/// <summary>The clock of a guard's phone. It is years off, which must not matter.</summary>
internal static class PhoneClock
{
    private static readonly DateTimeOffset Now = new(2050, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="minutes">Null for what is told at once.</param>
    public static DateTimeOffset? SaysMinutesAgo(int? minutes) => minutes is { } ago ? Now.AddMinutes(-ago) : null;
}

/// <summary>What a guard's browser does: keeps cookies, sends its origin, and the form token once it has one.</summary>
internal sealed class GuardBrowser(Uri address) : IDisposable
{
    private readonly CookieContainer _cookies = new();
    private HttpClient? _http;

    public HttpClient Http => _http ??= new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies, AllowAutoRedirect = false }) { BaseAddress = address };

    public string? FormToken { get; set; }

    public IReadOnlyList<Cookie> Cookies => [.. _cookies.GetAllCookies().Cast<Cookie>()];

    public void Plant(Cookie cookie) => _cookies.Add(address, cookie);

    public async Task<HttpResponseMessage> SignInAsync(string guard, string secret)
    {
        var answer = await PostAsync("sign-in", new { guard, secret });
        if (answer.IsSuccessStatusCode)
            FormToken = (await JsonOf(answer)).GetProperty("formToken").GetString();
        return answer;
    }

    public Task<HttpResponseMessage> PostAsync(string what, object form) => SendAsync(HttpMethod.Post, what, JsonContent.Create(form));

    public Task<HttpResponseMessage> GetAsync(string what) => SendAsync(HttpMethod.Get, what, content: null);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string what, HttpContent? content, Action<HttpRequestMessage>? alter = null)
    {
        using var request = new HttpRequestMessage(method, "/guard/api/" + what) { Content = content };
        if (content is not null)
            await content.LoadIntoBufferAsync(CancellationToken.None); // so that its length is told
        request.Headers.Add("Origin", address.GetLeftPart(UriPartial.Authority));
        if (FormToken is not null)
            request.Headers.Add("X-Form-Token", FormToken);
        alter?.Invoke(request);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, CancellationToken.None).InTime();
    }

    public async Task<bool> IsSignedInAsync()
    {
        using var answer = await GetAsync("session");
        return answer.StatusCode is HttpStatusCode.OK;
    }

    public static async Task<JsonElement> JsonOf(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync(CancellationToken.None).InTime()).RootElement;

    public void Dispose() => _http?.Dispose();
}
