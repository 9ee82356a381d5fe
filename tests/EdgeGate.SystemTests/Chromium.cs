using Microsoft.Playwright;

namespace EdgeGate.SystemTests;

/// <summary>One browser for the tests of a class.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium"; // Debian's; Playwright's own is not downloaded
    private const int PatienceMilliseconds = 60_000; // only a page that hangs is so slow; the usual five seconds a busy machine needs at times
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>A page with a screen of this size. Skips the test that asks where there is no browser.</summary>
    /// <param name="options">What else the browser is; its viewport is set here.</param>
    public async Task<IPage> NewPageAsync(int width, int height, BrowserNewPageOptions? options = null)
    {
        Skip.If(_browser is null, $"There is no {Executable}: install Debian's package chromium to run the browser tests.");
        options ??= new();
        options.ViewportSize = new() { Width = width, Height = height };
        var page = await _browser.NewPageAsync(options);
        page.SetDefaultTimeout(PatienceMilliseconds);
        return page;
    }

    /// <summary>For the end of a test: a page that is left open looks for its service as long as the browser runs.</summary>
    public async Task ClosePagesAsync()
    {
        foreach (var opened in _browser?.Contexts ?? [])
            await opened.CloseAsync();
    }

    public async Task InitializeAsync()
    {
        if (!File.Exists(Executable))
            return;
        Assertions.SetDefaultExpectTimeout(PatienceMilliseconds);
        Environment.SetEnvironmentVariable("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Executable,
            Args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
