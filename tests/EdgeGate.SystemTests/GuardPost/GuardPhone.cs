using Microsoft.Playwright;

namespace EdgeGate.SystemTests.GuardPost;

/// <summary>The guard post's page on a guard's phone: what a guard does with it, in the words that stand on it.</summary>
internal sealed class GuardPhone
{
    private GuardPhone(IPage page) => (Page, Checks) = (page, new PageChecks(page));

    public IPage Page { get; }
    public PageChecks Checks { get; }

    public static async Task<GuardPhone> OpenAsync(
        Chromium chromium, GuardPostSite site, string lang = "zh", ColorScheme scheme = ColorScheme.Dark, string? before = null, bool withTouch = true)
    {
        var phone = new GuardPhone(await chromium.NewPageAsync(390, 844, new()
        {
            Locale = lang is "zh" ? "zh-CN" : "en-GB",
            ColorScheme = scheme,
            DeviceScaleFactor = 2,
            HasTouch = withTouch,
            ReducedMotion = ReducedMotion.Reduce, // a card that is still coming has no contrast yet
        }));
        if (before is not null)
            await phone.Page.AddInitScriptAsync(before);
        await phone.Page.GotoAsync(site.Page.ToString());
        await Assertions.Expect(phone.Page.Locator("#account")).ToBeVisibleAsync();
        return phone;
    }

    public async Task SignInAsync(string guard = "li", string pin = GuardPostSite.Pin)
    {
        await Page.Locator("#account").FillAsync(guard);
        await Page.Locator("#secret").FillAsync(pin);
        await Page.Locator("#secret").PressAsync("Enter");
        await Assertions.Expect(Page.Locator("button.lane").First).ToBeVisibleAsync();
    }

    public Task SignInAsSupervisorAsync() => SignInAsync("chen", GuardPostSite.SupervisorPin);

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Touches a button of the sheet where there is one before the page, else of the page.</summary>
    public async Task TouchAsync(string name)
    {
        var sheet = Page.Locator("dialog[open]");
        await (await sheet.CountAsync() > 0 ? sheet : Page.Locator("body")).GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).First.ClickAsync();
    }

    public ILocator Line(string text) => Page.Locator(".list li").Filter(new() { HasText = text });

    public Task SeesAsync(string text) => Assertions.Expect(Page.GetByText(text).First).ToBeVisibleAsync();

    public Task IsToldAsync(string text) => Assertions.Expect(Page.Locator("#toast")).ToContainTextAsync(text);

    /// <summary>For people to look at, in the test output, folder <c>guard</c>.</summary>
    public Task PictureAsync(string name, bool whole = false) =>
        Page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "guard", name.ToLowerInvariant() + ".png"), Animations = ScreenshotAnimations.Disabled, FullPage = whole });
}
