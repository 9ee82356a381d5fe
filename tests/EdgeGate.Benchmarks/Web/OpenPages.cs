using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace EdgeGate.Benchmarks.Web;

/// <summary>Kiosk pages that are open: a few in a real browser, which note when each grant was painted, and event streams that only read.</summary>
internal sealed class OpenPages : IAsyncDisposable
{
    private const string Executable = "/usr/bin/chromium";

    /// <summary>The face changes in one task; the frame after the next one has it on the screen.</summary>
    private const string NotesGrants = """
        new MutationObserver(() => {
          if (document.documentElement.dataset.face === 'granted')
            requestAnimationFrame(() => requestAnimationFrame(() => window.painted(Date.now())));
        }).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-face'] });
        """;

    private readonly ConcurrentQueue<DateTimeOffset>[] _painted;
    private readonly CancellationTokenSource _closed = new();
    private readonly HttpClient _http;
    private readonly List<Task> _streams = [];
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private OpenPages(LanesUnderTest gate)
    {
        _painted = [.. Enumerable.Range(0, gate.Lanes).Select(_ => new ConcurrentQueue<DateTimeOffset>())];
        _http = new HttpClient { BaseAddress = gate.Address, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>When the lane's page had a grant on the screen, in its order; empty for a lane without a page in a browser.</summary>
    public IReadOnlyCollection<DateTimeOffset> PaintedAt(int lane) => _painted[lane];

    /// <param name="browsers">So many lanes, from the first on, are in a browser. None where there is no chromium.</param>
    public static async Task<OpenPages> OpenAsync(LanesUnderTest gate, int pages, int browsers)
    {
        var open = new OpenPages(gate);
        var shown = File.Exists(Executable) ? browsers : 0;
        if (shown > 0)
            await open.ShowInBrowserAsync(gate, shown);
        for (var page = shown; page < pages; page++)
            open._streams.Add(open.ReadAsync($"kiosk/events?lane=lane-{page % gate.Lanes}"));
        return open;
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await Task.WhenAll(_streams);
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        _http.Dispose();
        _closed.Dispose();
    }

    private async Task ShowInBrowserAsync(LanesUnderTest gate, int browsers)
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Executable,
            Args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
        });
        for (var lane = 0; lane < browsers; lane++)
        {
            var painted = _painted[lane];
            var page = await _browser.NewPageAsync(new() { ViewportSize = new() { Width = 480, Height = 800 } });
            await page.ExposeFunctionAsync<double, bool>("painted", at =>
            {
                painted.Enqueue(DateTimeOffset.FromUnixTimeMilliseconds((long)at));
                return true;
            });
            await page.AddInitScriptAsync(NotesGrants);
            await page.GotoAsync(new Uri(gate.Address, $"kiosk?lane=lane-{lane}").ToString());
            await page.WaitForFunctionAsync("() => document.documentElement.dataset.face === 'idle'");
        }
    }

    private async Task ReadAsync(string path)
    {
        try
        {
            await using var stream = await _http.GetStreamAsync(new Uri(path, UriKind.Relative), _closed.Token);
            var buffer = new byte[4096];
            while (await stream.ReadAsync(buffer, _closed.Token) > 0)
            {
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
