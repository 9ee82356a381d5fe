using EdgeGate.Access;
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
        await page.Locator("button.lane").First.ClickAsync();
        await PictureAsync(page, "lane-sheet");
        await page.GetByRole(AriaRole.Button, new() { Name = "开门一次" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "婴儿车或轮椅" }).ClickAsync();
        await GuardPostSite.UntilAsync(() => _site.Openings == 1);

        await page.Locator("button.lane").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "关闭", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("button.lane").First).ToContainTextAsync("暂停使用");
        Assert.Empty(_complaints);
    }

    [SkippableFact]
    public async Task Somebody_without_card_or_phone_is_registered_and_passes_by_the_lanes_rules()
    {
        var page = await OpenAsync();
        await SignInAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "登记", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "登记来人" }).ClickAsync();
        await page.Locator("#number").FillAsync("99999919000101001X");
        await Assertions.Expect(page.Locator("#number-hint")).ToHaveTextAsync("校验位不对，请再核对");
        await PictureAsync(page, "register-wrong-number");
        await page.Locator("#number").FillAsync("999999190001010015");
        await Assertions.Expect(page.Locator("#number-hint")).ToHaveTextAsync("✓");
        await page.Locator("#name").FillAsync("测试一");
        await page.Locator("#unit").FillAsync("3-1-502");
        await page.GetByRole(AriaRole.Button, new() { Name = "送货" }).ClickAsync();
        await page.Locator("form button[type=submit]").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "way-in" }).ClickAsync();

        await GuardPostSite.UntilAsync(() => _site.Openings == 1);
        await Assertions.Expect(page.Locator(".list li").Filter(new() { HasText = "3-1-502" })).ToBeVisibleAsync();
        await PictureAsync(page, "visitors");
        Assert.Empty(_complaints);
    }

    [SkippableFact]
    public async Task What_is_entered_without_network_is_sent_once_when_it_is_back()
    {
        var page = await OpenAsync();
        await SignInAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "登记", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "登记来人" }).ClickAsync();
        await page.Locator("#number").FillAsync("999999190001010015");
        await page.Locator("#name").FillAsync("测试一");
        await page.Locator("#unit").FillAsync("3-1-502");
        await page.Context.SetOfflineAsync(true);
        await page.Locator("form button[type=submit]").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "way-in" }).ClickAsync();
        await Assertions.Expect(page.Locator("#link")).ToContainTextAsync("待发送 1 条", new() { Timeout = 20_000 });
        await PictureAsync(page, "offline");
        Assert.Empty(_site.Visitors.All);

        await page.Context.SetOfflineAsync(false);

        await GuardPostSite.UntilAsync(() => _site.Visitors.All.Count == 1);
        await Assertions.Expect(page.Locator("#link")).ToBeHiddenAsync(new() { Timeout = 20_000 });
        Assert.Equal(0, _site.Openings); // the person has passed long ago
    }

    [SkippableFact]
    public async Task A_wedge_scanner_reads_for_the_handheld_lane()
    {
        var page = await OpenAsync();
        await SignInAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "扫码", Exact = true }).ClickAsync();
        await page.Keyboard.TypeAsync("EDGE-0001\n"); // as a wedge scanner does
        await Assertions.Expect(page.Locator(".answer[data-face=granted]")).ToBeVisibleAsync();
        await PictureAsync(page, "scan-granted");
        await Assertions.Expect(page.Locator(".answer")).ToBeHiddenAsync();
        await page.Keyboard.TypeAsync("NOBODYS-1\n");
        await Assertions.Expect(page.Locator(".answer[data-face=denied]")).ToBeVisibleAsync();
        await PictureAsync(page, "scan-denied");
        Assert.Empty(_complaints);
    }

    [SkippableFact]
    public async Task The_shift_is_handed_over_with_a_note_and_the_day_in_numbers()
    {
        for (var person = 0; person < 7; person++)
            await _site.Lanes.All[1].Inputs.PresentAsync("phone", new Credential.Code($"EDGE-{person}"), CancellationToken.None);
        var page = await OpenAsync(scheme: ColorScheme.Light);
        await SignInAsync(page, "chen", GuardPostSite.SupervisorPin);
        await page.GetByRole(AriaRole.Button, new() { Name = "交班", Exact = true }).ClickAsync();
        await page.Locator("#note-text").FillAsync("北门灯坏了，已报修");
        await page.GetByRole(AriaRole.Button, new() { Name = "写入" }).ClickAsync();

        await Assertions.Expect(page.Locator(".list li")).ToContainTextAsync("北门灯坏了");
        await Assertions.Expect(page.Locator("svg.chart")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("进 7")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#toast")).ToBeHiddenAsync(new() { Timeout = 10_000 });
        await page.ScreenshotAsync(new() { Path = PathOf("shift-day"), FullPage = true });
        Assert.Empty(_complaints);
    }

    /// <summary>WCAG 2.2: contrast (1.4.3), target size, names of controls; and nothing wider than the phone. On every view, by day and by night.</summary>
    [SkippableTheory]
    [InlineData(ColorScheme.Dark, "zh"), InlineData(ColorScheme.Light, "en")]
    public async Task Every_view_can_be_read_touched_and_heard(ColorScheme scheme, string lang)
    {
        var page = await OpenAsync(lang, scheme);
        var faults = new List<string>();
        async Task LookAsync(string view) => faults.AddRange((await page.EvaluateAsync<string[]>(PageFaults.Script)).Select(fault => $"{view}: {fault}"));
        await LookAsync("sign-in");
        await SignInAsync(page);
        await _site.SendAsync();
        await Assertions.Expect(page.Locator(".case")).ToHaveCountAsync(1);
        await LookAsync("live");
        await PictureAsync(page, $"live-{lang}-{scheme}");
        await page.Locator(".case button.go").ClickAsync();
        await LookAsync("reasons");
        await page.Keyboard.PressAsync("Escape");
        for (var tab = 1; tab < 4; tab++)
        {
            await page.Locator("nav button").Nth(tab).ClickAsync();
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle, new() { Timeout = 500 }).ContinueWith(_ => { }, TaskScheduler.Default); // the stream keeps it busy
            await LookAsync($"tab {tab}");
            if (tab == 1)
            {
                await page.Locator("main button").First.ClickAsync();
                await LookAsync("register");
                await page.Keyboard.PressAsync("Escape");
            }
        }
        Assert.Empty(faults);
    }

    [SkippableFact]
    public async Task The_whole_page_weighs_less_than_150_kilobytes()
    {
        var page = await OpenAsync();
        var bytes = await page.EvaluateAsync<long>("() => performance.getEntries().filter(entry => 'transferSize' in entry).reduce((sum, entry) => sum + entry.transferSize, 0)");
        Assert.InRange(bytes, 10_000, 150_000);
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
        await Assertions.Expect(page.Locator("button.lane").First).ToBeVisibleAsync();
        if (opened)
            await Assertions.Expect(page.Locator("#link")).ToBeHiddenAsync();
    }

    private static Task<byte[]> PictureAsync(IPage page, string name) => page.ScreenshotAsync(new() { Path = PathOf(name), Animations = ScreenshotAnimations.Disabled });

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "guard", name.ToLowerInvariant() + ".png");
}
