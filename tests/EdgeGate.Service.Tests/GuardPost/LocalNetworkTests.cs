using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.GuardPost.Http;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Tests.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Service.Tests.GuardPost;

/// <summary>The whole gate with its guard post on the local network, and a curious stranger on that network.</summary>
public sealed class LocalNetworkTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private WebApplication _app = null!;
    private Uri _kiosk = null!, _guards = null!;

    public async Task InitializeAsync()
    {
        const string Web = """
            "web": { "address": "http://127.0.0.1:0", "guardPost": { "address": "https://127.0.0.1:0", "supervisorFor": ["temperature-too-high"] } },
            """;
        var text = SmallSettings.With("\"broker\": { \"host\": \"localhost\" },", Web).Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal);
        var settings = SmallSettings.IsValid(SmallSettings.Parse(text)).Settings;
        new GuardBook(GuardPostSetup.GuardFileOf(settings)).Put(new Guard("li", GuardRole.Guard, SecretHash.Of(GuardPostHost.Pin), Guid.NewGuid()));
        _app = await GateHost.BuildAsync(settings, GateKeys.LoadOrMake(settings.Privacy, settings.DataDirectory), TimeProvider.System, CancellationToken.None);
        await _app.StartAsync(CancellationToken.None);
        (_kiosk, _guards) = (new Uri(_app.Urls.Single(url => url.StartsWith("http:", StringComparison.Ordinal))), new Uri(_app.Urls.Single(url => url.StartsWith("https:", StringComparison.Ordinal))));
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public void Dispose() => _directory.Dispose();

    /// <summary>A phone that was told to trust the gate's own certificate.</summary>
    private HttpClient Phone()
    {
        var fingerprint = File.ReadAllText(_directory["data", "keys", "guard-post.pem"]);
        using var known = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(fingerprint);
        var thumbprint = known.Thumbprint;
        return new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == thumbprint },
        })
        { BaseAddress = _guards };
    }

    [Theory]
    [InlineData("/guard", HttpStatusCode.OK)]
    [InlineData("/", HttpStatusCode.Redirect)] // to the guard post
    [InlineData("/kiosk", HttpStatusCode.NotFound)]
    [InlineData("/kiosk/events", HttpStatusCode.NotFound)]
    [InlineData("/health", HttpStatusCode.NotFound)]
    [InlineData("/metrics", HttpStatusCode.NotFound)]
    [InlineData("/guard/../metrics", HttpStatusCode.NotFound)]
    [InlineData("/guard/%2e%2e/metrics", HttpStatusCode.NotFound)]
    [InlineData("/guard/..%2fmetrics", HttpStatusCode.NotFound)]
    [InlineData("/guard/guards.json", HttpStatusCode.NotFound)]
    [InlineData("//metrics", HttpStatusCode.NotFound)]
    public async Task The_local_network_gets_the_guard_post_and_nothing_else(string path, HttpStatusCode expected)
    {
        using var phone = Phone();
        using var answer = await phone.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_guards.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })), CancellationToken.None);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory]
    [InlineData("/guard", HttpStatusCode.NotFound)] // no PIN crosses a wire in the clear
    [InlineData("/guard/api/session", HttpStatusCode.NotFound)]
    [InlineData("/GUARD/api/session", HttpStatusCode.NotFound)] // routes do not mind capitals
    [InlineData("/kiosk", HttpStatusCode.OK)]
    [InlineData("/metrics", HttpStatusCode.OK)]
    public async Task Without_https_there_is_no_guard_post_once_it_is_set_up(string path, HttpStatusCode expected)
    {
        using var screen = new HttpClient { BaseAddress = _kiosk };
        using var answer = await screen.GetAsync(path, CancellationToken.None);
        Assert.Equal(expected, answer.StatusCode);
    }

    /// <summary>Of the running gate, whatever anybody maps later.</summary>
    [Fact]
    public async Task Nothing_that_changes_anything_and_nothing_that_guards_see_answers_without_sign_in()
    {
        using var phone = Phone();
        using var screen = new HttpClient { BaseAddress = _kiosk };
        var closed = 0;
        foreach (var endpoint in _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
            var changing = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { } methods ? methods.HttpMethods.FirstOrDefault(method => method is not ("GET" or "HEAD")) : "POST";
            if (changing is null && !path.Contains("/api/", StringComparison.Ordinal))
                continue; // a page, or what the gate's own screen shows
            foreach (var client in new[] { phone, screen })
            {
                using var request = new HttpRequestMessage(new HttpMethod(changing ?? "GET"), path);
                using var answer = await client.SendAsync(request, CancellationToken.None);
                Assert.True(
                    (path, answer.StatusCode) is (_, HttpStatusCode.Unauthorized or HttpStatusCode.NotFound) or ("/guard/api/session", HttpStatusCode.NoContent) or ("/guard/api/sign-in", HttpStatusCode.BadRequest),
                    $"{request} was answered {answer.StatusCode}");
                closed += answer.StatusCode is HttpStatusCode.Unauthorized ? 1 : 0;
            }
        }
        Assert.InRange(closed, 20, 100);
    }

    [Fact]
    public async Task The_session_cookie_is_bound_to_this_host_and_to_https()
    {
        using var phone = Phone();
        using var answer = await phone.PostAsync("/guard/api/sign-in", new StringContent($$"""{ "guard": "li", "secret": "{{GuardPostHost.Pin}}" }""", Encoding.UTF8, "application/json"), CancellationToken.None);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(answer.Headers.GetValues("Set-Cookie"), cookie =>
            cookie.StartsWith("__Host-guard=", StringComparison.Ordinal) && cookie.Contains("secure", StringComparison.Ordinal) && cookie.Contains("samesite=strict", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Strangers_who_only_hold_connections_open_are_turned_away_before_guards_are()
    {
        var held = new List<TcpClient>();
        for (var i = 0; i < 100; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _guards.Port, CancellationToken.None);
            held.Add(client);
        }

        Assert.InRange(_app.Services.GetRequiredService<ConnectionsPerAddress>().Open, 1, ConnectionsPerAddress.Most);
        held.ForEach(client => client.Dispose());
        using var phone = Phone();
        await Patience.Until(() => _app.Services.GetRequiredService<ConnectionsPerAddress>().Open == 0);
        using var answer = await phone.GetAsync("/guard", CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
