using EdgeGate.Service.Passing;
using Microsoft.Playwright;

namespace EdgeGate.SystemTests.GuardPost;

/// <summary>The guard post in a real browser, as a guard uses it. Pictures of every state are left in the test output, folder <c>guard</c>.</summary>
public sealed class GuardPageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly List<string> _complaints = [];
    private GuardPostSite _site = null!;

    public async Task InitializeAsync() => _site = await GuardPostSite.StartAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [SkippableFact]
    public async Task A_guard_signs_in_sees_who_waits_and_lets_them_pass()
    {
        var page = await OpenAsync();
        await PictureAsync(page, "sign-in");
        await SignInAsync(page);
        await Assertions.Expect(page.GetByText("没有人在等候")).ToBeVisibleAsync();
        await PictureAsync(page, "live-calm");

        await _site.SendAsync();
        await Assertions.Expect(page.Locator(".case .name")).ToHaveTextAsync("测**");
        await PictureAsync(page, "live-case");
        await page.GetByRole(AriaRole.Button, new() { Name = "放行", Exact = true }).ClickAsync();
        await PictureAsync(page, "grant-reasons");
        await page.GetByRole(AriaRole.Button, new() { Name = "已核对证件" }).ClickAsync();

        await GuardPostSite.UntilAsync(() => _site.Openings == 1);
        await Assertions.Expect(page.Locator(".case")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator(".list li").First).ToContainTextAsync("li");
        await PictureAsync(page, "live-answered");
        Assert.Empty(_complaints);
    }

    [SkippableFact]
    public async Task Wrong_pins_say_so_and_then_how_long_to_wait()
    {
        var page = await OpenAsync();
        for (var i = 0; i < 6; i++)
        {
            await page.Locator("#account").FillAsync("li");
            await page.Locator("#secret").FillAsync("000000");
            await page.Locator("form button").ClickAsync();
            await Assertions.Expect(page.Locator("form button")).ToBeEnabledAsync();
        }
        await Assertions.Expect(page.GetByText("试错太多")).ToBeVisibleAsync();
        await PictureAsync(page, "locked-out");
    }

    [SkippableFact]
    public async Task Two_guards_see_the_same_case_and_the_second_sees_who_answered()
    {
        var li = await OpenAsync();
        await SignInAsync(li);
        var chen = await OpenAsync(lang: "en");
        await SignInAsync(chen, "chen", GuardPostSite.SupervisorPin);
        await _site.SendAsync();
        await chen.GetByRole(AriaRole.Button, new() { Name = "Refuse" }).ClickAsync();
        await li.GetByRole(AriaRole.Button, new() { Name = "放行", Exact = true }).ClickAsync();
        await li.GetByRole(AriaRole.Button, new() { Name = "认识的住户" }).ClickAsync();
        await Assertions.Expect(chen.Locator(".case")).ToHaveCountAsync(0);

        await chen.GetByRole(AriaRole.Button, new() { Name = "Unwell" }).ClickAsync();

        await Assertions.Expect(chen.Locator("#toast")).ToHaveTextAsync("li has answered: Let pass");
        await PictureAsync(chen, "second-guard");
        Assert.Equal(CaseEnd.Granted, Assert.Single(_site.Lane.Sight.Ended).End);
    }

    [SkippableFact]
    public async Task A_restart_of_the_service_is_noticed_and_after_signing_in_everything_goes_on()
    {
        var page = await OpenAsync();
        await SignInAsync(page);
        await _site.StopAsync();
        await Assertions.Expect(page.GetByText("连接中断")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await PictureAsync(page, "no-connection");
        await _site.StartAgainAsync();
        await Assertions.Expect(page.Locator("#account")).ToBeVisibleAsync(new() { Timeout = 20_000 });

        await SignInAsync(page, opened: true);
        await _site.SendAsync();
        await Assertions.Expect(page.Locator(".case")).ToHaveCountAsync(1);
    }

    [SkippableFact]
    public async Task A_supervisor_opens_once_and_closes_the_lane()
    {
        var page = await OpenAsync();
        await SignInAsync(page, "chen", GuardPostSite.SupervisorPin);
        await page.Locator("button.lane").ClickAsync();
        await PictureAsync(page, "lane-sheet");
        await page.GetByRole(AriaRole.Button, new() { Name = "开门一次" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "婴儿车或轮椅" }).ClickAsync();
        await GuardPostSite.UntilAsync(() => _site.Openings == 1);

        await page.Locator("button.lane").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "关闭", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("button.lane")).ToContainTextAsync("暂停使用");
        Assert.Empty(_complaints);
    }

    private async Task<IPage> OpenAsync(string lang = "zh", ColorScheme scheme = ColorScheme.Dark)
    {
        var page = await chromium.NewPageAsync(390, 844, new() { Locale = lang is "zh" ? "zh-CN" : "en-GB", ColorScheme = scheme, DeviceScaleFactor = 2, HasTouch = true });
        page.Console += (_, message) => { if (message.Type is "error" or "warning") _complaints.Add(message.Text); };
        page.PageError += (_, error) => _complaints.Add(error);
        await page.GotoAsync(_site.Page.ToString());
        await Assertions.Expect(page.Locator("#account")).ToBeVisibleAsync();
        return page;
    }

    private static async Task SignInAsync(IPage page, string guard = "li", string pin = GuardPostSite.Pin, bool opened = false)
    {
        await page.Locator("#account").FillAsync(guard);
        await page.Locator("#secret").FillAsync(pin);
        await page.Locator("#secret").PressAsync("Enter");
        await Assertions.Expect(page.Locator("button.lane")).ToBeVisibleAsync();
        if (opened)
            await Assertions.Expect(page.Locator("#link")).ToBeHiddenAsync();
    }

    private static Task<byte[]> PictureAsync(IPage page, string name) => page.ScreenshotAsync(new()
    {
        Path = Path.Combine(AppContext.BaseDirectory, "guard", name + ".png"), Animations = ScreenshotAnimations.Disabled,
    });
}
