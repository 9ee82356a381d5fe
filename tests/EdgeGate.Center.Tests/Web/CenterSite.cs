using System.Net;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Tests.Ingest;
using EdgeGate.Center.Web;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Mqtt;
using EdgeGate.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EdgeGate.Center.Tests.Web;

/// <summary>The center's pages on a real web server and a real database, inside the test; one account of each role, called as its role.</summary>
internal sealed class CenterSite : IAsyncDisposable
{
    public const string Password = "test-password-1";
    private static readonly string PasswordHash = SecretHash.Of(Password); // slow on purpose: once for all tests

    /// <summary>Without sites and keys. Database and broker are the test's own, whatever stands here.</summary>
    public static readonly CenterSettings Settings = new() { Database = new(), Broker = new() { Host = "nowhere" } };

    private readonly WebApplication _app;

    private CenterSite(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());
    public IServiceProvider Services => _app.Services;
    public NpgsqlDataSource Database => Services.GetRequiredService<NpgsqlDataSource>();
    public IEnumerable<RouteEndpoint> Endpoints => ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    /// <param name="database">Is disposed with the site.</param>
    public static async Task<CenterSite> StartAsync(NpgsqlDataSource database, TimeProvider time, CenterSettings? settings = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(time).AddSingleton(_ => database);
        builder.Services.AddSingleton<IngestCounters>().AddSingleton<RecordingLink>().AddSingleton<IMqttLink>(provider => provider.GetRequiredService<RecordingLink>()).AddSingleton<CenterOutbox>();
        CenterWeb.Add(builder, (settings ?? Settings) with { Web = new() { Names = ["center.test"] } });
        var app = builder.Build();
        CenterWeb.Map(app);
        await app.StartAsync(CancellationToken.None);
        var site = new CenterSite(app);
        foreach (var role in Enum.GetValues<Role>())
        {
            await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
            await connection.Sql("insert into account values ($1, $1, $2, $3, now())", NameOf(role), PasswordHash, Guid.NewGuid()).RunAsync(CancellationToken.None);
        }
        return site;
    }

    public static string NameOf(Role role) => role.ToString().ToLowerInvariant();

    /// <summary>A browser without cookies. Redirects are not followed: what is answered is what is looked at.</summary>
    public Browser NewBrowser() => new(Address);

    /// <summary>A browser in which somebody of this role is signed in.</summary>
    public async Task<Browser> SignedInAsync(Role role)
    {
        var account = await Services.GetRequiredService<AccountBook>().FindAsync(NameOf(role), CancellationToken.None);
        var sessions = Services.GetRequiredService<AccountSessions>();
        var cookie = await sessions.OpenAsync(account!, CancellationToken.None);
        var session = await sessions.FindAsync(cookie, isUse: false, CancellationToken.None);
        var browser = NewBrowser();
        browser.Cookies.Add(Address, new Cookie("center", cookie));
        browser.FormToken = session!.FormToken;
        return browser;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    internal sealed class Browser : IDisposable
    {
        private readonly HttpClient _client;

        public Browser(Uri address) =>
            _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = Cookies }) { BaseAddress = address };

        public CookieContainer Cookies { get; } = new();
        public string? FormToken { get; set; }

        public Task<HttpResponseMessage> GetAsync(string path, Action<HttpRequestMessage>? change = null) => SendAsync(HttpMethod.Get, path, null, change);

        /// <summary>A form as the page would send it, with the session's token.</summary>
        public Task<HttpResponseMessage> PostAsync(string path, Dictionary<string, string>? fields = null, Action<HttpRequestMessage>? change = null)
        {
            var form = new Dictionary<string, string>(fields ?? []);
            if (FormToken is not null)
                form.TryAdd(CenterPages.FormTokenField, FormToken);
            return SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent(form), change);
        }

        /// <summary>The same with a file.</summary>
        public Task<HttpResponseMessage> PostFileAsync(string path, Dictionary<string, string> fields, string fileField, string file)
        {
            var form = new MultipartFormDataContent();
            foreach (var (name, value) in new Dictionary<string, string>(fields) { [CenterPages.FormTokenField] = FormToken! })
                form.Add(new StringContent(value), name);
            form.Add(new StringContent(file), fileField, "file.csv");
            return SendAsync(HttpMethod.Post, path, form, change: null);
        }

        public async Task<string> ReadAsync(string path)
        {
            using var answer = await GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return await answer.Content.ReadAsStringAsync();
        }

        public void Dispose() => _client.Dispose();

        private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, Action<HttpRequestMessage>? change)
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            change?.Invoke(request);
            return await _client.SendAsync(request);
        }
    }
}
