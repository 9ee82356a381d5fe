using EdgeGate.Access;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Rounds;
using EdgeGate.Service.Passing;
using Microsoft.Playwright;

namespace EdgeGate.SystemTests.GuardPost;

/// <summary>The guard post in a real browser: signing in, the live view, and what goes wrong between phone and gate.</summary>
public sealed class GuardPageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private GuardPostSite _site = null!;

    public async Task InitializeAsync() => _site = await GuardPostSite.StartAsync();

    public async Task DisposeAsync()
    {
        await chromium.ClosePagesAsync();
        await _site.DisposeAsync();
    }

    private Task<GuardPhone> OpenAsync(string lang = "zh") => GuardPhone.OpenAsync(chromium, _site, lang);

    [SkippableFact]
    public async Task A_guard_signs_in_sees_who_waits_and_lets_them_pass()
    {
        var phone = await OpenAsync();
        await phone.PictureAsync("sign-in");
        await phone.SignInAsync();
        await phone.SeesAsync("没有人在等候");
        await phone.PictureAsync("live-calm");

        await _site.SendAsync();
        await Assertions.Expect(phone.Page.Locator(".case .name")).ToHaveTextAsync("测**");
        await phone.PictureAsync("live-case");
        await phone.TouchAsync("放行");
        await phone.PictureAsync("grant-reasons");
        await phone.TouchAsync("已核对证件");

        await GuardPostSite.UntilAsync(() => _site.Openings == 1);
        await Assertions.Expect(phone.Page.Locator(".case")).ToHaveCountAsync(0);
        await Assertions.Expect(phone.Page.Locator(".list li").First).ToContainTextAsync("li");
        await phone.PictureAsync("live-answered");
        Assert.Empty(phone.Checks.Complaints);
    }

    [SkippableFact]
    public async Task Somebody_to_be_watched_for_needs_a_supervisors_pin_at_the_guards_phone()
    {
        var phone = await OpenAsync();
        await phone.SignInAsync();
        await _site.SendAsync(number: GuardPostSite.Watched);
        await Assertions.Expect(phone.Page.Locator(".case")).ToContainTextAsync("需班长同意");
        await phone.TouchAsync("放行");
        await phone.TouchAsync("有人陪同");
        await phone.Page.Locator("#supervisor").FillAsync("chen");
        await phone.Page.Locator("#supervisor-pin").FillAsync("00000000");
        await phone.Page.Locator("dialog button.go").ClickAsync();
        await phone.IsToldAsync("班长 PIN 码不对");
        await phone.PictureAsync("supervisor-asked");
        Assert.Equal(0, _site.Openings);

        await phone.Page.Locator("#supervisor-pin").FillAsync(GuardPostSite.SupervisorPin);
        await phone.Page.Locator("dialog button.go").ClickAsync();

        await GuardPostSite.UntilAsync(() => _site.Openings == 1);
    }

    [SkippableFact]
    public async Task Somebody_is_measured_again_and_judged_by_the_new_temperature_then_refused()
    {
        var phone = await OpenAsync();
        await phone.SignInAsync();
        Measure(36.6m, episode: 1);
        var first = await _site.SendAsync(lane: _site.Clinic);
        await Assertions.Expect(phone.Page.Locator(".case")).ToContainTextAsync("36.6 °C");

        await phone.TouchAsync("请再测一次");
        await GuardPostSite.UntilAsync(() => _site.Clinic.Sight.Waiting is null);
        Measure(36.9m, episode: 2);

        await Assertions.Expect(phone.Page.Locator(".case")).ToContainTextAsync("36.9 °C");
        Assert.NotEqual(first.Decision, _site.Clinic.Sight.Waiting!.Decision);
        await phone.TouchAsync("不放行");
        await phone.TouchAsync("其他（请写明）"); // must be written down
        await Assertions.Expect(phone.Page.Locator("#note")).ToBeFocusedAsync();
        await phone.Page.Locator("#note").FillAsync("明天再来");
        await phone.TouchAsync("其他（请写明）");
        await GuardPostSite.UntilAsync(() => _site.Clinic.Sight.Ended.Any(ended => ended.End is CaseEnd.Denied));
        Assert.Empty(phone.Checks.Complaints);

        void Measure(decimal body, long episode) => _site.Clinic.Inputs.Measure(
            new TemperatureEvidence(Celsius.From(body), Celsius.From(body), Celsius.From(25), episode, _site.SinceBoot, _site.SinceBoot));
    }

    [SkippableFact]
    public async Task Wrong_pins_say_so_and_then_how_long_to_wait()
    {
        var phone = await OpenAsync();
        for (var i = 0; i < 6; i++)
        {
            await phone.Page.Locator("#account").FillAsync("li");
            await phone.Page.Locator("#secret").FillAsync("000000");
            await phone.Page.Locator("form button").ClickAsync();
            await Assertions.Expect(phone.Page.Locator("form button")).ToBeEnabledAsync();
        }
        await phone.SeesAsync("试错太多");
        await phone.PictureAsync("locked-out");
    }

    [SkippableFact]
    public async Task Two_guards_see_the_same_case_and_the_second_sees_who_answered()
    {
        var li = await OpenAsync();
        await li.SignInAsync();
        var chen = await OpenAsync(lang: "en");
        await chen.SignInAsSupervisorAsync();
        await _site.SendAsync();
        await chen.TouchAsync("Refuse");
        await li.TouchAsync("放行");
        await li.TouchAsync("认识的住户");
        await Assertions.Expect(chen.Page.Locator(".case")).ToHaveCountAsync(0);

        await chen.TouchAsync("Unwell");

        await chen.IsToldAsync("li has answered: Let pass");
        await chen.PictureAsync("second-guard");
        Assert.Equal(CaseEnd.Granted, Assert.Single(_site.Lane.Sight.Ended).End);
    }

    [SkippableFact]
    public async Task A_restart_of_the_service_is_noticed_and_after_signing_in_everything_goes_on()
    {
        var phone = await OpenAsync();
        await phone.SignInAsync();
        await _site.StopAsync();
        await Assertions.Expect(phone.Page.GetByText("连接中断")).ToBeVisibleAsync();
        await phone.PictureAsync("no-connection");
        await _site.StartAgainAsync();
        await Assertions.Expect(phone.Page.Locator("#account")).ToBeVisibleAsync();

        await phone.SignInAsync();
        await Assertions.Expect(phone.Page.Locator("#link")).ToBeHiddenAsync();
        await _site.SendAsync();
        await Assertions.Expect(phone.Page.Locator(".case")).ToHaveCountAsync(1);
    }

    [SkippableFact]
    public async Task A_phone_that_is_reloaded_without_network_has_the_page_and_what_it_kept_is_sent_once()
    {
        var phone = await OpenAsync();
        await phone.SignInAsync();
        await phone.Page.EvaluateAsync("() => navigator.serviceWorker.ready");
        await phone.TouchAsync("登记");
        await phone.TouchAsync("登记来人");
        await phone.Page.Locator("#number").FillAsync(GuardPostSite.Resident);
        await phone.Page.Locator("#name").FillAsync("测试一");
        await phone.Page.Locator("#unit").FillAsync("3-1-502");
        await phone.Page.Context.SetOfflineAsync(true);
        await phone.Page.Locator("form button[type=submit]").ClickAsync();
        await phone.TouchAsync("way-in · 进");
        await Assertions.Expect(phone.Page.Locator("#link")).ToContainTextAsync("待发送 1 条");
        await phone.PictureAsync("offline");

        await phone.Page.ReloadAsync();
        await Assertions.Expect(phone.Page.Locator("#link")).ToContainTextAsync("待发送 1 条");
        await phone.TouchAsync("巡更");
        await phone.Page.Locator("#place").FillAsync("EGR1:estate/b3-lobby");
        await phone.Page.Locator("#place").PressAsync("Enter");
        await phone.TouchAsync("消毒");
        await Assertions.Expect(phone.Page.Locator("#link")).ToContainTextAsync("待发送 2 条");
        await phone.PictureAsync("offline-reloaded");
        Assert.Empty(_site.Visitors.All);

        await phone.Page.Context.SetOfflineAsync(false);

        await GuardPostSite.UntilAsync(() => _site.Visitors.All.Count == 1 && _site.Rounds.Duties.Any(duty => duty.Last is not null));
        await Assertions.Expect(phone.Page.Locator("#link")).ToBeHiddenAsync();
        Assert.Equal(0, _site.Openings); // the person has passed long ago
    }

    [SkippableFact]
    public async Task Two_first_tabs_keep_forms_that_both_can_send()
    {
        var phone = await OpenAsync();
        await phone.SignInAsync();
        var sent = await phone.Page.EvaluateAsync<int[]>("""
            async () => { // both tabs before either has a key: the same module twice
              const tabs = await Promise.all([import('/guard/outbox.js?tab=1'), import('/guard/outbox.js?tab=2')]);
              await Promise.all(tabs.map(tab => tab.waiting()));
              tabs.forEach(tab => tab.workFor('li'));
              const online = window.fetch;
              window.fetch = () => Promise.reject(new Error('no network'));
              const form = { place: 'b3-lobby', task: 'patrol' };
              for (const tab of tabs)
                await tab.sendOrKeep('round', form, whole => ({ ...whole, enteredAt: new Date().toISOString() }));
              window.fetch = online;
              const { sent, refused } = await tabs[0].flush();
              return [sent, refused.length];
            }
            """);

        Assert.Equal([2, 0], sent);
    }

    [SkippableFact]
    public async Task What_cannot_be_opened_any_more_is_told_and_holds_up_nothing_that_was_entered_after_it()
    {
        var phone = await OpenAsync();
        await phone.SignInAsync();
        var said = await phone.Page.EvaluateAsync<string[]>("""
            async () => {
              const form = { place: 'b3-lobby', task: 'patrol' };
              const online = window.fetch;
              const keepBy = async tab => {
                const outbox = await import('/guard/outbox.js?tab=' + tab);
                outbox.workFor('li');
                window.fetch = () => Promise.reject(new Error('no network'));
                await outbox.sendOrKeep('round', form, whole => ({ ...whole, enteredAt: new Date().toISOString() }));
                window.fetch = online;
                return outbox;
              };
              await keepBy(1);
              await new Promise(done => {
                indexedDB.open('edgegate-guard', 1).onsuccess = ({ target }) =>
                  target.result.transaction('key', 'readwrite').objectStore('key').clear().onsuccess = done;
              });
              const outbox = await keepBy(2);
              const { sent, refused } = await outbox.flush();
              return [String(sent), ...refused.map(failure => failure.word), String((await outbox.waiting()).size)];
            }
            """);

        Assert.Equal(["1", "unreadable", "0"], said);
    }

    [SkippableFact]
    public async Task What_a_guard_entered_without_network_waits_for_that_guard_while_another_works_on_the_phone()
    {
        var phone = await OpenAsync();
        await phone.SignInAsync();
        await RoundWithoutNetworkAsync(phone, "b3-lobby", "消毒", "待发送 1 条");
        var entered = _site.SinceBoot;
        await phone.TouchAsync("退出");
        await phone.Page.Context.SetOfflineAsync(false);

        await phone.SignInAsSupervisorAsync();
        await RoundWithoutNetworkAsync(phone, "north-wall", "巡查", "待发送 1 条");
        await phone.PictureAsync("outbox-of-another-guard");
        await phone.Page.Context.SetOfflineAsync(false);

        await GuardPostSite.UntilAsync(() => Last("north-wall", RoundTask.Patrol) is { By: "chen" });
        Assert.Null(Last("b3-lobby", RoundTask.Disinfection)); // the older of the two: it would have gone first
        await Assertions.Expect(phone.Page.Locator("#link")).ToHaveTextAsync("另有 1 条待发送，需 li 登录", new() { Timeout = 20_000 });
        var waited = _site.SinceBoot - entered;
        await phone.TouchAsync("退出");

        await phone.SignInAsync();

        await GuardPostSite.UntilAsync(() => Last("b3-lobby", RoundTask.Disinfection) is not null);
        var done = Last("b3-lobby", RoundTask.Disinfection)!;
        Assert.Equal("li", done.By);
        Assert.InRange(_site.SinceBoot - done.At.SinceBoot, waited, TimeSpan.FromMinutes(5)); // from when it was entered, not from when it came
        await Assertions.Expect(phone.Page.Locator("#link")).ToBeHiddenAsync(new() { Timeout = 20_000 });
    }

    private RoundDone? Last(string place, RoundTask task) => _site.Rounds.Duties.Single(duty => duty.Place.Id == place && duty.Task == task).Last;

    private static async Task RoundWithoutNetworkAsync(GuardPhone phone, string place, string task, string told)
    {
        await phone.TouchAsync("巡更");
        await phone.SeesAsync("3号楼大堂"); // the list is there: nothing is on its way any more
        await phone.Page.Context.SetOfflineAsync(true);
        await phone.Page.Locator("#place").FillAsync(place);
        await phone.Page.Locator("#place").PressAsync("Enter");
        await phone.TouchAsync(task);
        await Assertions.Expect(phone.Page.Locator("#link")).ToContainTextAsync(told, new() { Timeout = 20_000 });
    }
}
