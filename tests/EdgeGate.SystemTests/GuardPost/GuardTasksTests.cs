using EdgeGate.Access;
using EdgeGate.Messages.Records;
using Microsoft.Playwright;

namespace EdgeGate.SystemTests.GuardPost;

/// <summary>A guard's work beside the lanes, in a real browser: visitors, rounds, deliveries, lanes, the shift.</summary>
public sealed class GuardTasksTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private GuardPostSite _site = null!;

    public async Task InitializeAsync() => _site = await GuardPostSite.StartAsync();

    public async Task DisposeAsync()
    {
        await chromium.ClosePagesAsync();
        await _site.DisposeAsync();
    }

    private Task<GuardPhone> OpenAsync(string lang = "zh", ColorScheme scheme = ColorScheme.Dark) => GuardPhone.OpenAsync(chromium, _site, lang, scheme);

    [SkippableFact]
    public async Task A_supervisor_opens_once_closes_the_lane_and_gives_it_back_to_its_hours()
    {
        var phone = await OpenAsync();
        await phone.SignInAsSupervisorAsync();
        var lane = phone.Page.Locator("button.lane").First;
        await lane.ClickAsync();
        await phone.PictureAsync("lane-sheet");
        await phone.TouchAsync("开门一次");
        await phone.TouchAsync("婴儿车或轮椅");
        await GuardPostSite.UntilAsync(() => _site.Openings == 1);

        await lane.ClickAsync();
        await phone.TouchAsync("关闭");
        await Assertions.Expect(lane).ToContainTextAsync("通道关闭");
        Assert.False(_site.Lane.Mode.FollowsHours);

        await lane.ClickAsync();
        await Assertions.Expect(phone.Button("关闭")).ToHaveAttributeAsync("aria-pressed", "true");
        await phone.TouchAsync("按时间表");
        await Assertions.Expect(lane).Not.ToContainTextAsync("通道关闭");
        Assert.True(_site.Lane.Mode.FollowsHours);
        Assert.Empty(phone.Checks.Complaints);
    }

    [SkippableFact]
    public async Task Somebody_without_card_or_phone_is_registered_passes_gets_a_pass_and_is_checked_out()
    {
        var phone = await OpenAsync();
        await phone.SignInAsync();
        await phone.TouchAsync("登记");
        await phone.TouchAsync("登记来人");
        await phone.Page.Locator("#number").FillAsync("99999919000101001X");
        await Assertions.Expect(phone.Page.Locator("#number-hint")).ToHaveTextAsync("校验位不对，请再核对");
        await phone.PictureAsync("register-wrong-number");
        await phone.Page.Locator("#number").FillAsync("999999190001010031");
        await Assertions.Expect(phone.Page.Locator("#number-hint")).ToHaveTextAsync("✓");
        await phone.Page.Locator("#name").FillAsync("测试一");
        await phone.Page.Locator("#unit").FillAsync("3-1-502");
        await phone.TouchAsync("施工维修");
        await phone.Page.Locator("#companions").FillAsync("2");
        await phone.Page.Locator("form button[type=submit]").ClickAsync();
        await phone.TouchAsync("way-in · 进");
        await GuardPostSite.UntilAsync(() => _site.Openings == 1);
        await Assertions.Expect(phone.Line("3-1-502")).ToContainTextAsync("同行 2 人");
        await phone.PictureAsync("visitors");

        await phone.TouchAsync("通行证");
        await Assertions.Expect(phone.Page.Locator(".pass svg")).ToBeVisibleAsync();
        Assert.StartsWith("M4 4h1", await phone.Page.Locator(".pass svg path").GetAttributeAsync("d"), StringComparison.Ordinal); // a corner of the code, behind its quiet zone
        await phone.PictureAsync("pass");
        await phone.Page.EmulateMediaAsync(new() { Media = Media.Print });
        await Assertions.Expect(phone.Page.Locator("main")).ToBeHiddenAsync(); // a pass is printed alone
        await Assertions.Expect(phone.Page.Locator(".pass svg")).ToBeVisibleAsync();
        await phone.PictureAsync("pass-printed");
        await phone.Page.EmulateMediaAsync(new() { Media = Media.Screen });
        await phone.TouchAsync("返回");

        await phone.TouchAsync("签退");
        await Assertions.Expect(phone.Line("3-1-502")).ToContainTextAsync("已离开");
        await phone.TouchAsync("再次来访"); // one touch, no typing
        await phone.TouchAsync("way-in · 进");
        await Assertions.Expect(phone.Line("3-1-502")).ToContainTextAsync("还在里面");
        Assert.Empty(phone.Checks.Complaints);
    }

    [SkippableFact]
    public async Task A_guard_who_opens_once_is_asked_for_whom_where_a_visitor_was_refused_and_the_visitor_is_inside_then()
    {
        var phone = await OpenAsync();
        await phone.SignInAsync();
        _site.Lane.Mode.Set(PortalMode.ExitOnly); // nobody comes in, but by a guard
        await phone.TouchAsync("登记");
        await phone.TouchAsync("登记来人");
        await phone.Page.Locator("#number").FillAsync("999999190001010031");
        await phone.Page.Locator("#name").FillAsync("测试一");
        await phone.Page.Locator("#unit").FillAsync("3-1-502");
        await phone.Page.Locator("form button[type=submit]").ClickAsync();
        await phone.TouchAsync("way-in · 进");
        await Assertions.Expect(phone.Line("3-1-502")).ToContainTextAsync("尚未通行");

        await phone.TouchAsync("通道");
        await phone.Page.Locator("button.lane").First.ClickAsync();
        await phone.TouchAsync("开门一次");
        await Assertions.Expect(phone.Button("其他人")).ToBeVisibleAsync();
        await phone.PictureAsync("open-for-whom");
        await phone.TouchAsync("测** · 3-1-502");
        await phone.TouchAsync("紧急情况");
        await GuardPostSite.UntilAsync(() => _site.Openings == 1);
        await Assertions.Expect(phone.Page.Locator("dialog[open]")).ToHaveCountAsync(0);

        await phone.TouchAsync("登记");
        await Assertions.Expect(phone.Line("3-1-502")).ToContainTextAsync("还在里面");
        Assert.Empty(phone.Checks.Complaints);
    }

    [SkippableFact]
    public async Task Who_was_announced_is_expected_and_a_resident_is_found_by_unit_or_name()
    {
        var phone = await OpenAsync(scheme: ColorScheme.Light);
        await phone.SignInAsync();
        await phone.TouchAsync("登记");
        await phone.TouchAsync("有人要来");
        await phone.Page.Locator("#unit").FillAsync("3-2-101");
        await phone.Page.Locator("#name").FillAsync("测试二");
        await phone.Page.Locator("dialog form button[type=submit]").ClickAsync();
        await Assertions.Expect(phone.Line("3-2-101")).ToContainTextAsync("预约");
        await phone.TouchAsync("到了");
        await Assertions.Expect(phone.Page.Locator("#unit")).ToHaveValueAsync("3-2-101");
        await phone.TouchAsync("取消");

        foreach (var find in new[] { "3-1", "测" })
        {
            await phone.Page.Locator("#find").FillAsync(find);
            await Assertions.Expect(phone.Line("3-1-502")).ToContainTextAsync("测**");
        }
        await phone.PictureAsync("find-resident");
        await phone.TouchAsync("本人在此");
        await phone.TouchAsync("way-in · 进");
        await GuardPostSite.UntilAsync(() => _site.Openings == 1);
        Assert.Empty(phone.Checks.Complaints);
    }

    [SkippableFact]
    public async Task A_wedge_scanner_reads_for_the_handheld_lane()
    {
        var phone = await OpenAsync();
        await phone.SignInAsync();
        await phone.TouchAsync("扫码");
        await phone.Page.Keyboard.TypeAsync("EDGE-0001\n"); // as a wedge scanner does
        await Assertions.Expect(phone.Page.Locator(".answer[data-face=granted]")).ToBeVisibleAsync();
        await phone.PictureAsync("scan-granted");
        await Assertions.Expect(phone.Page.Locator(".answer")).ToBeHiddenAsync();
        await phone.Page.Keyboard.TypeAsync("NOBODYS-1\n");
        await Assertions.Expect(phone.Page.Locator(".answer[data-face=denied]")).ToBeVisibleAsync();
        await phone.PictureAsync("scan-denied");
        await phone.SeesAsync("闸机上也没有安装识别模块"); // Chromium on Debian reads no codes by camera
        Assert.Empty(phone.Checks.Complaints);
    }

    [SkippableFact]
    public async Task A_round_is_a_scan_and_a_task_and_what_is_overdue_is_no_more()
    {
        var phone = await OpenAsync();
        await phone.SignInAsync();
        await phone.TouchAsync("巡更");
        await Assertions.Expect(phone.Page.Locator(".due.over")).ToHaveCountAsync(3);
        await Assertions.Expect(phone.Page.Locator(".list li")).ToHaveCountAsync(3); // nobody must disinfect a wall
        await phone.PictureAsync("rounds-overdue");
        await phone.Page.Keyboard.TypeAsync("EGR1:estate/b3-lobby\n");
        await phone.SeesAsync("做了什么？");
        await phone.PictureAsync("round-task");
        await phone.TouchAsync("消毒");

        await Assertions.Expect(phone.Page.Locator(".due.over")).ToHaveCountAsync(2);
        await Assertions.Expect(phone.Line("3号楼大堂 · 消毒")).ToContainTextAsync("24 小时后");
        await Assertions.Expect(phone.Page.Locator("#place")).ToBeFocusedAsync(); // for the next place
        await phone.Page.Keyboard.TypeAsync("nowhere\n");
        await phone.IsToldAsync("没有这个巡更点");
        await phone.PictureAsync("rounds");
        Assert.Equal(RoundTask.Disinfection, Assert.Single(_site.Rounds.Duties, duty => duty.Last is not null).Task);
        Assert.Empty(phone.Checks.Complaints);
    }

    [SkippableFact]
    public async Task A_delivery_is_announced_comes_is_disinfected_and_stands_and_a_second_guard_sees_it()
    {
        var phone = await OpenAsync(scheme: ColorScheme.Light);
        await phone.SignInAsync();
        await phone.TouchAsync("快递");
        await phone.TouchAsync("住户预告");
        await phone.Page.Locator("#unit").FillAsync("3-1-502");
        await phone.Page.Locator("dialog form button[type=submit]").ClickAsync();
        await Assertions.Expect(phone.Line("3-1-502")).ToContainTextAsync("已预告");
        await phone.TouchAsync("到了");
        await Assertions.Expect(phone.Line("3-1-502")).ToContainTextAsync("3 号楼 1 号格");

        await phone.TouchAsync("到货登记");
        await phone.TouchAsync("5");
        await phone.Page.Locator("#unit").FillAsync("5-2-101");
        await phone.Page.Locator("#phone").FillAsync("138 1234 5678");
        await phone.PictureAsync("delivery-form");
        await phone.Page.Locator("dialog form button[type=submit]").ClickAsync();
        await Assertions.Expect(phone.Line("5-2-101")).ToContainTextAsync("138****5678");
        await phone.Line("3-1-502").GetByRole(AriaRole.Button, new() { Name = "已消毒" }).ClickAsync();
        await Assertions.Expect(phone.Line("3-1-502")).ToContainTextAsync("静置还需 29:");
        await phone.PictureAsync("deliveries");

        var other = await OpenAsync(lang: "en");
        await other.SignInAsSupervisorAsync();
        await other.TouchAsync("Parcels");
        await Assertions.Expect(other.Line("3-1-502")).ToContainTextAsync("Stands for 29:");
        await other.Line("5-2-101").GetByRole(AriaRole.Button, new() { Name = "Send back" }).ClickAsync();
        await other.TouchAsync("Confirm");
        await Assertions.Expect(other.Line("5-2-101")).ToContainTextAsync("Sent back");
        Assert.Empty(phone.Checks.Complaints);
        Assert.Empty(other.Checks.Complaints);
    }

    [SkippableFact]
    public async Task The_shift_is_handed_over_with_a_note_and_the_day_in_numbers()
    {
        for (var person = 0; person < 7; person++)
            await _site.Handheld.Inputs.PresentAsync("phone", new Credential.Code($"EDGE-{person}"), CancellationToken.None);
        var phone = await OpenAsync(scheme: ColorScheme.Light);
        await phone.SignInAsSupervisorAsync();
        await phone.TouchAsync("交班");
        await phone.Page.Locator("#note-text").FillAsync("北门灯坏了，已报修");
        await phone.TouchAsync("写入");

        await Assertions.Expect(phone.Page.Locator(".list li")).ToContainTextAsync("北门灯坏了");
        await Assertions.Expect(phone.Page.Locator("svg.chart")).ToBeVisibleAsync();
        await phone.SeesAsync("进 7");
        var csv = await phone.Page.RunAndWaitForDownloadAsync(() => phone.Page.GetByText("CSV").ClickAsync());
        Assert.StartsWith("edgegate-", csv.SuggestedFilename, StringComparison.Ordinal);
        await phone.TouchAsync("更正在场人数");
        await phone.Page.Locator("#count").FillAsync("12");
        await phone.Page.Locator("dialog form button[type=submit]").ClickAsync();
        await Assertions.Expect(phone.Page.Locator("#inside")).ToHaveTextAsync("在场 12 人");
        await Assertions.Expect(phone.Page.Locator("#toast")).ToBeHiddenAsync();
        await phone.PictureAsync("shift-day", whole: true);
        Assert.Empty(phone.Checks.Complaints);
    }
}
