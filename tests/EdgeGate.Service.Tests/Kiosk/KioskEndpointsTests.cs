using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Service.Kiosk;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Kiosk;

public sealed class KioskEndpointsTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // a broken stream fails the test instead of hanging it

    private readonly ManualTime _time = new();
    private KioskHost _host = null!;
    private HttpClient _browser = null!;

    public async Task InitializeAsync()
    {
        _host = await KioskHost.StartAsync(_time, version: "build-1");
        _browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _host.Address };
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose() => _browser.Dispose();

    [Theory]
    [InlineData("/kiosk", "text/html; charset=utf-8")]
    [InlineData("/kiosk/kiosk.css", "text/css; charset=utf-8")]
    [InlineData("/kiosk/kiosk.js", "text/javascript; charset=utf-8")]
    [InlineData("/kiosk/icon.svg", "image/svg+xml")]
    [InlineData("/kiosk/events", "text/event-stream")]
    public async Task Each_address_has_its_type_and_the_strict_headers(string path, string contentType)
    {
        using var answer = await _browser.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(contentType, answer.Content.Headers.ContentType?.ToString());
        var policy = Header(answer, "Content-Security-Policy");
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.Equal("no-referrer", Header(answer, "Referrer-Policy"));
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Contains("no-cache", Header(answer, "Cache-Control"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_root_leads_to_the_kiosk()
    {
        using var answer = await _browser.GetAsync("/");

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/kiosk", answer.Headers.Location?.ToString());
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/kiosk")]
    [InlineData("/kiosk/events")]
    public async Task Only_GET_is_answered(string path)
    {
        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Patch })
        {
            using var answer = await _browser.SendAsync(new HttpRequestMessage(method, path));
            Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_file_the_browser_already_has_is_not_sent_again()
    {
        using var first = await _browser.GetAsync("/kiosk/kiosk.css");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/kiosk/kiosk.css");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await _browser.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task The_whole_page_stays_under_50_KB_and_names_nothing_outside_the_gate()
    {
        var total = 0;
        foreach (var path in new[] { "/kiosk", "/kiosk/kiosk.css", "/kiosk/kiosk.js", "/kiosk/icon.svg" })
        {
            var content = await _browser.GetStringAsync(path);
            total += content.Length;
            Assert.DoesNotContain("//", content.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal)
                .Replace("// ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
        Assert.InRange(total, 1, 50_000);
    }

    [Fact]
    public async Task The_page_carries_the_version_its_stream_names()
    {
        Assert.Contains("data-version=\"build-1\"", await _browser.GetStringAsync("/kiosk"), StringComparison.Ordinal);
        await using var stream = await OpenStreamAsync();

        Assert.Equal(("version", "build-1"), await stream.NextAsync());
    }

    [Fact]
    public async Task The_stream_tells_the_full_current_view_at_once_and_each_change_after()
    {
        _host.Board.Show(new KioskView(KioskFace.Gathering) { Wanted = [WantedEvidence.Temperature], MaskedName = "测**" });
        await using var stream = await OpenStreamAsync();
        await stream.NextAsync(); // version

        var (type, json) = await stream.NextAsync();
        Assert.Equal("message", type);
        Assert.Equal(
            """{"face":"measure","symbol":"temperature","title":{"zh":"请测量体温","en":"Your temperature"},"advice":{"zh":"请将额头靠近测温仪","en":"Please hold your forehead close to the thermometer"},"name":"测**","temperature":null,"say":"measure"}""",
            json);

        _host.Board.Show(new KioskView(KioskFace.Granted) { Temperature = new Celsius(3652) });
        Assert.Equal("granted", await stream.NextFaceAsync());
    }

    [Fact]
    public async Task An_idle_stream_beats_once_a_second()
    {
        await using var stream = await OpenStreamAsync();
        await stream.NextAsync(); // version
        await stream.NextAsync();

        for (var second = 0; second < 3; second++)
        {
            await UntilAsync(() => Task.FromResult(_time.WaitingTimers > 0));
            _time.Advance(KioskEndpoints.Heartbeat);
            Assert.Equal("outOfService", await stream.NextFaceAsync());
        }
    }

    [Theory]
    [InlineData("/kiosk?lane=lane-1", HttpStatusCode.OK), InlineData("/kiosk/events?lane=lane-1", HttpStatusCode.OK)]
    [InlineData("/kiosk?lane=lane-2", HttpStatusCode.NotFound), InlineData("/kiosk/events?lane=", HttpStatusCode.NotFound)]
    public async Task A_screen_is_that_of_a_lane_that_is_there(string path, HttpStatusCode status)
    {
        using var answer = await _browser.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task A_stream_too_many_is_refused_until_another_has_gone()
    {
        var streams = new List<EventStream>();
        for (var i = 0; i < KioskBoard.MaxWatchers; i++)
            streams.Add(await OpenStreamAsync());

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusOfOneMoreAsync());

        await streams[0].DisposeAsync();
        // the service learns of the closed socket in its own time
        await UntilAsync(async () => await StatusOfOneMoreAsync() == HttpStatusCode.OK);

        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    [Fact]
    public async Task Stopping_the_service_ends_open_streams_instead_of_waiting_for_them()
    {
        await using var stream = await OpenStreamAsync();
        await stream.NextAsync(); // version
        await stream.NextAsync();
        Assert.Equal("corner", (await stream.NextAsync()).Type);

        await _host.StopAsync();

        Assert.Null(await stream.TryNextAsync());
    }

    private async Task<HttpStatusCode> StatusOfOneMoreAsync()
    {
        using var answer = await _browser.GetAsync("/kiosk/events", HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!await condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task<EventStream> OpenStreamAsync() => new(await _browser.GetStreamAsync("/kiosk/events"));

    private static string Header(HttpResponseMessage answer, string name) => Assert.Single(answer.Headers.GetValues(name));

    private sealed class EventStream(Stream body) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<SseItem<string>> _events = SseParser.Create(body).EnumerateAsync().GetAsyncEnumerator();

        public async Task<(string Type, string Data)?> TryNextAsync() =>
            await _events.MoveNextAsync().AsTask().WaitAsync(Patience, TimeProvider.System) ? (_events.Current.EventType, _events.Current.Data) : null;

        public async Task<(string Type, string Data)> NextAsync() =>
            await TryNextAsync() ?? throw new InvalidOperationException("The stream has ended.");

        /// <summary>Of the next picture; what stands in the corner is passed over.</summary>
        public async Task<string?> NextFaceAsync()
        {
            var (type, data) = await NextAsync();
            if (type == "corner")
                (_, data) = await NextAsync();
            using var message = JsonDocument.Parse(data);
            return message.RootElement.GetProperty("face").GetString();
        }

        public ValueTask DisposeAsync() => body.DisposeAsync();
    }
}
