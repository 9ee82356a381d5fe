using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeGate.Service.Tests.GuardPost;

/// <summary>The guard post alone on a loopback port, with a journal and accounts in a directory of its own.</summary>
internal sealed class GuardPostHost : IAsyncDisposable
{
    public const string Pin = "482915", SupervisorPin = "73920164";

    private readonly WebApplication _app;
    private readonly TemporaryDirectory _directory;

    private GuardPostHost(WebApplication app, TemporaryDirectory directory) => (_app, _directory, Address) = (app, directory, new Uri(app.Urls.Single()));

    public Uri Address { get; }
    public IServiceProvider Services => _app.Services;
    public GuardBook Book => Services.GetRequiredService<GuardBook>();

    /// <summary>With the accounts <c>li</c>, a guard, and <c>chen</c>, a supervisor.</summary>
    public static async Task<GuardPostHost> StartAsync(TimeProvider time)
    {
        var directory = new TemporaryDirectory();
        var journal = await GateJournal.OpenAsync(new JournalOptions { Directory = directory["journal"], GateId = "estate/gate-1" }, time, CancellationToken.None);
        var clock = new GateClock(time, Guid.NewGuid(), () => true);
        using var center = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(time).AddSingleton(clock).AddSingleton(_ => journal);
        builder.Services.AddSingleton(new GuardRecords("estate", "gate-1", journal, new EvidenceSeal(center.ExportSubjectPublicKeyInfoPem()), clock));
        builder.Services.AddGuardPost(new GuardPostOptions { HostNames = ["gate.estate.example"] }, directory["guards.json"], siteSecret: new byte[32]);
        var app = builder.Build();
        app.MapGuardPost();
        await app.StartAsync(CancellationToken.None);
        var host = new GuardPostHost(app, directory);
        host.Book.Put(Accounts.Li);
        host.Book.Put(Accounts.Chen);
        return host;
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

    /// <summary>The data of every record of one type.</summary>
    public IReadOnlyList<JsonElement> Records(string type)
    {
        using var reader = JournalReader.Open(_directory["journal"]);
        return [.. reader.Read(1, 1000).Select(record => JsonDocument.Parse(record.Payload).RootElement)
            .Where(record => record.GetProperty("type").GetString() == type).Select(record => record.GetProperty("data"))];
    }

    public Task StopAsync() => _app.StopAsync(CancellationToken.None).InTime();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>Hashed once: it takes a tenth of a second each, on purpose.</summary>
    private static class Accounts
    {
        public static readonly Guard Li = new("li", GuardRole.Guard, SecretHash.Of(Pin), Guid.NewGuid());
        public static readonly Guard Chen = new("chen", GuardRole.Supervisor, SecretHash.Of(SupervisorPin), Guid.NewGuid());
    }
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

    public static async Task<JsonElement> JsonOf(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync(CancellationToken.None).InTime()).RootElement;

    public void Dispose() => _http?.Dispose();
}
