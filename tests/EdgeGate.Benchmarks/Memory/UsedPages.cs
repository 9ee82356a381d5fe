using System.Text;
using EdgeGate.Benchmarks.Web;

namespace EdgeGate.Benchmarks.Memory;

/// <summary>The pages as people have them open: a kiosk's screen at each lane, and a guard signed in whose board follows the lanes.</summary>
internal sealed class UsedPages : IAsyncDisposable
{
    public const string GuardId = "li", Secret = "839274";

    private readonly CancellationTokenSource _closed = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null }, // the gate's own, made a second ago
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    private readonly List<Task> _streams = [];

    public static async Task<UsedPages> OpenAsync(LanesUnderTest gate, CancellationToken cancellationToken)
    {
        var pages = new UsedPages();
        for (var lane = 0; lane < gate.Lanes; lane++)
        {
            foreach (var part in (string[])["kiosk", "kiosk/kiosk.css", "kiosk/kiosk.js"])
                await pages._http.GetByteArrayAsync(new Uri(gate.Address, $"{part}?lane=lane-{lane}"), cancellationToken);
            pages._streams.Add(pages.FollowAsync(new Uri(gate.Address, $"kiosk/events?lane=lane-{lane}")));
        }
        await pages._http.GetByteArrayAsync(new Uri(gate.GuardPost!, "guard"), cancellationToken);
        using var form = new StringContent($$"""{ "guard": "{{GuardId}}", "secret": "{{Secret}}" }""", Encoding.UTF8, "application/json");
        using var signedIn = await pages._http.PostAsync(new Uri(gate.GuardPost!, "guard/api/sign-in"), form, cancellationToken);
        signedIn.EnsureSuccessStatusCode();
        foreach (var part in (string[])["visitors", "rounds", "deliveries", "shift"])
            await pages._http.GetByteArrayAsync(new Uri(gate.GuardPost!, "guard/api/" + part), cancellationToken);
        pages._streams.Add(pages.FollowAsync(new Uri(gate.GuardPost!, "guard/api/events")));
        return pages;
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await Task.WhenAll(_streams);
        _http.Dispose();
        _closed.Dispose();
    }

    private async Task FollowAsync(Uri stream)
    {
        try
        {
            await using var events = await _http.GetStreamAsync(stream, _closed.Token);
            await events.CopyToAsync(Stream.Null, _closed.Token);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
