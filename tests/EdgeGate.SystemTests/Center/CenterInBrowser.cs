using EdgeGate.Center.Database;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Tests.Web;
using EdgeGate.Testing;
using Microsoft.Playwright;
using Npgsql;

namespace EdgeGate.SystemTests.Center;

/// <summary>A center over a database of its own, looked at in a real browser. Pictures of every page are left in the test output, folder <c>center</c>.</summary>
internal sealed class CenterInBrowser : IAsyncDisposable
{
    private readonly PrivatePostgres _postgres;
    private readonly Chromium _chromium;

    private CenterInBrowser(PrivatePostgres postgres, CenterSite site, Chromium chromium) => (_postgres, Site, _chromium) = (postgres, site, chromium);

    public CenterSite Site { get; }

    /// <returns>Null where there is no PostgreSQL.</returns>
    public static async Task<CenterInBrowser?> StartAsync(Chromium chromium, TimeProvider time, CenterSettings settings)
    {
        if (!PrivatePostgres.IsInstalled)
            return null;
        var postgres = await PrivatePostgres.StartAsync("fsync=off");
        var database = NpgsqlDataSource.Create(postgres.ConnectionString());
        await Migrations.ApplyAsync(database, TimeProvider.System, CancellationToken.None);
        return new CenterInBrowser(postgres, await CenterSite.StartAsync(database, time, settings), chromium);
    }

    public string Address(string path) => new Uri(Site.Address, path).ToString();

    /// <summary>A page that nobody is signed in on.</summary>
    /// <param name="before">A script that runs before the page's own.</param>
    public async Task<(IPage Page, PageChecks Checks)> OpenAsync(string path, string locale = "zh-CN", ColorScheme scheme = ColorScheme.Light, int width = 1280, string? before = null)
    {
        var page = await _chromium.NewPageAsync(width, width < 600 ? 844 : 900, new() { Locale = locale, ColorScheme = scheme });
        if (before is not null)
            await page.AddInitScriptAsync(before);
        var checks = new PageChecks(page);
        await page.GotoAsync(Address(path));
        return (page, checks);
    }

    public async Task<(IPage Page, PageChecks Checks)> SignInAsync(string account, string locale = "zh-CN", ColorScheme scheme = ColorScheme.Light)
    {
        var (page, checks) = await OpenAsync("/", locale, scheme);
        await page.Locator("#account").FillAsync(account);
        await page.Locator("#password").FillAsync(CenterSite.Password);
        await page.Locator("form.card button").ClickAsync();
        await Assertions.Expect(page.Locator("nav").First).ToBeVisibleAsync();
        return (page, checks);
    }

    /// <param name="status">What the page was answered with, other than 200: the browser writes of that on its console.</param>
    public static async Task LookAsync(IPage page, PageChecks checks, string view, int? status = null)
    {
        await PictureAsync(page, view);
        Assert.Empty(await checks.AxeFaultsAsync(view));
        Assert.DoesNotContain(checks.TakeComplaints(), complaint => status is not { } known || !complaint.Contains($"responded with a status of {known}", StringComparison.Ordinal));
    }

    public static Task<byte[]> PictureAsync(IPage page, string name) =>
        page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "center", name + ".png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });

    public async ValueTask DisposeAsync()
    {
        await Site.DisposeAsync();
        await _postgres.DisposeAsync();
    }
}
