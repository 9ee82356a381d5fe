using Microsoft.Playwright;

namespace EdgeGate.SystemTests.GuardPost;

/// <summary>
/// Who cannot see well, hears the page, wears gloves or has a keyboard only can work with it; and it is light. Every view, by day and by night, in both languages.
/// </summary>
public sealed class GuardPageLooksTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private GuardPostSite _site = null!;

    public async Task InitializeAsync() => _site = await GuardPostSite.StartAsync();

    public async Task DisposeAsync()
    {
        await chromium.ClosePagesAsync();
        await _site.DisposeAsync();
    }

    /// <summary>WCAG 2.2 as axe-core checks it, and beyond it what gloves and rain ask for.</summary>
    [SkippableTheory]
    [InlineData(ColorScheme.Dark, "zh", "登记", "扫码", "巡更", "快递", "交班")]
    [InlineData(ColorScheme.Light, "en", "Visitors", "Scan", "Rounds", "Parcels", "Shift")]
    public async Task Every_view_can_be_read_touched_and_heard(ColorScheme scheme, string lang, params string[] tabs)
    {
        var phone = await GuardPhone.OpenAsync(chromium, _site, lang, scheme);
        var faults = new List<string>();
        await LookAsync("sign-in");
        await phone.SignInAsSupervisorAsync();
        await _site.SendAsync();
        await Assertions.Expect(phone.Page.Locator(".case")).ToHaveCountAsync(1);
        await LookAsync("live");
        await phone.Page.Locator(".case button.go").ClickAsync();
        await LookAsync("reasons");
        await phone.Page.Keyboard.PressAsync("Escape");
        await phone.Page.Locator("button.lane").First.ClickAsync();
        await LookAsync("lane");
        await phone.Page.Keyboard.PressAsync("Escape");
        foreach (var tab in tabs)
        {
            await phone.Page.Locator("nav").GetByRole(AriaRole.Button, new() { Name = tab }).ClickAsync();
            await Assertions.Expect(phone.Page.Locator("h1").First).ToHaveTextAsync(tab);
            await LookAsync(tab);
        }
        await phone.TouchAsync(tabs[0]);
        foreach (var (sheet, name) in new[] { (0, "register"), (1, "announce") })
        {
            await phone.Page.Locator("main .row button").Nth(sheet).ClickAsync();
            await LookAsync(name);
            await phone.Page.Keyboard.PressAsync("Escape");
        }
        await phone.TouchAsync(tabs[2]);
        await phone.Page.Keyboard.TypeAsync("b3-lobby\n");
        await LookAsync("round");
        await phone.Page.Keyboard.PressAsync("Escape");
        await phone.TouchAsync(tabs[3]);
        await phone.Page.Locator("main .row button").First.ClickAsync();
        await LookAsync("delivery");

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Empty(phone.Checks.Complaints);

        async Task LookAsync(string view)
        {
            faults.AddRange((await phone.Page.EvaluateAsync<string[]>(PageFaults.Script)).Select(fault => $"{view}: {fault}"));
            faults.AddRange(await phone.Checks.AxeFaultsAsync(view));
            await phone.PictureAsync($"looks-{lang}-{view}");
        }
    }

    [SkippableFact]
    public async Task A_guard_without_mouse_and_touch_signs_in_lets_pass_and_makes_a_round()
    {
        var phone = await GuardPhone.OpenAsync(chromium, _site, withTouch: false);
        var keys = phone.Page.Keyboard;
        await Assertions.Expect(phone.Page.Locator("#account")).ToBeFocusedAsync();
        await keys.TypeAsync("li");
        await keys.PressAsync("Tab");
        await keys.TypeAsync(GuardPostSite.Pin + "\n");
        await _site.SendAsync();
        await Assertions.Expect(phone.Page.Locator(".case")).ToHaveCountAsync(1);
        await TabToAsync("放行");
        await keys.PressAsync("Enter");
        await TabToAsync("认识的住户");
        Assert.NotEqual("none", await phone.Page.EvaluateAsync<string>("() => getComputedStyle(document.activeElement).outlineStyle")); // and is seen to be there
        await keys.PressAsync("Enter");
        await GuardPostSite.UntilAsync(() => _site.Openings == 1);

        await TabToAsync("巡更");
        await keys.PressAsync("Enter");
        await Assertions.Expect(phone.Page.Locator("#place")).ToBeFocusedAsync();
        await keys.TypeAsync("north-wall\n");
        await TabToAsync("巡查");
        await keys.PressAsync("Space");
        await GuardPostSite.UntilAsync(() => _site.Rounds.Duties.Any(duty => duty.Last is not null));

        async Task TabToAsync(string name)
        {
            for (var i = 0; i < 60; i++)
            {
                await keys.PressAsync("Tab");
                if (await phone.Page.EvaluateAsync<string>("() => document.activeElement.textContent.trim()") == name)
                    return;
            }
            Assert.Fail($"the Tab key never comes to {name}");
        }
    }

    [SkippableFact]
    public async Task The_whole_page_weighs_less_than_150_kilobytes()
    {
        var phone = await GuardPhone.OpenAsync(chromium, _site);

        Assert.InRange(await phone.Checks.BytesTransferredAsync(), 10_000, 150_000);
    }

    [SkippableFact]
    public async Task Without_accounts_the_page_tells_an_installer_how_to_make_the_first()
    {
        await using var fresh = await GuardPostSite.StartAsync(withGuards: false);
        var phone = await GuardPhone.OpenAsync(chromium, fresh);

        await phone.SeesAsync("edgegate guard add");
        await phone.PictureAsync("no-accounts");
        Assert.Empty(phone.Checks.Complaints);
    }
}
